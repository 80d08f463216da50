//! The claims that WorkOS defines. They are read once from the JSON text and copied, so nothing here borrows the text.

use std::time::{SystemTime, UNIX_EPOCH};

use super::json::{self, Broken, ClaimsText, Object};
use super::session::Kind;

/// Microseconds since 2000-01-01 UTC, the clock of Postgres. `MIN` and `MAX` are the infinities.
pub type Micros = i64;

const UNIX_TO_POSTGRES_SECONDS: f64 = 946_684_800.0;
/// The first and the last instant that a `timestamptz` can hold.
const TIMESTAMP_RANGE: std::ops::Range<f64> = -211_813_488_000_000_000.0..9_223_371_331_200_000_000.0;
/// The maximum length of claims in bytes. Parsing takes many times the memory of the text.
pub const LONGEST: usize = 1 << 20;
/// The same as in PostgREST.
const GRACE: Micros = 30_000_000;

/// The time now, as [`Claims::in_force`] takes it.
pub fn now() -> Micros {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    };
    micros(seconds)
}

/// One claims object. A claim of the wrong type, and a string claim that is `""`, is absent.
#[derive(Debug)]
pub struct Claims {
    pub iss: Option<Box<str>>,
    pub sub: Option<Box<str>>,
    pub sid: Option<Box<str>>,
    pub org_id: Option<Box<str>>,
    /// The JWT template for Supabase puts the WorkOS role here, because PostgREST overwrites `role`.
    pub user_role: Option<Box<str>>,
    /// Only from a verified token. In the claims that a gateway sets, `role` is a Postgres role.
    pub role: Option<Box<str>>,
    pub roles: Option<Vec<Box<str>>>,
    pub permissions: Option<Vec<Box<str>>>,
    pub entitlements: Option<Vec<Box<str>>>,
    pub feature_flags: Option<Vec<Box<str>>>,
    /// `act.sub`
    pub actor: Option<Box<str>>,
    /// There is a claim `act` of any shape: another person acts as the user, even if the token does not name that person.
    pub has_actor: bool,
    /// There is a claim `scope` of any value. Only tokens that were issued to an application have one.
    pub has_scope: bool,
    /// The granted scopes as they came, if they have the form of RFC 6749, section 3.3: each is of printable ASCII without
    /// `"` and `\`, and single spaces separate them. A claim of any other form grants nothing. See [`Claims::scopes`].
    pub scope: Option<Box<str>>,
    /// There is a claim `aud` of any value.
    pub has_aud: bool,
    /// Whom the token is for: a string is a list of one. See [`super::audience`].
    pub aud: Option<Vec<Box<str>>>,
    /// The application that the token was issued to.
    pub client_id: Option<Box<str>>,
    pub iat: Option<Micros>,
    pub exp: Option<Micros>,
    pub auth_time: Option<Micros>,
    pub kind: Kind,
    /// Every top-level claim by name: a string's content, any other value as its JSON text.
    texts: Vec<(Box<str>, Box<str>)>,
    in_force_from: Micros,
    in_force_until: Micros,
    pub escapes_beyond_ascii: bool,
}

impl Claims {
    /// Reads a claims object; JSON `null` gives `None`.
    pub fn parse(text: &str) -> Result<Option<Claims>, Broken> {
        Ok(json::claims_text(text)?.map(Claims::read))
    }

    /// The claims of a verified token. They are not valid before `iat`.
    pub fn of_token(text: ClaimsText<'_>) -> Claims {
        let role = text.members.get("role").and_then(|role| json::string(role));
        let claims = Claims::read(text);
        let issued = claims.iat.map_or(Micros::MIN, |iat| iat.saturating_sub(GRACE));
        Claims { role, in_force_from: claims.in_force_from.max(issued), ..claims }
    }

