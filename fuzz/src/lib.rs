//! The checks of the fuzz targets. Each compares the result of the core with a second, simple implementation of the same
//! rule, which shares no code with it. A difference is a panic, and libFuzzer stores the input.
//!
//! [`json`] is the second JSON parser. `serde_json` is not enough: it rounds numbers, stops at a depth of 128 and drops
//! duplicate names, and the core is built on it.

pub mod claims;
mod instant;
mod json;
pub mod jwks;
pub mod verify;
