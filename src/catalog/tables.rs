//! Reads tables as Postgres reads its catalogs: by any role, in a parallel worker, in a READ ONLY transaction and on a
//! standby.
//!
//! The owner of a table can change it, so nothing is assumed of it. It must be an ordinary table. Columns are found by
//! name and type, each time, and an index by what it holds. What does not fit is `None`.
//!
//! What a function opens it closes before it returns. After an error of Postgres, which leaves a function as a panic,
//! Postgres closes it.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};
use std::marker::PhantomData;
use std::ptr::null_mut;

use pgrx::pg_sys::{self, Datum, Oid};
use pgrx::prelude::*;

use workos_claims::claims::Micros;

use crate::postgres;
use crate::postgres::text::{Text, Texts, Varlena};

const LOCK: pg_sys::LOCKMODE = pg_sys::AccessShareLock as pg_sys::LOCKMODE;

/// The type of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Oid,
    /// regclass
    Relation,
    Text,
    Texts,
    Time,
    Json,
}

impl Type {
    fn oid(self) -> Oid {
        match self {
            Type::Oid => pg_sys::OIDOID,
            Type::Relation => pg_sys::REGCLASSOID,
            Type::Text => pg_sys::TEXTOID,
            Type::Texts => pg_sys::TEXTARRAYOID,
            Type::Time => pg_sys::TIMESTAMPTZOID,
            Type::Json => pg_sys::JSONBOID,
        }
    }
}

/// A column by its name and type.
pub type Column = (&'static CStr, Type);

/// What a column has in a row that is read. Each method is for columns that were asked for with that type; it returns
/// `None` for NULL.
pub struct Field<'a> {
    datum: Option<Datum>,
    of: Type,
    row: PhantomData<&'a ()>,
}

impl Field<'_> {
    fn of(&self, of: Type) -> Option<Datum> {
        assert!(self.of == of, "the column was asked for with another type");
        self.datum
    }

    pub fn is_null(&self) -> bool {
        self.datum.is_none()
    }

    pub fn oid(&self) -> Option<Oid> {
        self.of(Type::Oid).map(|datum| (datum.value() as u32).into())
    }

    pub fn relation(&self) -> Option<Oid> {
        self.of(Type::Relation).map(|datum| (datum.value() as u32).into())
    }

    pub fn time(&self) -> Option<Micros> {
        self.of(Type::Time).map(|datum| datum.value() as Micros)
    }

    pub fn text(&self) -> Option<Box<str>> {
        // SAFETY: a text of the row.
        let text = unsafe { Text::from_datum(self.of(Type::Text)?, false) }?.bytes();
        postgres::require_if_large(text.len());
        postgres::to_utf8(text).map(Box::from)
    }

    /// Empty for NULL; NULLs among the elements are left out.
    pub fn texts(&self) -> Vec<Box<str>> {
        // SAFETY: an array of text of the row.
        let texts = self.of(Type::Texts).and_then(|datum| unsafe { Texts::from_datum(datum, false) });
        let Some(texts) = texts else { return Vec::new() };
        postgres::require_if_large(texts.size());
        let utf8 = |text: &[u8]| std::str::from_utf8(text).ok().map(Box::from);
        texts.arguments().flatten().filter_map(|text| utf8(&text)).collect()
    }

    pub fn json(&self) -> Option<Box<str>> {
        let datum = self.of(Type::Json)?;
        // SAFETY: a jsonb of the row. The result is a C string.
        let json = unsafe { pgrx::direct_function_call::<&CStr>(pg_sys::jsonb_out, &[Some(datum)]) }?;
        postgres::require(json.count_bytes());
        postgres::to_utf8(json.to_bytes()).map(Box::from)
    }
}

/// What a column must be equal to.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Oid(Oid),
    Text(&'a str),
}

/// A table, and the index that its rows are found by; if that is invalid, the whole table is read.
#[derive(Clone, Copy)]
pub struct Table {
    oid: Oid,
    index: Oid,
}

/// `pg_extension`, by the column `oid`.
pub const EXTENSIONS: Table =
    Table { oid: pg_sys::ExtensionRelationId, index: Oid::from_u32(pg_sys::ExtensionOidIndexId) };

impl Table {
    pub fn without_index(oid: Oid) -> Table {
        Table { oid, index: Oid::INVALID }
    }

    /// With an index of all rows on exactly these columns, each a text, if there is one.
    pub fn with_index(oid: Oid, columns: &[&CStr]) -> Table {
        // SAFETY: the relation is open.
        let index = open(oid, |relation| unsafe { index(relation, columns) });
        Table { oid, index: index.unwrap_or(Oid::INVALID) }
    }

    /// Whether that is the table or its index.
    pub fn is(&self, relation: Oid) -> bool {
        self.oid == relation || self.index == relation
    }

