//! Catalog look-ups: the trusted issuers and the configuration, which functions belong to this library, and whether
//! there is a directory. [`standing`] reads the tables of the directory.

pub mod configuration;
pub mod directory;
pub mod issuers;
pub mod library;
pub mod standing;