    fn read(text: ClaimsText<'_>) -> Claims {
        let claims = &text.members;
        let string = |name| claims.get(name).and_then(|v| json::string(v));
        let strings = |name| claims.get(name).and_then(|v| json::strings(v));
        let instant = |name| claims.get(name).and_then(|v| json::number(v)).map(micros);
        let actor = claims.get("act").and_then(|act| json::object(act));
        let mut read = Claims {
            iss: string("iss"),
            sub: string("sub"),
            sid: string("sid"),
            org_id: string("org_id"),
            user_role: string("user_role"),
            role: None,
            roles: strings("roles"),
            permissions: strings("permissions"),
            entitlements: strings("entitlements"),
            feature_flags: strings("feature_flags"),
            actor: actor.and_then(|act| json::string(act.get("sub")?)),
            has_actor: claims.get("act").is_some_and(|act| !json::is_null_or_empty(act)),
            has_scope: claims.contains_key("scope"),
            scope: string("scope").filter(|scope| is_scope(scope)),
            has_aud: claims.contains_key("aud"),
            aud: string("aud").map(|one| vec![one]).or_else(|| strings("aud")),
            client_id: string("client_id"),
            iat: instant("iat"),
            exp: instant("exp"),
            auth_time: instant("auth_time"),
            texts: claims.iter().filter_map(|(name, value)| claim_text(name, value)).collect(),
            in_force_from: bound(claims, "nbf", Micros::MIN, |nbf| nbf.saturating_sub(GRACE), Micros::MAX),
            in_force_until: bound(claims, "exp", Micros::MAX, |exp| exp.saturating_add(GRACE), Micros::MIN),
            escapes_beyond_ascii: text.escapes_beyond_ascii,
            kind: Kind::Other,
        };
        read.kind = Kind::of(&read);
        read
    }

    /// Whether the claims are valid at this time: not expired and not early, with 30 seconds of grace (RFC 7519,
    /// sections 4.1.4 and 4.1.5).
    pub fn in_force(&self, now: Micros) -> bool {
        !self.early(now) && !self.expired(now)
    }

    pub fn early(&self, now: Micros) -> bool {
        now < self.in_force_from
    }

    pub fn expired(&self, now: Micros) -> bool {
        self.in_force_until <= now
    }

    /// The granted scopes.
    pub fn scopes(&self) -> impl Iterator<Item = &str> + Clone {
        self.scope.iter().flat_map(|scope| scope.split(' '))
    }

    /// One top-level claim: a string's content, any other value as its JSON text; absent, `null` and `""`
    /// are all `None`.
    pub fn text(&self, name: &str) -> Option<&str> {
        let (_, text) = self.texts.iter().find(|(n, _)| **n == *name)?;
        Some(text)
    }
}

fn claim_text(name: &str, value: &serde_json::value::RawValue) -> Option<(Box<str>, Box<str>)> {
    let text = match value.get().as_bytes()[0] {
        b'"' => json::string(value)?,
        _ if value.get() == "null" => return None,
        _ => value.get().into(),
    };
    Some((name.into(), text))
}

/// RFC 6749, section 3.3: `scope-token *( SP scope-token )`.
fn is_scope(scope: &str) -> bool {
    let in_token = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    scope.split(' ').all(|token| !token.is_empty() && token.bytes().all(in_token))
}

/// A bound of the time in which claims are valid. A bound that is not a number makes the claims invalid at any time.
fn bound(
    claims: &Object<'_>,
    name: &str,
    absent: Micros,
    meet: fn(Micros) -> Micros,
    never: Micros,
) -> Micros {
    match claims.get(name) {
        None => absent,
        Some(value) => json::number(value).map_or(never, |seconds| meet(micros(seconds))),
    }
}

/// A NumericDate (RFC 7519, section 2) on the clock of Postgres, with the arithmetic of its `to_timestamp`. A value
/// that does not fit into a `timestamptz` becomes infinite.
fn micros(seconds: f64) -> Micros {
    let micros = ((seconds - UNIX_TO_POSTGRES_SECONDS) * 1e6).round_ties_even();
    if micros < TIMESTAMP_RANGE.start {
        Micros::MIN
    } else if micros >= TIMESTAMP_RANGE.end {
        Micros::MAX
    } else {
        micros as Micros
    }
}