    /// Calls `read` with these columns of each row in which the columns of the keys have these values. With an index,
    /// they are its columns. Without a snapshot, it is the latest. `None` if the table has no such columns.
    pub fn rows<const N: usize, R>(
        &self,
        snapshot: Option<Snapshot<'_>>,
        keys: &[(&'static CStr, Value<'_>)],
        columns: [Column; N],
        mut read: impl FnMut([Field<'_>; N]) -> R,
    ) -> Option<Vec<R>> {
        // SAFETY: the relation is open. A row is good until the next one is asked for, and is deformed into as many
        // columns as its table has.
        open(self.oid, |relation| unsafe {
            let about = (*relation).rd_att;
            let mut places = [0; N];
            for (place, column) in places.iter_mut().zip(columns) {
                *place = position(about, column)?;
            }
            let mut scan_keys = Vec::with_capacity(keys.len());
            for (name, value) in keys {
                scan_keys.push(key(about, name, *value)?);
            }
            let scan = pg_sys::systable_beginscan(
                relation,
                self.index,
                self.index != Oid::INVALID,
                snapshot.map_or(null_mut(), |snapshot| snapshot.0),
                scan_keys.len() as c_int,
                scan_keys.as_mut_ptr(),
            );
            let width = (*about).natts as usize;
            let mut values = vec![Datum::null(); width];
            let mut nulls = vec![false; width];
            let mut rows = Vec::new();
            loop {
                let row = pg_sys::systable_getnext(scan);
                if row.is_null() {
                    break;
                }
                pg_sys::heap_deform_tuple(row, about, values.as_mut_ptr(), nulls.as_mut_ptr());
                rows.push(read(std::array::from_fn(|at| Field {
                    datum: (!nulls[places[at]]).then_some(values[places[at]]),
                    of: columns[at].1,
                    row: PhantomData,
                })));
            }
            pg_sys::systable_endscan(scan);
            Some(rows)
        })?
    }
}

/// Calls `read` with a table that is open meanwhile; `None` if it is a view or the like. Raises if there is none.
fn open<R>(table: Oid, read: impl FnOnce(pg_sys::Relation) -> R) -> Option<R> {
    // SAFETY: see the module.
    unsafe {
        let relation = pg_sys::table_open(table, LOCK);
        let is_ordinary = (*(*relation).rd_rel).relkind as u8 == pg_sys::RELKIND_RELATION;
        let result = is_ordinary.then(|| read(relation));
        pg_sys::table_close(relation, LOCK);
        result
    }
}

/// # Safety
/// The relation is an open table.
unsafe fn index(relation: pg_sys::Relation, columns: &[&CStr]) -> Oid {
    // SAFETY: see the module. The columns of the index are arrays of as many elements as it has keys.
    unsafe {
        let table = (*relation).rd_id;
        let wanted: Vec<i16> = columns.iter().map(|name| pg_sys::get_attnum(table, name.as_ptr())).collect();
        let all = pg_sys::RelationGetIndexList(relation);
        let mut found = Oid::INVALID;
        for at in 0..if all.is_null() { 0 } else { (*all).length } {
            let oid = (*(*all).elements.add(at as usize)).oid_value;
            let index = pg_sys::index_open(oid, LOCK);
            let about = (*index).rd_index;
            let keys = (*about).indnkeyatts as usize;
            let key_columns = (&raw const (*about).indkey.values).cast::<i16>();
            let fits = (*(*index).rd_rel).relam == pg_sys::BTREE_AM_OID
                && (*about).indisvalid
                && !(*about).indcheckxmin
                && keys == wanted.len()
                && std::slice::from_raw_parts(key_columns, keys) == wanted
                && pg_sys::RelationGetIndexPredicate(index).is_null()
                && (0..keys).all(|at| {
                    *(*index).rd_opfamily.add(at) == pg_sys::TEXT_BTREE_FAM_OID
                        && *(*index).rd_indcollation.add(at) == pg_sys::DEFAULT_COLLATION_OID
                });
            pg_sys::index_close(index, LOCK);
            if fits {
                found = oid;
            }
        }
        found
    }
}

/// # Safety
/// `about` describes an open table.
unsafe fn key(about: pg_sys::TupleDesc, name: &CStr, value: Value<'_>) -> Option<pg_sys::ScanKeyData> {
    let (of, equals, datum) = match value {
        Value::Oid(oid) => (Type::Oid, pg_sys::F_OIDEQ, oid.into()),
        Value::Text(text) => (Type::Text, pg_sys::F_TEXTEQ, Varlena::text(text).datum()),
    };
    let mut key = pg_sys::ScanKeyData::default();
    // SAFETY: as the caller promises. The function compares two values of the type of the column.
    unsafe {
        pg_sys::ScanKeyEntryInitialize(
            &mut key,
            0,
            position(about, (name, of))? as pg_sys::AttrNumber + 1,
            pg_sys::BTEqualStrategyNumber as pg_sys::StrategyNumber,
            Oid::INVALID,
            pg_sys::DEFAULT_COLLATION_OID,
            equals.into(),
            datum,
        );
    }
    Some(key)
}

/// The place of the column in the row.
///
/// # Safety
/// `about` describes an open table.
unsafe fn position(about: pg_sys::TupleDesc, (name, of): (&CStr, Type)) -> Option<usize> {
    // SAFETY: as the caller promises.
    unsafe {
        let number = (*about).natts as usize;
        #[cfg(not(feature = "pg18"))]
        let all: *const pg_sys::FormData_pg_attribute = (*about).attrs.as_ptr();
        #[cfg(feature = "pg18")]
        let all: *const pg_sys::FormData_pg_attribute = (*about).compact_attrs.as_ptr().add(number).cast();
        std::slice::from_raw_parts(all, number).iter().position(|attribute| {
            !attribute.attisdropped
                && attribute.atttypid == of.oid()
                && CStr::from_ptr(attribute.attname.data.as_ptr()) == name
        })
    }
}

/// A trigger of a table.
pub struct Trigger {
    /// Its `tgtype`.
    pub on: u32,
    /// ENABLE ALWAYS.
    pub always: bool,
    /// WHEN.
    pub has_condition: bool,
    /// UPDATE OF.
    pub is_of_columns: bool,
    pub function: Oid,
}

pub fn triggers(table: Oid) -> Vec<Trigger> {
    // SAFETY: the relation is open, and its triggers are an array of that length.
    let triggers = open(table, |relation| unsafe {
        let Some(all) = (*relation).trigdesc.as_ref() else { return Vec::new() };
        let all = std::slice::from_raw_parts(all.triggers, all.numtriggers as usize);
        let about = |trigger: &pg_sys::Trigger| Trigger {
            on: trigger.tgtype as u32,
            always: trigger.tgenabled as u8 == pg_sys::TRIGGER_FIRES_ALWAYS,
            has_condition: !trigger.tgqual.is_null(),
            is_of_columns: trigger.tgnattr != 0,
            function: trigger.tgfoid,
        };
        all.iter().map(about).collect()
    });
    triggers.unwrap_or_default()
}

// Linked directly, because the bindings of pgrx put a `sigsetjmp` around every call. They read variables.
mod direct {
    use super::*;

    unsafe extern "C-unwind" {
        pub fn ActiveSnapshotSet() -> bool;
        pub fn GetActiveSnapshot() -> pg_sys::Snapshot;
        pub fn GetCurrentCommandId(used: bool) -> pg_sys::CommandId;
    }
}

/// By which rows are seen.
#[derive(Clone, Copy)]
pub struct Snapshot<'a>(pg_sys::Snapshot, PhantomData<&'a ()>);

/// The numbers of a snapshot. Two snapshots of one transaction with the same numbers see the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    command: u32,
    xmin: u32,
    xmax: u32,
    running: u32,
    running_below: i32,
    in_recovery: bool,
}

