//! Compares how the core reads claims and tells the identity with a second implementation.

use crate::instant::{BEYOND_LAST, FIRST, Instant};
use crate::json::{Document, Json, Odd, Value};
use workos_claims::audience::Audiences;
use workos_claims::claims::{Claims, Micros};
use workos_claims::json::{Broken, claims_text};
use workos_claims::session::{Application, Delegated, Gate, Kind, Session, scopes};

/// The source of the claims: a gateway, or the payload of a token.
#[derive(Clone, Copy, PartialEq)]
pub enum Source {
    Request,
    Token,
}

pub fn fuzz(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let document = Document::parse(text);
    compare_readers(text, document.as_ref());

    let got = Claims::parse(text);
    let document = match well_formed(document) {
        Ok(Some(document)) => document,
        Ok(None) => return assert!(matches!(got, Ok(None))),
        Err(why) => return assert_eq!(got.err(), Some(why)),
    };
    compare(&got.unwrap().unwrap(), &document, Source::Request);

    let claims_text = claims_text(text).unwrap().unwrap();
    assert_eq!(claims_text.repeats_a_name, document.root.doubled_name());
    compare(&Claims::of_token(claims_text), &document, Source::Token);
}

/// The rule of the contract for a text: an object, JSON `null`, or refused with a reason.
fn well_formed(document: Option<Document<'_>>) -> Result<Option<Document<'_>>, Broken> {
    let document = document.ok_or(Broken::NotJson)?;
    match (&document.root.value, document.odd) {
        (Value::Null, _) => Ok(None),
        (Value::Object(_), None) => Ok(Some(document)),
        (Value::Object(_), Some(Odd::Nul)) => Err(Broken::Nul),
        (Value::Object(_), Some(Odd::LoneSurrogate)) => Err(Broken::LoneSurrogate),
        _ => Err(Broken::NotAnObject),
    }
}

/// Compares the reader of this crate with `serde_json`, within the limits of `serde_json`.
fn compare_readers(text: &str, document: Option<&Document<'_>>) {
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    match (document, theirs) {
        (None, Err(_)) => {}
        (None, Ok(_)) => panic!("only serde_json reads it"),
        (Some(ours), _) if gives_a_name_a_meaning(&ours.root) => {}
        (Some(ours), Ok(theirs)) => assert!(alike(&ours.root, &theirs)),
        (Some(ours), Err(error)) => {
            assert!(
                ours.depth > 100 || ours.odd.is_some() || error.to_string().contains("out of range"),
                "{error}"
            )
        }
    }
}

/// `serde_json` uses this name for raw values, also if it occurs in the input.
fn gives_a_name_a_meaning(value: &Json<'_>) -> bool {
    match &value.value {
        Value::Array(elements) => elements.iter().any(gives_a_name_a_meaning),
        Value::Object(members) => members.iter().any(|(name, member)| {
            name.as_deref() == Some("$serde_json::private::RawValue") || gives_a_name_a_meaning(member)
        }),
        _ => false,
    }
}

fn alike(ours: &Json<'_>, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Theirs;
    match (&ours.value, theirs) {
        (Value::Null, Theirs::Null) | (Value::Number, Theirs::Number(_)) => true,
        (Value::Bool, Theirs::Bool(is)) => ours.text == is.to_string(),
        (Value::String(text), Theirs::String(other)) => text.as_ref() == Some(other),
        (Value::Array(elements), Theirs::Array(others)) => {
            elements.len() == others.len() && elements.iter().zip(others).all(|(e, o)| alike(e, o))
        }
        (Value::Object(members), Theirs::Object(others)) => {
            others.iter().all(|(name, other)| ours.get(name).is_some_and(|member| alike(member, other)))
                && members.iter().all(|(name, _)| others.contains_key(name.as_deref().unwrap()))
        }
        _ => false,
    }
}

/// Compares every result for a claims object.
pub fn compare(got: &Claims, document: &Document<'_>, source: Source) {
    let claims = &document.root;
    let text = |name| claims.string_claim(name);
    let list = |name| claims.get(name).and_then(Json::strings);
    assert_eq!(got.iss.as_deref(), text("iss"));
    assert_eq!(got.sub.as_deref(), text("sub"));
    assert_eq!(got.sid.as_deref(), text("sid"));
    assert_eq!(got.org_id.as_deref(), text("org_id"));
    assert_eq!(got.has_scope, claims.get("scope").is_some());
    assert_eq!(got.escapes_beyond_ascii, document.escapes_beyond_ascii);
    for (name, core) in [("iat", got.iat), ("exp", got.exp), ("auth_time", got.auth_time)] {
        compare_instant(core, instant(claims, name));
    }
    for (name, _) in claims.members().unwrap() {
        compare_text(got.text(name), claims.get(name));
    }
    compare_text(got.text("no_such"), claims.get("no_such"));
    compare_times(got, claims, source);

    let kind = kind(claims);
    assert_eq!((Kind::of(got).name(), got.kind.name()), (kind, kind));
    let application = Application::of(got);
    assert_eq!(application.is_some(), kind == "application");
    if let Some(application) = application {
        assert_eq!((application.id(), application.org_id()), (text("sub"), text("org_id")));
    }
    compare_delegated(got, claims, kind);
    let session = Session::of(got);
    assert_eq!(session.is_some(), kind == "session");
    let Some(session) = session else { return };

    assert_eq!(session.user_id(), text("sub"));
    assert_eq!(session.id(), text("sid"));
    assert_eq!(session.org_id(), text("org_id"));
    assert!(session.permissions().eq(list("permissions").unwrap_or_default()));
    assert!(session.entitlements().eq(list("entitlements").unwrap_or_default()));
    assert!(session.feature_flags().eq(list("feature_flags").unwrap_or_default()));
    compare_instant(session.issued_at(), instant(claims, "iat"));
    compare_instant(session.expires_at(), instant(claims, "exp"));
    compare_instant(session.authenticated_at(), instant(claims, "auth_time"));

    let mut roles = list("roles").unwrap_or_default();
    let candidates = [
        text("user_role"),
        if roles.len() == 1 { Some(roles[0]) } else { None },
        if source == Source::Token { text("role") } else { None },
    ];
    let counts = |role: &&str| !["", "anon", "authenticated", "service_role"].contains(role);
    let role = candidates.into_iter().flatten().find(counts);
    assert_eq!(session.role(), role);
    if let Some(role) = role.filter(|role| !roles.contains(role)) {
        roles.push(role);
    }
    assert!(session.roles().eq(roles));

    let act = claims.get("act");
    assert_eq!(session.impersonator(), act.and_then(|act| act.string_claim("sub")));
    let nobody = |act: &Json<'_>| act.value == Value::Null || act.string() == Some("");
    assert_eq!(session.is_impersonated(), act.is_some_and(|act| !nobody(act)));
}

/// What two accepted audiences, and gates of every kind, make of the claims.
fn compare_delegated(got: &Claims, claims: &Json<'_>, kind: &str) {
    let granted = granted(claims);
    let of_an_application = ["oauth", "application"].contains(&kind);
    let listed = if of_an_application { granted.clone() } else { Vec::new() };
    assert!(scopes(got).eq(listed));

    let audience = audience(claims);
    for accepted in [&[][..], &AUDIENCES] {
        let ours = audience.iter().any(|aud| accepted.contains(aud));
        let others = of_an_application && claims.get("aud").is_some() && !accepted.is_empty() && !ours;
        let audiences = Audiences::new(accepted.iter().copied());
        assert_eq!((audiences.include(got), audiences.exclude(got)), (ours, others));
        for scope in [None, Some(""), Some("read"), Some("a"), Some("read a"), granted.last().copied()] {
            for client in [None, Some(""), Some("client_01A"), claims.string_claim("client_id")] {
                let fits = (scope, client) != (None, None)
                    && scope.is_none_or(|scope| granted.contains(&scope))
                    && (client.is_none() || client == claims.string_claim("client_id"));
                let gate = Gate { scope: scope.map(str::as_bytes), client: client.map(str::as_bytes) };
                let delegated = Delegated::of(got, ours, gate);
                assert_eq!(delegated.is_some(), kind == "oauth" && ours && fits, "{gate:?}");
                if let Some(delegated) = delegated {
                    assert_eq!(delegated.user_id(), claims.string_claim("sub"));
                    assert_eq!(delegated.org_id(), claims.string_claim("org_id"));
                }
                let machine = Application::granted(got, ours, gate);
                assert_eq!(machine.is_some(), kind == "application" && ours && fits, "{gate:?}");
            }
        }
    }
}

pub const AUDIENCES: [&str; 2] = ["https://db.example", "client_01A"];

/// RFC 6749, section 3.3. One character that it does not allow, or a space too many, and there is no scope.
fn granted<'a>(claims: &'a Json<'_>) -> Vec<&'a str> {
    let Some(text) = claims.string_claim("scope") else { return Vec::new() };
    let odd = |c: char| !(' '..='~').contains(&c) || c == '"' || c == '\\';
    if text.contains(odd) || text.contains("  ") || text.starts_with(' ') || text.ends_with(' ') {
        return Vec::new();
    }
    text.split_ascii_whitespace().collect()
}

pub fn audience<'a>(claims: &'a Json<'_>) -> Vec<&'a str> {
    let Some(aud) = claims.get("aud") else { return Vec::new() };
    aud.string().map(|one| vec![one]).or_else(|| aud.strings()).unwrap_or_default()
}

/// The first matching line of the contract's table.
pub fn kind(claims: &Json<'_>) -> &'static str {
    let sub = claims.string_claim("sub").unwrap_or_default();
    let sid = claims.string_claim("sid").unwrap_or_default();
    if sid.starts_with("widget_session_") {
        return "widget";
    }
    if sub.starts_with("client_") {
        return "application";
    }
    match sub.starts_with("user_") {
        false => "other",
        true if claims.get("scope").is_some() => "oauth",
        true if sid.starts_with("session_") => "session",
        true if sid.is_empty() => "other",
        true => "oauth",
    }
}

pub fn instant(claims: &Json<'_>, name: &str) -> Option<Instant> {
    let number = claims.get(name).filter(|value| value.is_number())?;
    Some(Instant::of(number.text))
}

fn compare_instant(got: Option<Micros>, wanted: Option<Instant>) {
    assert_eq!(got.is_some(), wanted.is_some());
    if let (Some(got), Some(wanted)) = (got, wanted) {
        assert!(wanted.is(got), "{got} is not {wanted:?}");
    }
}

fn compare_text(got: Option<&str>, claim: Option<&Json<'_>>) {
    let wanted = claim.and_then(|claim| match &claim.value {
        Value::Null => None,
        Value::String(text) => text.as_deref().filter(|text| !text.is_empty()),
        _ => Some(claim.text),
    });
    assert_eq!(got, wanted);
}

/// Compares at every time when a result could change, and at the times next to it.
fn compare_times(got: &Claims, claims: &Json<'_>, source: Source) {
    for now in moments(claims) {
        let (expired, early) = expired_and_early(claims, now, source);
        if let Some(expired) = expired {
            assert_eq!(got.expired(now), expired, "at {now}");
        }
        if let Some(early) = early {
            assert_eq!(got.early(now), early, "at {now}");
        }
        assert_eq!(got.in_force(now), !got.expired(now) && !got.early(now));
    }
}

pub fn moments(claims: &Json<'_>) -> Vec<Micros> {
    let mut moments = vec![FIRST, 0, 820_540_800_000_000, BEYOND_LAST - 1];
    for instant in ["iat", "nbf", "exp"].into_iter().filter_map(|name| instant(claims, name)) {
        for seconds in [-30, 0, 30] {
            for micros in -1..=1 {
                let moment = instant.micros + seconds * 1_000_000 + micros;
                moments.extend(Micros::try_from(moment).ok().filter(|at| (FIRST..BEYOND_LAST).contains(at)));
            }
        }
    }
    moments
}

/// With 30 seconds of grace. A bound that is not a number makes the claims invalid. `iat` is checked only for a token.
pub fn expired_and_early(claims: &Json<'_>, now: Micros, source: Source) -> (Option<bool>, Option<bool>) {
    let reached = |name, grace| instant(claims, name).map(|instant| instant.reached(now, grace));
    let expired = match claims.get("exp") {
        None => Some(false),
        Some(_) => reached("exp", 30).unwrap_or(Some(true)),
    };
    let nbf = match claims.get("nbf") {
        None => Some(true),
        Some(_) => reached("nbf", -30).unwrap_or(Some(false)),
    };
    let iat = if source == Source::Token { reached("iat", -30).unwrap_or(Some(true)) } else { Some(true) };
    let early = match (nbf, iat) {
        (Some(false), _) | (_, Some(false)) => Some(true),
        (Some(true), Some(true)) => Some(false),
        _ => None,
    };
    (expired, early)
}
