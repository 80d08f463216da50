//! The audiences that mean this database, and the tokens that are for one of them.
//!
//! One issuer signs the tokens of many resources with one key. Only the claim `aud` tells for which of them a token is.

use super::claims::Claims;
use super::session::Kind;

/// Resource indicators, or client ids of environments. Without any, no token is for this database.
#[derive(Default)]
pub struct Audiences(Vec<Box<str>>);

impl Audiences {
    pub fn new<'a>(accepted: impl IntoIterator<Item = &'a str>) -> Audiences {
        Audiences(accepted.into_iter().map(Box::from).collect())
    }

    /// Whether the token is for one of these audiences, exactly. A token without an audience is for none.
    pub fn include(&self, claims: &Claims) -> bool {
        claims.aud.iter().flatten().any(|aud| self.0.contains(aud))
    }

    /// Whether the token counts nowhere: it was issued to an application, and is for audiences that are not among these,
    /// or for one that cannot be read. While these are none, only [`Audiences::include`] tells the difference.
    pub fn exclude(&self, claims: &Claims) -> bool {
        let of_an_application = matches!(claims.kind, Kind::Oauth | Kind::Application);
        of_an_application && claims.has_aud && !self.0.is_empty() && !self.include(claims)
    }
}
