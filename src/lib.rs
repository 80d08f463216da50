//! Row-level security in Postgres for applications whose users sign in with WorkOS.
//!
//! The modules, in the order in which they process the claims of a request:
//!
//! - `settings`: reads the text of the claims, or the raw token, from Postgres, and tells which of them is used.
//! - [`workos_claims`], a crate that does not depend on Postgres: parses the text, and verifies tokens. `catalog` reads
//!   the trusted issuers.
//! - `current`: the current claims, parsed once per text.
//! - `functions`: the SQL functions that policies call.
//! - `planner`: computes their calls in policies once per query.
//!
//! `postgres` is what these ask of Postgres itself, `errors` every error, `local` how state of a backend is
//! kept, and `memory` what happens when memory runs out.

mod catalog;
mod current;
mod errors;
mod functions;
mod local;
mod memory;
mod planner;
mod postgres;
mod settings;

#[cfg(feature = "pg_test")]
mod tests;

use pgrx::prelude::*;

pgrx::pg_module_magic!(name, version);
pgrx::extension_sql_file!("../sql/pg_workos--0.1.0.sql", name = "version_0_1_0");

/// Runs when the library is loaded: at the first call of a helper in a backend, or at server start.
#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    memory::init();
    settings::define();
    catalog::issuers::watch();
    catalog::standing::watch();
    planner::init();
    settings::reserve_prefix();
}

/// Required by the test harness of pgrx.
#[cfg(all(test, feature = "pg_test"))]
pub mod pg_test {
    pub fn setup(_options: Vec<&str>) {}

    pub fn postgresql_conf_options() -> Vec<&'static str> {
        vec![]
    }
}
