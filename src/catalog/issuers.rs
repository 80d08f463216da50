//! The trusted issuers and the accepted audiences: two tables in the extension's schema, read into memory together. The table
//! of the configuration is read with them, and watched in the same way.
//!
//! **Invariant.** The copy in memory is used only until one of the tables changes in any backend. The triggers of a table
//! invalidate its entry in the relation cache of every backend. Invalidations reach standbys, and are undone with the
//! transaction. They are accepted at the first use in each statement. If a trigger is missing, disabled or changed
//! (`pg_restore --disable-triggers` also leaves it changed), a change of the table would not be noticed, so then both
//! are read again in each statement. A change of a trigger invalidates the entry by itself.
//!
//! The tables are found through the row of the extension in the catalog, never through a search path. They are read as
//! catalogs are: by any role, with its own snapshot, in a parallel worker, in a READ ONLY transaction and on a standby.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_int};
use std::ptr::null_mut;
use std::rc::Rc;

use pgrx::pg_sys;
use pgrx::prelude::*;

use workos_claims::audience::Audiences;
use workos_claims::claims::Micros;
use workos_claims::issuer::Issuers;

use super::configuration;
use super::library::{Function, look_up};
use crate::errors::{self, Error};
use crate::local::Local;
use crate::postgres;

const EXTENSION: &CStr = c"pg_workos";
const ISSUERS_TABLE: &CStr = c"workos_issuers";
const AUDIENCES_TABLE: &CStr = c"workos_audiences";
/// The C symbol of the trigger function.
const CHANGED: &str = "workos_issuers_changed";

/// The number of possible changes of the tables.
static CHANGES: Local<Cell<u64>> = Local::new(Cell::new(1));
/// The value of `CHANGES` when the tables were read.
static READ_AT: Local<Cell<u64>> = Local::new(Cell::new(0));
/// The tables of the trusted issuers, of the accepted audiences, and of the configuration.
static TABLES: Local<Cell<[pg_sys::Oid; 3]>> = Local::new(Cell::new([pg_sys::InvalidOid; 3]));
static STATEMENT: Local<Cell<Micros>> = Local::new(Cell::new(0));
/// Whether all triggers were in place when the tables were read.
static GUARDED: Local<Cell<bool>> = Local::new(Cell::new(false));

static ISSUERS: Local<RefCell<Option<Rc<Issuers>>>> = Local::new(RefCell::new(None));

/// Called once, when the library loads.
pub fn watch() {
    // SAFETY: the callbacks touch two variables.
    unsafe {
        pg_sys::CacheRegisterRelcacheCallback(Some(on_change), pg_sys::Datum::null());
        let functions = pg_sys::SysCacheIdentifier::PROCOID as c_int;
        pg_sys::CacheRegisterSyscacheCallback(functions, Some(on_function_change), pg_sys::Datum::null());
    }
}

/// The trigger function may have been replaced.
unsafe extern "C-unwind" fn on_function_change(_: pg_sys::Datum, _: c_int, _: u32) {
    CHANGES.set(CHANGES.get() + 1);
}

unsafe extern "C-unwind" fn on_change(_: pg_sys::Datum, relation: pg_sys::Oid) {
    if relation == pg_sys::InvalidOid || TABLES.get().contains(&relation) {
        CHANGES.set(CHANGES.get() + 1);
    }
}

/// The number of the state of the tables that [`current`] returns. Reads the tables again if they may have changed. The
/// argument is the start of the current statement.
#[inline]
pub fn generation(statement: Micros) -> u64 {
    if STATEMENT.get() != statement {
        // SAFETY: every lock on a table does the same, and catalogs can be read here.
        unsafe { pg_sys::AcceptInvalidationMessages() };
        STATEMENT.set(statement);
        if !GUARDED.get() {
            CHANGES.set(CHANGES.get() + 1);
        }
    }
    if READ_AT.get() != CHANGES.get() {
        read();
    }
    READ_AT.get()
}

/// As of the last call of [`generation`].
pub fn current() -> Rc<Issuers> {
    ISSUERS.borrow().clone().unwrap_or_default()
}

