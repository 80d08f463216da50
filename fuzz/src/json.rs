//! A simple, recursive JSON parser that follows RFC 8259 exactly.

/// A value, and its text.
#[derive(Debug, PartialEq)]
pub struct Json<'a> {
    pub text: &'a str,
    pub value: Value<'a>,
}

#[derive(Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool,
    Number,
    String(Text),
    Array(Vec<Json<'a>>),
    /// Every member, in order, including duplicate names.
    Object(Vec<(Text, Json<'a>)>),
}

/// A string's content; `None` if it holds half of a surrogate pair.
type Text = Option<String>;

/// A whole text: its value, and special characters of its strings.
pub struct Document<'a> {
    pub root: Json<'a>,
    pub odd: Option<Odd>,
    pub escapes_beyond_ascii: bool,
    pub depth: usize,
}

/// Which of these a text holds first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Odd {
    Nul,
    LoneSurrogate,
}

impl<'a> Document<'a> {
    /// `None` if the text is not JSON.
    pub fn parse(text: &'a str) -> Option<Document<'a>> {
        let mut parser = Parser { text, at: 0, odd: None, escapes_beyond_ascii: false, depth: 0, deepest: 0 };
        parser.space();
        let root = parser.value()?;
        parser.space();
        let Parser { odd, escapes_beyond_ascii, deepest: depth, .. } = parser;
        (parser.at == text.len()).then_some(Document { root, odd, escapes_beyond_ascii, depth })
    }
}

impl<'a> Json<'a> {
    /// The members of an object, if every name is valid text.
    pub fn members(&self) -> Option<Vec<(&str, &Json<'a>)>> {
        let Value::Object(members) = &self.value else { return None };
        members.iter().map(|(name, value)| Some((name.as_deref()?, value))).collect()
    }

    /// The last member of that name.
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.members()?.into_iter().rev().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    pub fn doubled_name(&self) -> bool {
        let members = self.members().unwrap_or_default();
        members.iter().enumerate().any(|(i, (name, _))| members[..i].iter().any(|(other, _)| other == name))
    }

    pub fn string(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { text.as_deref() } else { None }
    }

    /// The string of that name, if it is one and not `""`.
    pub fn string_claim(&self, name: &str) -> Option<&str> {
        self.get(name)?.string().filter(|text| !text.is_empty())
    }

    /// An array that holds only strings.
    pub fn strings(&self) -> Option<Vec<&str>> {
        self.elements()?.iter().map(Json::string).collect()
    }

    pub fn elements(&self) -> Option<&[Json<'a>]> {
        if let Value::Array(elements) = &self.value { Some(elements) } else { None }
    }

    pub fn is_number(&self) -> bool {
        self.value == Value::Number
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    odd: Option<Odd>,
    escapes_beyond_ascii: bool,
    depth: usize,
    deepest: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn skip(&mut self, which: impl Fn(u8) -> bool) -> usize {
        let start = self.at;
        while self.peek().is_some_and(&which) {
            self.at += 1;
        }
        self.at - start
    }

    fn space(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self) -> Option<Json<'a>> {
        let start = self.at;
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let value = match self.peek()? {
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool),
            b'f' => self.word("false", Value::Bool),
            b'"' => self.string().map(Value::String),
            b'[' => self.list(b'[', b']', Self::value).map(Value::Array),
            b'{' => self.list(b'{', b'}', Self::member).map(Value::Object),
            _ => self.number().map(|()| Value::Number),
        }?;
        self.depth -= 1;
        Some(Json { text: &self.text[start..self.at], value })
    }

    fn list<T>(&mut self, open: u8, close: u8, element: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut elements = Vec::new();
        self.take(open)?;
        self.space();
        if self.take(close).is_some() {
            return Some(elements);
        }
        loop {
            self.space();
            elements.push(element(self)?);
            self.space();
            if self.take(close).is_some() {
                return Some(elements);
            }
            self.take(b',')?;
        }
    }

    fn member(&mut self) -> Option<(Text, Json<'a>)> {
        let name = self.string()?;
        self.space();
        self.take(b':')?;
        self.space();
        Some((name, self.value()?))
    }

    fn number(&mut self) -> Option<()> {
        let digit = |byte: u8| byte.is_ascii_digit();
        let _ = self.take(b'-');
        if self.take(b'0').is_none() && self.skip(digit) == 0 {
            return None;
        }
        if self.take(b'.').is_some() && self.skip(digit) == 0 {
            return None;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            if self.skip(digit) == 0 {
                return None;
            }
        }
        Some(())
    }

    /// Decodes through UTF-16, whose decoder detects a lone surrogate.
    fn string(&mut self) -> Option<Text> {
        self.take(b'"')?;
        // Which of the units were written as \u: raw characters are never surrogates.
        let mut units = Vec::new();
        loop {
            let character = self.text[self.at..].chars().next()?;
            self.at += character.len_utf8();
            match character {
                '"' => break,
                '\0'..='\x1f' => return None,
                '\\' => units.push(self.escape()?),
                _ => units.extend(character.encode_utf16(&mut [0; 2]).iter()),
            }
        }
        let mut content = String::new();
        let mut lone = false;
        for decoded in char::decode_utf16(units) {
            let odd = match decoded {
                Ok('\0') => Some(Odd::Nul),
                Ok(_) => None,
                Err(_) => Some(Odd::LoneSurrogate),
            };
            self.odd = self.odd.or(odd);
            lone |= decoded.is_err();
            content.extend(decoded);
        }
        Some((!lone).then_some(content))
    }

    fn escape(&mut self) -> Option<u16> {
        let kind = self.peek()?;
        self.at += 1;
        Some(match kind {
            b'"' | b'\\' | b'/' => kind.into(),
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let mut unit = 0;
                for _ in 0..4 {
                    let digit = char::from(self.peek()?).to_digit(16)?;
                    unit = unit * 16 + digit as u16;
                    self.at += 1;
                }
                self.escapes_beyond_ascii |= unit > 0x7f;
                unit
            }
            _ => return None,
        })
    }
}
