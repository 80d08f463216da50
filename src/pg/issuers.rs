//! The trusted issuers: a table in the extension's schema, read into memory.
//!
//! **Invariant.** What was read is used only until the table changes anywhere: its trigger invalidates the
//! table's entry in every backend's relation cache, which reaches standbys, too, and is undone with the
//! transaction. Invalidations are taken in when a statement first asks.
//!
//! The table is found through the extension's own row in the catalog, never by name through a search path,
//! and read as catalogs are: by any role, with a snapshot of its own, in a parallel worker, in a READ ONLY
//! transaction and on a standby.
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed};

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::errors::{self, Error};
use super::server;
use crate::token::claims::Micros;
use crate::token::issuer::Issuers;

const EXTENSION: &CStr = c"pg_workos";
const TABLE_NAME: &CStr = c"workos_issuers";

/// How often the table may have changed.
static CHANGES: AtomicU64 = AtomicU64::new(1);
/// `CHANGES` when it was read.
static READ_AT: AtomicU64 = AtomicU64::new(0);
static TABLE: AtomicU32 = AtomicU32::new(0);
static STATEMENT: AtomicI64 = AtomicI64::new(0);

thread_local! {
    static ISSUERS: RefCell<Rc<Issuers>> = RefCell::default();
}

/// Called once, when the library loads.
pub fn watch() {
    // SAFETY: the callback touches two variables.
    unsafe { pg_sys::CacheRegisterRelcacheCallback(Some(on_change), pg_sys::Datum::null()) }
}

unsafe extern "C-unwind" fn on_change(_: pg_sys::Datum, relation: pg_sys::Oid) {
    if relation == pg_sys::InvalidOid || relation.to_u32() == TABLE.load(Relaxed) {
        CHANGES.fetch_add(1, Relaxed);
    }
}

/// Which state of the table [`current`] has, after making sure that it is the present one, in the statement
/// that started then.
#[inline]
pub fn generation(statement: Micros) -> u64 {
    if STATEMENT.load(Relaxed) != statement {
        // SAFETY: what every lock on a table does, in a place where catalogs can be read.
        unsafe { pg_sys::AcceptInvalidationMessages() };
        STATEMENT.store(statement, Relaxed);
    }
    if READ_AT.load(Relaxed) != CHANGES.load(Relaxed) {
        read();
    }
    READ_AT.load(Relaxed)
}

/// As of the last call of [`generation`].
pub fn current() -> Rc<Issuers> {
    ISSUERS.with_borrow(Rc::clone)
}

#[cold]
fn read() {
    // What changes from here on is seen, or leads to another reading.
    let changes = CHANGES.load(Relaxed);
    let rows = rows();
    let issuers = Rc::new(Issuers::new(rows.iter().map(|(issuer, jwks)| (&**issuer, &**jwks))));
    ISSUERS.set(issuers);
    READ_AT.store(changes, Relaxed);
}

fn rows() -> Vec<(String, String)> {
    let Some(table) = table() else { errors::raise(Error::NoIssuersTable) };
    TABLE.store(table.to_u32(), Relaxed);
    // The first two columns are the extension's own, and NOT NULL.
    scan(table, None, |row| unsafe {
        // SAFETY: their types are text and jsonb.
        let issuer = String::from_datum(row[0], false).unwrap_or_default();
        let jwks =
            pgrx::direct_function_call::<&CStr>(pg_sys::jsonb_out, &[Some(row[1])]).unwrap_or_default();
        let utf8 = |bytes| server::to_utf8(bytes).map(|text| text.into_owned()).unwrap_or_default();
        (issuer, utf8(jwks.to_bytes()))
    })
}

/// The extension's table, and no other of that name.
fn table() -> Option<pg_sys::Oid> {
    let namespace = pg_sys::Anum_pg_extension_extnamespace as usize - 1;
    // SAFETY: catalog look-ups by C string and OID.
    unsafe {
        let extension = pg_sys::get_extension_oid(EXTENSION.as_ptr(), true);
        let schema = scan(pg_sys::ExtensionRelationId, Some(extension), |row| {
            pg_sys::Oid::from_datum(row[namespace], false)
        });
        let table = pg_sys::get_relname_relid(TABLE_NAME.as_ptr(), schema.first().copied().flatten()?);
        let owned = table != pg_sys::InvalidOid
            && pg_sys::getExtensionOfObject(pg_sys::RelationRelationId, table) == extension;
        owned.then_some(table)
    }
}

/// Reads a table's rows, all of them or, in `pg_extension`, the one of that OID.
fn scan<R>(table: pg_sys::Oid, oid: Option<pg_sys::Oid>, read: impl Fn(&[pg_sys::Datum]) -> R) -> Vec<R> {
    let lock = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
    let mut rows = Vec::new();
    // SAFETY: the relation and the scan are closed below, or by Postgres after an error. A row is good until
    // the next one is asked for, and is deformed into as many columns as its table has.
    unsafe {
        let relation = pg_sys::table_open(table, lock);
        let mut key = pg_sys::ScanKeyData::default();
        if let Some(oid) = oid {
            let column = pg_sys::Anum_pg_extension_oid as pg_sys::AttrNumber;
            let equals = pg_sys::BTEqualStrategyNumber as pg_sys::StrategyNumber;
            pg_sys::ScanKeyInit(&mut key, column, equals, pg_sys::F_OIDEQ.into(), oid.into());
        }
        let index = if oid.is_some() { pg_sys::ExtensionOidIndexId.into() } else { pg_sys::InvalidOid };
        let keys = oid.is_some() as i32;
        // No snapshot: the latest, taken now.
        let scan = pg_sys::systable_beginscan(relation, index, oid.is_some(), null_mut(), keys, &mut key);
        let columns = (*(*relation).rd_att).natts as usize;
        let mut values = vec![pg_sys::Datum::null(); columns];
        let mut nulls = vec![false; columns];
        loop {
            let row = pg_sys::systable_getnext(scan);
            if row.is_null() {
                break;
            }
            pg_sys::heap_deform_tuple(row, (*relation).rd_att, values.as_mut_ptr(), nulls.as_mut_ptr());
            rows.push(read(&values));
        }
        pg_sys::systable_endscan(scan);
        pg_sys::table_close(relation, lock);
    }
    rows
}

/// The trigger of the table, after each statement that changes it.
///
/// # Safety
/// Called by Postgres.
#[pg_guard]
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn workos_issuers_changed(fcinfo: pg_sys::FunctionCallInfo) -> pg_sys::Datum {
    // SAFETY: a trigger's context is its TriggerData.
    unsafe {
        if !pgrx::trigger_support::called_as_trigger(fcinfo) {
            errors::raise(Error::NotATrigger);
        }
        let trigger = (*fcinfo).context.cast::<pg_sys::TriggerData>();
        pg_sys::CacheInvalidateRelcache((*trigger).tg_relation);
    }
    pg_sys::Datum::null()
}

#[unsafe(no_mangle)]
pub extern "C" fn pg_finfo_workos_issuers_changed() -> &'static pg_sys::Pg_finfo_record {
    &pg_sys::Pg_finfo_record { api_version: 1 }
}