#[cold]
fn read() {
    // For the catalogs.
    postgres::require(0);
    // What changes from here on is seen, or leads to another reading.
    let changes = CHANGES.get();
    let Some(issuers) = find(ISSUERS_TABLE) else { errors::raise(Error::NoIssuersTable) };
    let Some(audiences) = find(AUDIENCES_TABLE) else { errors::raise(Error::NoAudiencesTable) };
    let Some(configured) = find(configuration::TABLE_NAME) else {
        errors::raise(Error::NoConfigurationTable)
    };
    TABLES.set([issuers, audiences, configured]);
    GUARDED.set(is_guarded(issuers) && is_guarded(audiences) && is_guarded(configured));
    configuration::read(configured);
    let rows = issuer_rows(issuers);
    let audiences = audience_rows(audiences);
    let length = rows.iter().map(|(_, jwks)| jwks.len()).sum();
    postgres::require_to_parse(length);
    let issuers = Issuers::new(rows.iter().map(|(issuer, jwks)| (&**issuer, &**jwks)))
        .accepting(Audiences::new(audiences.iter().map(|audience| &**audience)));
    ISSUERS.replace(Some(Rc::new(issuers)));
    READ_AT.set(changes);
}

fn audience_rows(table: pg_sys::Oid) -> Vec<String> {
    // The first column is the extension's own text, and NOT NULL.
    // SAFETY: its type is text.
    scan(table, None, |row| unsafe { String::from_datum(row[0], false).unwrap_or_default() })
}

fn issuer_rows(table: pg_sys::Oid) -> Vec<(String, String)> {
    // The first two columns are the extension's own, and NOT NULL.
    scan(table, None, |row| unsafe {
        // SAFETY: their types are text and jsonb.
        let issuer = String::from_datum(row[0], false).unwrap_or_default();
        let jwks =
            pgrx::direct_function_call::<&CStr>(pg_sys::jsonb_out, &[Some(row[1])]).unwrap_or_default();
        postgres::require(jwks.count_bytes());
        let utf8 = |bytes| postgres::to_utf8(bytes).map(|text| text.into_owned()).unwrap_or_default();
        (issuer, utf8(jwks.to_bytes()))
    })
}

/// The table of that name that belongs to the extension, never another one.
fn find(name: &CStr) -> Option<pg_sys::Oid> {
    let namespace = pg_sys::Anum_pg_extension_extnamespace as usize - 1;
    // SAFETY: catalog look-ups by C string and OID.
    unsafe {
        let extension = pg_sys::get_extension_oid(EXTENSION.as_ptr(), true);
        let schema = scan(pg_sys::ExtensionRelationId, Some(extension), |row| {
            pg_sys::Oid::from_datum(row[namespace], false)
        });
        let table = pg_sys::get_relname_relid(name.as_ptr(), schema.first().copied().flatten()?);
        let owned = table != pg_sys::InvalidOid
            && pg_sys::getExtensionOfObject(pg_sys::RelationRelationId, table) == extension;
        owned.then_some(table)
    }
}

/// Whether each change of the table's rows fires a trigger of this library, in every session.
fn is_guarded(table: pg_sys::Oid) -> bool {
    use pg_sys::{
        TRIGGER_TYPE_DELETE, TRIGGER_TYPE_INSERT, TRIGGER_TYPE_ROW, TRIGGER_TYPE_TRUNCATE,
        TRIGGER_TYPE_UPDATE,
    };
    let each_row = TRIGGER_TYPE_ROW | TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE;
    let lock = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
    // SAFETY: the relation is closed below, and its triggers are an array of that length.
    unsafe {
        let relation = pg_sys::table_open(table, lock);
        let triggers = match (*relation).trigdesc.as_ref() {
            Some(all) => std::slice::from_raw_parts(all.triggers, all.numtriggers as usize),
            None => &[],
        };
        // An AFTER trigger has no bit of its own in `tgtype`.
        let fires = |on: u32| {
            triggers.iter().any(|trigger| {
                trigger.tgtype as u32 == on
                    && trigger.tgenabled as u8 == pg_sys::TRIGGER_FIRES_ALWAYS
                    && trigger.tgqual.is_null()
                    && trigger.tgnattr == 0
                    && tells_of_changes(trigger.tgfoid)
            })
        };
        let guarded = fires(each_row) && fires(TRIGGER_TYPE_TRUNCATE);
        pg_sys::table_close(relation, lock);
        guarded
    }
}

/// Whether that function is [`workos_issuers_changed`].
fn tells_of_changes(function: pg_sys::Oid) -> bool {
    let is_ours =
        look_up(function, |found| matches!(found, Function::OfThisLibrary(symbol) if symbol == CHANGED));
    is_ours.unwrap_or(false)
}

/// Reads all rows of a table, or the row of `pg_extension` with that OID.
pub(super) fn scan<R>(
    table: pg_sys::Oid,
    oid: Option<pg_sys::Oid>,
    read: impl Fn(&[pg_sys::Datum]) -> R,
) -> Vec<R> {
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

/// The trigger of the table, after each change of a row, and after TRUNCATE.
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