/// Those of the snapshot of the current statement; `None` if that could be older than the statement, or there is none.
#[inline]
pub fn statement_snapshot() -> Option<Numbers> {
    if sees_latest() {
        return None;
    }
    // SAFETY: there is an active snapshot.
    let snapshot = unsafe { &*direct::GetActiveSnapshot() };
    Some(Numbers {
        command: snapshot.curcid,
        xmin: snapshot.xmin.into_inner(),
        xmax: snapshot.xmax.into_inner(),
        running: snapshot.xcnt,
        running_below: snapshot.subxcnt,
        in_recovery: snapshot.takenDuringRecovery,
    })
}

/// Calls `read` with the snapshot of the current statement; where [`statement_snapshot`] is `None`, with the latest.
pub fn with_snapshot<R>(read: impl FnOnce(Snapshot<'_>) -> R) -> R {
    // SAFETY: an active snapshot stays until the statement ends. The other one is registered until it is given back, or
    // until Postgres does that after an error.
    unsafe {
        if !sees_latest() {
            return read(Snapshot(direct::GetActiveSnapshot(), PhantomData));
        }
        // A catalog that has a cache could get an older one.
        let no_catalog = Oid::INVALID;
        let snapshot = pg_sys::RegisterSnapshot(pg_sys::GetCatalogSnapshot(no_catalog));
        let result = read(Snapshot(snapshot, PhantomData));
        pg_sys::UnregisterSnapshot(snapshot);
        result
    }
}

/// The number of the current command of the transaction.
#[inline]
pub fn command() -> u32 {
    // SAFETY: reads a variable.
    unsafe { direct::GetCurrentCommandId(false) }
}

/// Whether the snapshot of the statement could be older than the statement, or there is none.
#[inline]
fn sees_latest() -> bool {
    // SAFETY: reads variables.
    unsafe { pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as c_int || !direct::ActiveSnapshotSet() }
}
