//! What is looked up in the catalog: the trusted issuers, and which functions are of this library.

pub mod issuers;
pub mod library;
