//! The trusted issuers, each with its signing keys.

use super::audience::Audiences;
use super::jwks::KeySet;

#[derive(Default)]
pub struct Issuers {
    trusted: Vec<Issuer>,
    any: bool,
    /// Whom a token may be for.
    pub audiences: Audiences,
}

/// In the place of an issuer, and alone: claims of any issuer count that somebody else has verified.
pub const ANY: &str = "*";
/// In the place of an issuer: those beside it count, and no other. So if it stands alone, none does.
pub const NONE: &str = "-";

pub struct Issuer {
    url: Box<str>,
    pub keys: KeySet,
}

impl Issuers {
    /// If a key set does not parse, the issuer is known but has no keys, so none of its tokens is accepted.
    pub fn new<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Issuers {
        let issuer = |(url, jwks)| Issuer {
            url: without_slash(url).into(),
            keys: KeySet::parse(jwks).unwrap_or_default(),
        };
        let rows: Vec<_> = rows.into_iter().collect();
        let any = matches!(rows[..], [(ANY, _)]);
        let trusted = rows.into_iter().filter(|(url, _)| ![ANY, NONE].contains(url)).map(issuer).collect();
        Issuers { trusted, any, audiences: Audiences::default() }
    }

    pub fn accepting(self, audiences: Audiences) -> Issuers {
        Issuers { audiences, ..self }
    }

    /// Any issuer is accepted if [`ANY`] is the only row. Without a row, no issuer is accepted.
    pub fn any(&self) -> bool {
        self.any
    }

    /// The trusted issuer that the claim `iss` names. The text must be equal, except for one slash at the end.
    pub fn find(&self, iss: &str) -> Option<&Issuer> {
        self.trusted.iter().find(|issuer| *issuer.url == *without_slash(iss))
    }
}

impl Issuer {
    /// The client id at the end of the issuer's URL, if there is one.
    pub fn client_id(&self) -> Option<&str> {
        self.url.rsplit('/').next().filter(|end| end.starts_with("client_"))
    }
}

fn without_slash(url: &str) -> &str {
    url.strip_suffix('/').unwrap_or(url)
}

/// Whether this is a valid issuer, in the form in which it is stored: an http(s) URL in ASCII without a slash at
/// the end.
pub fn is_issuer(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    !host.is_empty() && !host.ends_with('/') && host.bytes().all(|byte| byte.is_ascii_graphic())
}
