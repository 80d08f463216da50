//! The core: what claims say, and which of them count. Knows nothing of Postgres.
//!
//! [`json`] decides whether a text is a claims object at all, [`claims`] reads the claims WorkOS defines
//! out of it, [`session`] says whose they are and whether they are in force.

pub mod claims;
pub mod json;
pub mod session;

#[cfg(test)]
mod tests;
