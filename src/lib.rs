//! Row-level security in Postgres for applications whose users sign in with WorkOS.
//!
//! - [`token`]: the core. What claims say and which of them count; no Postgres in it.
//! - `pg`: Postgres. Where the claims come from, and the SQL functions that policies call.
//!
//! The SQL surface is declared in `sql/pg_workos--0.1.0.sql`, by hand and once: the functions here carry
//! `sql = false`. Loading the library defines the setting `workos.plan_once` and hooks into the planner.

pub mod token;

#[cfg(any(feature = "pg15", feature = "pg16", feature = "pg17", feature = "pg18"))]
mod pg;

/// What pgrx's harness asks of a crate.
#[cfg(all(test, feature = "pg_test"))]
pub mod pg_test {
    pub fn setup(_options: Vec<&str>) {}

    pub fn postgresql_conf_options() -> Vec<&'static str> {
        vec![]
    }
}
