//! Catalog look-ups: the trusted issuers, which functions belong to this library, and whether there is a directory.

pub mod directory;
pub mod issuers;
pub mod library;
