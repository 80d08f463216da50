//! Verified tokens: signing in on a direct connection, and the check of trusted issuers.

use std::ffi::CString;

use pgrx::prelude::*;

use crate::current::{has_ended, with_payload, with_verified};
use crate::errors::{self, Error};
use crate::postgres;
use crate::postgres::text::{Text, Varlena};
use crate::settings::access_token;
use crate::settings::source::{Source, claims_source};
use workos_claims::issuer::{ANY, NONE, is_issuer};
use workos_claims::jwks::KeySet;
use workos_claims::verify::{self, Refusal};

#[pg_extern(sql = false)]
fn workos_verify(token: Option<Text<'_>>) -> Varlena {
    with_payload(&text(token), Varlena::copy)
}

/// Sets the token only if it is valid now and its session counts, so an invalid token never replaces a valid one.
#[pg_extern(sql = false)]
fn workos_authenticate(token: Option<Text<'_>>, kind: Option<Text<'_>>) -> Option<Varlena> {
    let delegated = match kind.map(Text::bytes) {
        Some(b"session") => false,
        Some(b"oauth") => true,
        _ => errors::raise(Error::NotAKind),
    };
    match claims_source() {
        Source::Token => {}
        Source::Request => errors::raise(Error::SourceIsRequest),
        Source::Refused => errors::raise(Error::SourceRefused),
    }
    let token = text(token);
    let user_id = with_verified(&token, |verified| {
        let now = postgres::statement_start();
        let user_id = match delegated {
            false => verified.session_at(now)?.user_id(),
            true => verified.delegated_user_at(now)?,
        };
        Ok(user_id.map(Varlena::text))
    });
    match user_id {
        Ok(_) if has_ended(&token) => errors::raise(Error::SessionHasEnded),
        Ok(user_id) => {
            access_token::RAW_TOKEN.set_local(&token);
            if postgres::is_alone_in_transaction() {
                errors::warn_alone();
            }
            user_id
        }
        Err(refusal) => errors::raise(Error::Refused(refusal)),
    }
}

/// No token is no valid token.
fn text(token: Option<Text<'_>>) -> CString {
    let token = token.map(Text::bytes).unwrap_or_default();
    // Before it is copied: a copy of any size could take more memory than there is.
    if token.len() > verify::LONGEST {
        errors::raise(Error::Refused(Refusal::TooLong));
    }
    match CString::new(token) {
        Ok(token) => token,
        Err(_) => errors::raise(Error::Refused(Refusal::Malformed)),
    }
}

/// The usual limit for a URL.
const LONGEST_ISSUER: usize = 2048;
/// Enough for hundreds of keys with their certificates.
const LONGEST_KEYS: usize = 1 << 20;

/// The function of the check constraint of the trusted issuers, so it runs however a row is written.
#[pg_extern(sql = false)]
fn workos_check_issuer(issuer: Text<'_>, jwks: Text<'_>) -> bool {
    let (issuer, jwks) = (issuer.bytes(), jwks.bytes());
    if (issuer == ANY.as_bytes() || issuer == NONE.as_bytes()) && jwks == b"{}" {
        return true;
    }
    // Somebody has said so with workos_trust_any_issuer().
    if issuer == ANY.as_bytes() && jwks == br#"{"decided": true}"# {
        return true;
    }
    if issuer.len() > LONGEST_ISSUER || !postgres::to_utf8(issuer).is_some_and(|issuer| is_issuer(&issuer)) {
        errors::raise(Error::NotAnIssuer);
    }
    if jwks.len() > LONGEST_KEYS {
        errors::raise(Error::KeysTooLong);
    }
    postgres::require_to_parse(jwks.len());
    match KeySet::parse(&postgres::to_utf8(jwks).unwrap_or_default()) {
        Ok(_) => true,
        Err(unfit) => errors::raise(Error::Unfit(unfit)),
    }
}
