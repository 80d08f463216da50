//! Postgres: where the claims come from, and the SQL functions that policies call.

mod checks;
mod errors;
mod gates;
mod getters;
mod issuers;
mod kept;
mod planner;
mod request;
mod server;
mod settings;
mod source;
mod text;
mod tokens;

use pgrx::prelude::*;

#[cfg(feature = "pg_test")]
mod tests;

pgrx::pg_module_magic!(name, version);
pgrx::extension_sql_file!("../../sql/pg_workos--0.1.0.sql", name = "version_0_1_0");

/// When the library loads: in a backend at the first call of a helper, or at the server's start.
#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    settings::define();
    issuers::watch();
    planner::init();
    settings::reserve_prefix();
}

/// For the doctor: a library can be newer than the functions that were made with it.
#[pg_extern(sql = false)]
fn workos_library_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
