//! What the claims of a WorkOS access token say, whose they are, and whether the token is valid.
//!
//! The extension pg_workos is built on this crate; it knows nothing of Postgres, and any Rust server can use it.
//!
//! - [`claims`] reads the claims that WorkOS defines out of a JSON object, and says whether they are in force.
//! - [`session`] says of which kind the token is. Only the token of a user session gives a user identity.
//! - [`verify`] decides whether a raw token was signed by a trusted issuer. [`issuer`] has the issuers, [`jwks`] their
//!   keys.
//! - [`json`] decides whether a text is a claims object at all; [`recent`] is a small cache for verified tokens.
//!
//! Everything fails closed: a claim of the wrong type is absent, claims that are not in force are nobody's, and a
//! token with anything wrong is refused with the reason ([`verify::Refusal`]), which never holds a part of it.
//!
//! ```
//! use workos_claims::claims::{Claims, now};
//! use workos_claims::session::Session;
//!
//! // The payload of a token that somebody else has verified, such as a gateway.
//! let payload = r#"{"sub":"user_01","sid":"session_01","org_id":"org_01","permissions":["documents:read"]}"#;
//! let claims = Claims::parse(payload).expect("a JSON object").expect("not null");
//! let session = Session::of(&claims).filter(|_| claims.in_force(now()));
//! assert_eq!(session.and_then(|session| session.org_id()), Some("org_01"));
//! ```
//!
//! To verify a token itself, see `examples/verify.rs`.

pub mod claims;
pub mod issuer;
pub mod json;
pub mod jwks;
pub mod recent;
pub mod session;
pub mod verify;

#[cfg(test)]
mod tests;
