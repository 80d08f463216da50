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

use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::rc::Rc;

use pgrx::pg_sys::{self, Oid};

use workos_claims::audience::Audiences;
use workos_claims::claims::Micros;
use workos_claims::issuer::Issuers;

use super::configuration;
use super::library::{EXTENSION, Function, look_up};
use super::objects::{self, Object};
use super::tables::{self, EXTENSIONS, Table, Type, Value};
use crate::errors::{self, Error};
use crate::local::Local;
use crate::postgres;

const ISSUERS_TABLE: &CStr = c"workos_issuers";
const AUDIENCES_TABLE: &CStr = c"workos_audiences";
/// The C symbol of [`objects::workos_issuers_changed`].
const CHANGED: &[u8] = b"workos_issuers_changed";

/// The number of possible changes of the tables.
static CHANGES: Local<Cell<u64>> = Local::new(Cell::new(1));
/// The value of `CHANGES` when the tables were read.
static READ_AT: Local<Cell<u64>> = Local::new(Cell::new(0));
/// The tables of the trusted issuers, of the accepted audiences, and of the configuration.
static TABLES: Local<Cell<[Oid; 3]>> = Local::new(Cell::new([Oid::INVALID; 3]));
static STATEMENT: Local<Cell<Micros>> = Local::new(Cell::new(0));
/// Whether all triggers were in place when the tables were read.
static GUARDED: Local<Cell<bool>> = Local::new(Cell::new(false));

static ISSUERS: Local<RefCell<Option<Rc<Issuers>>>> = Local::new(RefCell::new(None));

/// Called once, when the library loads.
pub fn watch() {
    objects::on_relation(on_change);
    // The trigger function may have been replaced.
    objects::on_function(changed);
}

fn on_change(relation: Oid) {
    if relation == Oid::INVALID || TABLES.get().contains(&relation) {
        changed();
    }
}

fn changed() {
    CHANGES.set(CHANGES.get() + 1);
}

/// The number of the state of the tables that [`current`] returns. Reads the tables again if they may have changed. The
/// argument is the start of the current statement.
#[inline]
pub fn generation(statement: Micros) -> u64 {
    if STATEMENT.get() != statement {
        objects::accept_changes();
        STATEMENT.set(statement);
        if !GUARDED.get() {
            changed();
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
    let there = |table: Option<Oid>, error| table.unwrap_or_else(|| errors::raise(error));
    let issuers = there(find(ISSUERS_TABLE), Error::NoIssuersTable);
    let audiences = there(find(AUDIENCES_TABLE), Error::NoAudiencesTable);
    let configured = there(find(configuration::TABLE_NAME), Error::NoConfigurationTable);
    TABLES.set([issuers, audiences, configured]);
    GUARDED.set(is_guarded(issuers) && is_guarded(audiences) && is_guarded(configured));
    if configuration::read(configured).is_none() {
        errors::raise(Error::NoConfigurationTable);
    }
    let Some(rows) = issuer_rows(issuers) else { errors::raise(Error::NoIssuersTable) };
    let Some(audiences) = audience_rows(audiences) else { errors::raise(Error::NoAudiencesTable) };
    let length = rows.iter().map(|(_, jwks)| jwks.len()).sum();
    postgres::require_to_parse(length);
    let issuers = Issuers::new(rows.iter().map(|(issuer, jwks)| (&**issuer, &**jwks)))
        .accepting(Audiences::new(audiences.iter().map(|audience| &**audience)));
    ISSUERS.replace(Some(Rc::new(issuers)));
    READ_AT.set(changes);
}

fn audience_rows(table: Oid) -> Option<Vec<Box<str>>> {
    let columns = [(c"audience", Type::Text)];
    Table::without_index(table).rows(None, &[], columns, |[audience]| audience.text().unwrap_or_default())
}

fn issuer_rows(table: Oid) -> Option<Vec<(Box<str>, Box<str>)>> {
    let columns = [(c"issuer", Type::Text), (c"jwks", Type::Json)];
    Table::without_index(table).rows(None, &[], columns, |[issuer, jwks]| {
        (issuer.text().unwrap_or_default(), jwks.json().unwrap_or_default())
    })
}

/// The table of that name that belongs to the extension, never another one.
fn find(name: &CStr) -> Option<Oid> {
    let extension = objects::extension(EXTENSION)?;
    let keys = [(c"oid", Value::Oid(extension))];
    let columns = [(c"extnamespace", Type::Oid)];
    let schema = EXTENSIONS.rows(None, &keys, columns, |[schema]| schema.oid())?;
    let table = objects::table(schema.first().copied().flatten()?, name)?;
    objects::belongs(Object::Table(table), extension).then_some(table)
}

/// Whether each change of the table's rows fires a trigger of this library, in every session.
fn is_guarded(table: Oid) -> bool {
    use pg_sys::{
        TRIGGER_TYPE_DELETE, TRIGGER_TYPE_INSERT, TRIGGER_TYPE_ROW, TRIGGER_TYPE_TRUNCATE,
        TRIGGER_TYPE_UPDATE,
    };
    let each_row = TRIGGER_TYPE_ROW | TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE;
    let triggers = tables::triggers(table);
    // An AFTER trigger has no bit of its own in `tgtype`.
    let fires = |on: u32| {
        triggers.iter().any(|trigger| {
            trigger.on == on
                && trigger.always
                && !trigger.has_condition
                && !trigger.is_of_columns
                && tells_of_changes(trigger.function)
        })
    };
    fires(each_row) && fires(TRIGGER_TYPE_TRUNCATE)
}

/// Whether that function is [`objects::workos_issuers_changed`].
fn tells_of_changes(function: Oid) -> bool {
    let is_ours =
        look_up(function, |found| matches!(found, Function::OfThisLibrary(symbol) if symbol == CHANGED));
    is_ours.unwrap_or(false)
}
