//! Postgres: where the claims come from, and the SQL functions that policies call.

mod checks;
mod errors;
mod gates;
mod getters;
mod kept;
mod plan_once;
mod server;
mod source;
mod text;

#[cfg(feature = "pg_test")]
mod tests;

pgrx::pg_module_magic!(name, version);
pgrx::extension_sql_file!("../../sql/pg_workos--0.1.0.sql", name = "version_0_1_0");

#[pgrx::pg_guard]
pub extern "C-unwind" fn _PG_init() {
    plan_once::init();
}
