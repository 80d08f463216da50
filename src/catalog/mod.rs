//! Catalog look-ups: the trusted issuers, and which functions belong to this library.

pub mod directory;
pub mod issuers;
pub mod library;
