//! What each fuzz target checks: the core's answer against the same rule, said again and simply, with no code in
//! common. A difference is a panic, which libFuzzer keeps.
//!
//! [`json`] is the other reader of JSON. `serde_json` alone would not do: it rounds numbers, stops at a depth
//! of 128 and forgets doubled names, and the core is built on it.

pub mod claims;
mod instant;
mod json;
pub mod jwks;
pub mod verify;
