//! Verifies that a trusted issuer signed a token, with RS256 only.
//!
//! From `jsonwebtoken` only the signature check is used. Its `decode` is not strict enough by default (a missing `iss`,
//! `nbf`, `iss` as an array, and which clock it uses). The payload is parsed once, so two parsers cannot disagree about
//! it. Only `alg`, `kid` and `crit` of the header are read: a key, or the URL of a key, inside the token is ignored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde_json::value::RawValue;

use super::claims::{Claims, Micros};
use super::issuer::{Issuer, Issuers};
use super::json::{self, ClaimsText, Object};
use super::session::{Kind, Session};

pub const LONGEST: usize = 16 * 1024;

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    TooLong,
    /// Not three base64url segments, or one of the first two is not a JSON object with unique names.
    Malformed,
    WrongAlgorithm,
    /// The header has `crit`: it requires an extension that is not supported.
    Critical,
    /// `iss`, `sub` or `exp` is missing or has the wrong type.
    LacksClaim,
    UnknownIssuer,
    UnknownKey,
    BadSignature,
    WrongAudience,
    /// The claim `client_id` names another application.
    WrongClient,
    Expired,
    NotYetValid,
    NotASession,
    /// Not the token of an application that acts for a user.
    NotDelegated,
}

/// The content of a token whose signature and claims are valid. [`Verified::at`] checks the time.
#[derive(Debug)]
pub struct Verified {
    pub claims: Claims,
    /// The token is for one of the accepted audiences.
    pub ours: bool,
    pub payload: Box<str>,
}

/// Checks everything that does not depend on the time. [`Verified::at`] checks the time, at each use.
pub fn verify(token: &[u8], issuers: &Issuers) -> Result<Verified, Refusal> {
    if token.len() > LONGEST {
        return Err(Refusal::TooLong);
    }
    let token = std::str::from_utf8(token).map_err(|_| Refusal::Malformed)?;
    let [header, payload, signature] = segments(token).ok_or(Refusal::Malformed)?;
    let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];

    let header = decode(header)?;
    let header = unambiguous(&header)?.members;
    if header.get("alg").and_then(|alg| json::string(alg)).as_deref() != Some("RS256") {
        return Err(Refusal::WrongAlgorithm);
    }
    if header.contains_key("crit") {
        return Err(Refusal::Critical);
    }

    // The claim `iss` selects the keys. It is trusted only after the signature check.
    let payload = decode(payload)?;
    let text = unambiguous(&payload)?;
    let iss = text.members.get("iss").and_then(|iss| json::string(iss)).ok_or(Refusal::LacksClaim)?;
    let issuer = issuers.find(&iss).ok_or(Refusal::UnknownIssuer)?;
    let key = match header.get("kid") {
        None => issuer.keys.find(None),
        Some(kid) => json::string(kid).and_then(|kid| issuer.keys.find(Some(&kid))),
    };
    let key = key.ok_or(Refusal::UnknownKey)?;
    match crypto::verify(signature, signed, key, Algorithm::RS256) {
        Ok(true) => {}
        Ok(false) => return Err(Refusal::BadSignature),
        Err(_) => return Err(Refusal::Malformed),
    }

    check_addressee(&text.members, issuer)?;
    let claims = Claims::of_token(text);
    // An infinite time is not accepted.
    if claims.sub.is_none() || claims.exp.is_none_or(|exp| exp == Micros::MAX) {
        return Err(Refusal::LacksClaim);
    }
    // An issuer whose URL names no application, such as an AuthKit domain, signs the tokens of many resources.
    let ours = issuers.audiences.include(&claims);
    let for_others = issuer.client_id().is_none() && claims.has_aud && !ours;
    if for_others || issuers.audiences.exclude(&claims) {
        return Err(Refusal::WrongAudience);
    }
    Ok(Verified { claims, ours, payload: payload.into() })
}

impl Verified {
    /// The claims, if they are valid at this time.
    pub fn at(&self, now: Micros) -> Result<&Claims, Refusal> {
        if self.claims.expired(now) {
            Err(Refusal::Expired)
        } else if self.claims.early(now) {
            Err(Refusal::NotYetValid)
        } else {
            Ok(&self.claims)
        }
    }

    /// The user session, if the claims are valid at this time and belong to one.
    pub fn session_at(&self, now: Micros) -> Result<Session<'_>, Refusal> {
        Session::of(self.at(now)?).ok_or(Refusal::NotASession)
    }

    /// The id of the user for whom an application acts, if the claims are valid at this time and for an audience of ours.
    pub fn delegated_user_at(&self, now: Micros) -> Result<Option<&str>, Refusal> {
        let claims = self.at(now)?;
        match (claims.kind, self.ours) {
            (Kind::Oauth, true) => Ok(claims.sub.as_deref()),
            (Kind::Oauth, false) => Err(Refusal::WrongAudience),
            _ => Err(Refusal::NotDelegated),
        }
    }
}

fn segments(token: &str) -> Option<[&str; 3]> {
    let mut segments = token.split('.');
    let three = [segments.next()?, segments.next()?, segments.next()?];
    segments.next().is_none().then_some(three)
}

/// Decodes base64url to UTF-8. Padding, white space and unused bits that are not zero are refused.
fn decode(segment: &str) -> Result<String, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).map_err(|_| Refusal::Malformed)?;
    String::from_utf8(bytes).map_err(|_| Refusal::Malformed)
}

/// A JSON object without duplicate names, which every parser reads in the same way.
fn unambiguous(text: &str) -> Result<ClaimsText<'_>, Refusal> {
    match json::claims_text(text) {
        Ok(Some(object)) if !object.repeats_a_name => Ok(object),
        _ => Err(Refusal::Malformed),
    }
}

/// The claims `aud` and `client_id` name the application that a token is for, if they are present. If the issuer's
/// URL ends in a client id, they must name that application.
fn check_addressee(claims: &Object<'_>, issuer: &Issuer) -> Result<(), Refusal> {
    let Some(client_id) = issuer.client_id() else { return Ok(()) };
    let is_ours = |text: &str| text == client_id;
    let includes_us = |aud: &RawValue| match json::string(aud) {
        Some(one) => is_ours(&one),
        None => json::strings(aud).unwrap_or_default().iter().any(|one| is_ours(one)),
    };
    if !claims.get("aud").is_none_or(|aud| includes_us(aud)) {
        return Err(Refusal::WrongAudience);
    }
    if !claims.get("client_id").is_none_or(|id| json::string(id).is_some_and(|id| is_ours(&id))) {
        return Err(Refusal::WrongClient);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
