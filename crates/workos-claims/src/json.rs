//! Checks whether a text is a claims object. All functions run in linear time and without recursion, so that no
//! text can exhaust the stack of a backend.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of a JSON object, with decoded names and raw values. If a name occurs twice, the last member is used,
/// as in `jsonb`.
pub type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Why a text is not a claims object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    NotJson,
    NotAnObject,
    /// A string holds `\u0000`, which a Postgres text cannot store.
    Nul,
    /// A string holds half of a UTF-16 surrogate pair, which is not a character.
    LoneSurrogate,
}

/// A well-formed claims object.
#[derive(Debug)]
pub struct ClaimsText<'a> {
    pub members: Object<'a>,
    /// A string holds an escape above `\u007f`. In SQL_ASCII this character does not exist.
    pub escapes_beyond_ascii: bool,
    /// Two members have the same name. Other readers may use another one of them.
    pub repeats_a_name: bool,
}

/// Reads a claims object. JSON `null` means an anonymous request: `Ok(None)`.
///
/// A string that Postgres cannot store makes the whole text invalid. Otherwise one reader could skip the string and
/// another could truncate it, and they would see two different users.
pub fn claims_text(text: &str) -> Result<Option<ClaimsText<'_>>, Broken> {
    let Ok(Members { members, count }) = serde_json::from_str(text) else { return no_object(text) };
    let escapes_beyond_ascii = check_escapes(text.as_bytes())?;
    let repeats_a_name = members.len() < count;
    Ok(Some(ClaimsText { members, escapes_beyond_ascii, repeats_a_name }))
}

/// Why a text cannot be read as an object.
#[cold]
fn no_object(text: &str) -> Result<Option<ClaimsText<'_>>, Broken> {
    let whole: &RawValue = serde_json::from_str(text).map_err(|_| Broken::NotJson)?;
    match whole.get().as_bytes() {
        b"null" => return Ok(None),
        [b'{', ..] => {}
        _ => return Err(Broken::NotAnObject),
    }
    // A name was not valid text. Values are parsed only when they are read.
    check_escapes(whole.get().as_bytes())?;
    Err(Broken::NotJson)
}

/// The members of an object, and how many there were including duplicates.
struct Members<'a> {
    members: Object<'a>,
    count: usize,
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members { members: Object::new(), count: 0 })
    }
}

impl<'de> Visitor<'de> for Members<'de> {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some((name, value)) = map.next_entry()? {
            self.members.insert(name, value);
            self.count += 1;
        }
        Ok(self)
    }
}

/// The members of an object, or `None` if the value has another type.
pub fn object(value: &RawValue) -> Option<Object<'_>> {
    serde_json::from_str(value.get()).ok()
}

/// A string, or `None` if the value has another type or is `""`. A JWT template that quotes a missing value renders
/// `""`.
pub fn string(value: &RawValue) -> Option<Box<str>> {
    let string: Box<str> = serde_json::from_str(value.get()).ok()?;
    (!string.is_empty()).then_some(string)
}

/// What a JWT template renders for a quoted missing value.
pub fn is_null_or_empty(value: &RawValue) -> bool {
    value.get() == "null" || value.get() == "\"\""
}

/// An array that holds only strings, or `None`.
pub fn strings(value: &RawValue) -> Option<Vec<Box<str>>> {
    serde_json::from_str(value.get()).ok()
}

/// A number of any size. A value that does not fit into a double becomes infinite.
pub fn number(value: &RawValue) -> Option<f64> {
    let text = value.get();
    let numeric = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    numeric.then(|| text.parse().ok()).flatten()
}

/// Checks every `\u` escape of a valid JSON text, in which a backslash can occur only inside a string. Returns
/// whether one of them is beyond ASCII.
fn check_escapes(json: &[u8]) -> Result<bool, Broken> {
    let mut beyond_ascii = false;
    let mut rest = json;
    while let Some(at) = rest.iter().position(|&b| b == b'\\') {
        let Some(unit) = escaped_unit(&rest[at..]) else {
            rest = &rest[at + 2..];
            continue;
        };
        rest = &rest[at + 6..];
        match unit {
            0 => return Err(Broken::Nul),
            0xd800..=0xdbff => match escaped_unit(rest) {
                Some(0xdc00..=0xdfff) => rest = &rest[6..],
                _ => return Err(Broken::LoneSurrogate),
            },
            0xdc00..=0xdfff => return Err(Broken::LoneSurrogate),
            _ => {}
        }
        beyond_ascii |= unit > 0x7f;
    }
    Ok(beyond_ascii)
}

/// The UTF-16 code unit of the `\uXXXX` that these bytes start with.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let hex = bytes.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}
