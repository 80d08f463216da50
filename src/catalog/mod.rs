//! What the extension has in the catalog: itself, and its table of trusted issuers.

pub mod issuers;
