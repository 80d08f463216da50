//! Row-level security in Postgres for applications whose users sign in with WorkOS.
//!
//! The claims of a request take this way:
//!
//! - `settings`: the text of the claims, or the raw token, as Postgres holds it, and which of the two counts.
//! - [`workos_claims`], a crate of its own that knows no Postgres: what that text says, whose claims they are, and
//!   whether a token is valid. `catalog` has the issuers whose tokens are.
//! - `current`: the current claims, read once per text.
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

/// When the library loads: in a backend at the first call of a helper, or at the server's start.
#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    memory::init();
    settings::define();
    catalog::issuers::watch();
    planner::init();
    settings::reserve_prefix();
}

/// What pgrx's harness asks of a crate.
#[cfg(all(test, feature = "pg_test"))]
pub mod pg_test {
    pub fn setup(_options: Vec<&str>) {}

    pub fn postgresql_conf_options() -> Vec<&'static str> {
        vec![]
    }
}
