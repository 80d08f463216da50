//! The tables that Citus distributes over several servers, replicates to all of them, or otherwise plans by itself. A table
//! in pg_catalog lists them, where only superusers create objects. On a server that holds shards, the shards are ordinary
//! tables.

use std::ffi::CStr;

use pgrx::pg_sys::{self, Oid};

use super::objects;
use super::tables::{Table, Type};

const LIST: &CStr = c"pg_dist_partition";

/// None in a database without Citus.
pub fn distributed_tables() -> Vec<Oid> {
    let Some(list) = objects::table(Oid::from_u32(pg_sys::PG_CATALOG_NAMESPACE), LIST) else {
        return Vec::new();
    };
    let columns = [(c"logicalrelid", Type::Relation)];
    let tables = Table::without_index(list).rows(None, &[], columns, |[table]| table.relation());
    tables.unwrap_or_default().into_iter().flatten().collect()
}
