//! Is this a token that a trusted issuer signed? RS256 and nothing else.
//!
//! Of `jsonwebtoken` only the signature check is used: what its `decode` leaves open by default (a missing
//! `iss`, `nbf`, `iss` as an array, whose clock) is not left to it. The payload is read once, so there are
//! no two readers to disagree about it, and nothing in the header but `alg`, `kid` and `crit` is looked at:
//! a key or an address of a key that a token brings along is never followed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde_json::value::RawValue;

use super::claims::{Claims, Micros};
use super::issuer::{Issuer, Issuers};
use super::json::{self, ClaimsText, Object};
use super::session::Session;

pub const LONGEST: usize = 16 * 1024;

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    TooLong,
    /// Not three segments of base64url, the first two of them JSON objects with no name twice.
    Malformed,
    WrongAlgorithm,
    /// A header extension (`crit`) that must be understood, and is not.
    Critical,
    /// No `iss`, `sub` or `exp` of the right type.
    LacksClaim,
    UnknownIssuer,
    UnknownKey,
    BadSignature,
    WrongAudience,
    /// Of another application, by `client_id`.
    WrongClient,
    Expired,
    NotYetValid,
    NotASession,
}

/// The content of a token whose signature is good and whose claims are acceptable, at the right time.
#[derive(Debug)]
pub struct Verified {
    pub claims: Claims,
    pub payload: Box<str>,
}

/// All that does not depend on the time, which goes on: see [`Verified::at`].
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

    // The claim `iss` says whose keys to try. It is believed once they fit.
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
    // A time beyond all times is none.
    if claims.sub.is_none() || claims.exp.is_none_or(|exp| exp == Micros::MAX) {
        return Err(Refusal::LacksClaim);
    }
    Ok(Verified { claims, payload: payload.into() })
}

impl Verified {
    /// The claims, if they are in force.
    pub fn at(&self, now: Micros) -> Result<&Claims, Refusal> {
        if self.claims.expired(now) {
            Err(Refusal::Expired)
        } else if self.claims.early(now) {
            Err(Refusal::NotYetValid)
        } else {
            Ok(&self.claims)
        }
    }

    /// The user's session, if they are in force and of one.
    pub fn session_at(&self, now: Micros) -> Result<Session<'_>, Refusal> {
        Session::of(self.at(now)?).ok_or(Refusal::NotASession)
    }
}

fn segments(token: &str) -> Option<[&str; 3]> {
    let mut segments = token.split('.');
    let three = [segments.next()?, segments.next()?, segments.next()?];
    segments.next().is_none().then_some(three)
}

/// Base64url without padding, white space or stray bits, of UTF-8.
fn decode(segment: &str) -> Result<String, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).map_err(|_| Refusal::Malformed)?;
    String::from_utf8(bytes).map_err(|_| Refusal::Malformed)
}

/// An object that every reader reads alike.
fn unambiguous(text: &str) -> Result<ClaimsText<'_>, Refusal> {
    match json::claims_text(text) {
        Ok(Some(object)) if !object.repeats_a_name => Ok(object),
        _ => Err(Refusal::Malformed),
    }
}

/// A token says whom it is for, if anything, in `aud` and `client_id`: where the issuer's URL names one
/// application, it must be that.
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
