//! Reads the claims of a WorkOS access token, tells the user identity, and verifies the token.
//!
//! The extension pg_workos is built on this crate. The crate does not depend on Postgres, and any Rust server can use it.
//!
//! - [`claims`] reads the claims that WorkOS defines from a JSON object, and tells whether they are valid at a time.
//! - [`session`] tells the kind of a token. Only the token of a user session gives a user identity; that of an application
//!   that acts for a user gives one through a gate only, and only for an audience of ours ([`audience`]).
//! - [`verify`] checks whether a trusted issuer signed a raw token. [`issuer`] holds the issuers, [`jwks`] their keys.
//! - [`standing`] tells whether the token or a directory of users and memberships decides.
//! - [`webhook`] checks the signature of a webhook.
//! - [`json`] checks whether a text is a claims object. [`recent`] is a small cache for verified tokens.
//!
//! Everything fails closed. A claim of the wrong type is absent, and claims that are expired or not valid yet are
//! ignored. An invalid token is refused with a reason ([`verify::Refusal`]), which never holds a part of the token.
//!
//! ```
//! use workos_claims::claims::{Claims, now};
//! use workos_claims::session::Session;
//!
//! // The payload of a token that a gateway has verified.
//! let payload = r#"{"sub":"user_01","sid":"session_01","org_id":"org_01","permissions":["documents:read"]}"#;
//! let claims = Claims::parse(payload).expect("a JSON object").expect("not null");
//! let session = Session::of(&claims).filter(|_| claims.in_force(now()));
//! assert_eq!(session.and_then(|session| session.org_id()), Some("org_01"));
//! ```
//!
//! To verify a token itself, see `examples/verify.rs`.

pub mod audience;
pub mod claims;
pub mod issuer;
pub mod json;
pub mod jwks;
pub mod recent;
pub mod session;
pub mod standing;
pub mod verify;
pub mod webhook;

#[cfg(test)]
mod tests;
