//! The core: what claims say, and which of them count. Knows nothing of Postgres.
//!
//! [`json`] decides whether a text is a claims object at all, [`claims`] reads the claims WorkOS defines
//! out of it, [`session`] says whose they are and whether they are in force.
//!
//! [`verify`] is for whoever has no gateway: it decides whether a raw token was signed by one of the trusted
//! issuers ([`issuer`]) with one of their keys ([`jwks`]). [`recent`] remembers what was worked out.

pub mod claims;
pub mod issuer;
pub mod json;
pub mod jwks;
pub mod recent;
pub mod session;
pub mod verify;

#[cfg(test)]
mod tests;
