//! Catalog look-ups: the trusted issuers and the configuration, which functions belong to this library, and whether
//! there is a directory. [`standing`] reads the tables of the directory.
//!
//! These ask Postgres through [`objects`], which reads the system catalogs, and [`tables`], which reads other tables.

pub mod citus;
pub mod configuration;
pub mod directory;
pub mod issuers;
pub mod library;
mod objects;
pub mod standing;
mod tables;
