//! The SQL functions, in the order of the contract. They are declared in `sql/source/native/`, hence `sql = false`.

mod checks;
mod delegated;
mod gates;
mod getters;
mod organizations;
mod text_result;
mod tokens;
mod webhooks;

use pgrx::prelude::*;

/// Used by workos_doctor(): the library can be newer than the SQL functions.
#[pg_extern(sql = false)]
fn workos_library_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
