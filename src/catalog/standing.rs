//! Reads from the tables of the directory whether a session counts, and what its user may do: where
//! `workos_configure(membership => 'newest')` was called.
//!
//! **What is seen.** Under READ COMMITTED, the snapshot of the statement that calls the helper: so its rows and its
//! helpers agree, also in its parallel workers, and a cursor is one statement. Under REPEATABLE READ and SERIALIZABLE
//! that snapshot is as old as the transaction, so there it is the latest, taken at the first call in each message of the
//! client.
//!
//! **Invariant.** An answer is used again only for the same claims and at the same [`Moment`]. Between two snapshots with
//! these numbers no transaction has ended, since a transaction in progress can only leave the list of a snapshot while
//! `xmax` stays the same. The number of the segment changes with each end of a transaction or subtransaction, which can
//! take back what the transaction itself has written.
//!
//! Tables are read as the catalogs are: by any role, in a parallel worker, in a READ ONLY transaction and on a standby.
//! Each reading checks the types of the columns, since the owner of the directory can change its tables.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::null_mut;

use pgrx::pg_sys::{self, Oid};
use pgrx::prelude::*;

use workos_claims::claims::Micros;
use workos_claims::session::Session;
use workos_claims::standing::{self, Membership, Role, Standing};

use super::directory;
use crate::errors::{self, Error};
use crate::local::Local;
use crate::postgres;
use crate::postgres::text::{Text, Texts, Varlena};

/// A state of the database, as one statement sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    segment: u64,
    command: u32,
    seen: Seen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// The numbers of the snapshot of the statement.
    Snapshot { xmin: u32, xmax: u32, running: u32, running_below: i32, in_recovery: bool },
    /// The latest, as of the start of the message of the client.
    Latest(Micros),
}

mod direct {
    use super::*;

    unsafe extern "C-unwind" {
        pub fn ActiveSnapshotSet() -> bool;
        pub fn GetActiveSnapshot() -> pg_sys::Snapshot;
        pub fn GetCurrentCommandId(used: bool) -> pg_sys::CommandId;
    }
}

/// The number of transactions and subtransactions that have begun or ended.
static SEGMENT: Local<Cell<u64>> = Local::new(Cell::new(0));

/// The tables with their indexes, until one of them or the schema changes.
static TABLES: Local<Cell<Option<Tables>>> = Local::new(Cell::new(None));

#[derive(Clone, Copy)]
struct Tables {
    users: Table,
    organizations: Table,
    memberships: Table,
    roles: Table,
    revoked_sessions: Table,
}

#[derive(Clone, Copy)]
struct Table {
    oid: Oid,
    /// Of the columns by which the table is asked; invalid if it has none, and then the whole table is read.
    index: Oid,
}

/// Called once, when the library loads.
pub fn watch() {
    // SAFETY: the callbacks touch two variables.
    unsafe {
        pg_sys::CacheRegisterRelcacheCallback(Some(on_table), pg_sys::Datum::null());
        let schemas = pg_sys::SysCacheIdentifier::NAMESPACEOID as c_int;
        pg_sys::CacheRegisterSyscacheCallback(schemas, Some(on_schema), pg_sys::Datum::null());
        pg_sys::RegisterXactCallback(Some(on_transaction), null_mut());
        pg_sys::RegisterSubXactCallback(Some(on_subtransaction), null_mut());
    }
}

unsafe extern "C-unwind" fn on_table(_: pg_sys::Datum, relation: Oid) {
    let Some(tables) = TABLES.get() else { return };
    let Tables { users, organizations, memberships, roles, revoked_sessions } = tables;
    let ours = [users, organizations, memberships, roles, revoked_sessions];
    if relation == Oid::INVALID || ours.iter().any(|table| table.oid == relation || table.index == relation) {
        TABLES.set(None);
    }
}

unsafe extern "C-unwind" fn on_schema(_: pg_sys::Datum, _: c_int, _: u32) {
    TABLES.set(None);
}

unsafe extern "C-unwind" fn on_transaction(_: pg_sys::XactEvent::Type, _: *mut c_void) {
    SEGMENT.set(SEGMENT.get() + 1);
}

unsafe extern "C-unwind" fn on_subtransaction(
    _: pg_sys::SubXactEvent::Type,
    _: pg_sys::SubTransactionId,
    _: pg_sys::SubTransactionId,
    _: *mut c_void,
) {
    SEGMENT.set(SEGMENT.get() + 1);
}

/// The moment that counts for the current statement, which started at that time.
#[inline]
pub fn moment(statement: Micros) -> Moment {
    let segment = SEGMENT.get();
    // SAFETY: reads variables.
    unsafe {
        if sees_latest() {
            return Moment {
                segment,
                command: direct::GetCurrentCommandId(false),
                seen: Seen::Latest(statement),
            };
        }
        let snapshot = &*direct::GetActiveSnapshot();
        let seen = Seen::Snapshot {
            xmin: snapshot.xmin.into_inner(),
            xmax: snapshot.xmax.into_inner(),
            running: snapshot.xcnt,
            running_below: snapshot.subxcnt,
            in_recovery: snapshot.takenDuringRecovery,
        };
        Moment { segment, command: snapshot.curcid, seen }
    }
}

/// Whether the snapshot of the statement could be older than the statement, or there is none.
unsafe fn sees_latest() -> bool {
    // SAFETY: reads variables.
    unsafe { pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as c_int || !direct::ActiveSnapshotSet() }
}

/// What the directory says of the session now. Raises if there is no directory.
#[cold]
pub fn of(session: Session<'_>) -> Standing {
    // For the catalogs.
    postgres::require(0);
    let tables = tables();
    // SAFETY: a snapshot that is registered until it is given back below, or by Postgres after an error.
    unsafe {
        if !sees_latest() {
            return Standing::of(session, &Reader { tables, snapshot: direct::GetActiveSnapshot() });
        }
        let snapshot = pg_sys::RegisterSnapshot(pg_sys::GetCatalogSnapshot(tables.memberships.oid));
        let standing = Standing::of(session, &Reader { tables, snapshot });
        pg_sys::UnregisterSnapshot(snapshot);
        standing
    }
}

fn tables() -> Tables {
    // SAFETY: so that a directory that was dropped or changed is noticed.
    unsafe { pg_sys::AcceptInvalidationMessages() };
    if let Some(tables) = TABLES.get() {
        return tables;
    }
    let directory = directory::find();
    let table = |name, columns: &[&CStr]| {
        let oid = directory.table(name);
        Table { oid, index: index(oid, columns) }
    };
    let tables = Tables {
        users: table(c"users", &[c"id"]),
        organizations: table(c"organizations", &[c"id"]),
        memberships: table(c"memberships", &[c"user_id", c"organization_id"]),
        roles: table(c"roles", &[c"organization_id", c"slug"]),
        revoked_sessions: table(c"revoked_sessions", &[c"id"]),
    };
    TABLES.set(Some(tables));
    tables
}

const LOCK: pg_sys::LOCKMODE = pg_sys::AccessShareLock as pg_sys::LOCKMODE;

/// An index of all rows on exactly these columns.
fn index(table: Oid, columns: &[&CStr]) -> Oid {
    // SAFETY: the relations are closed below, or by Postgres after an error.
    unsafe {
        let relation = pg_sys::table_open(table, LOCK);
        let wanted: Vec<i16> = columns.iter().map(|name| pg_sys::get_attnum(table, name.as_ptr())).collect();
        let all = pg_sys::RelationGetIndexList(relation);
        let mut found = Oid::INVALID;
        for at in 0..if all.is_null() { 0 } else { (*all).length } {
            let oid = (*(*all).elements.add(at as usize)).oid_value;
            let index = pg_sys::index_open(oid, LOCK);
            let about = &*(*index).rd_index;
            let keys = about.indnkeyatts as usize;
            let fits = (*(*index).rd_rel).relam == pg_sys::BTREE_AM_OID
                && about.indisvalid
                && !about.indcheckxmin
                && keys == wanted.len()
                && about.indkey.values.as_slice(keys) == wanted
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
        pg_sys::table_close(relation, LOCK);
        found
    }
}

struct Reader {
    tables: Tables,
    snapshot: pg_sys::Snapshot,
}

/// A column by its name and type.
type Column = (&'static CStr, Oid);

impl Reader {
    /// Calls `read` with these columns of each row in which the columns of the keys have these values.
    fn rows<const N: usize, R>(
        &self,
        table: Table,
        keys: &[(&'static CStr, &str)],
        columns: [Column; N],
        mut read: impl FnMut([Option<pg_sys::Datum>; N]) -> R,
    ) -> Vec<R> {
        let mut rows = Vec::new();
        // SAFETY: the relation and the scan are closed below, or by Postgres after an error. A row is good until the next
        // one is asked for, and is deformed into as many columns as its table has.
        unsafe {
            let relation = pg_sys::table_open(table.oid, LOCK);
            let about = (*relation).rd_att;
            let columns = columns.map(|column| attribute(about, column));
            let mut scan_keys: Vec<pg_sys::ScanKeyData> = keys
                .iter()
                .map(|(name, value)| {
                    let column = attribute(about, (name, pg_sys::TEXTOID));
                    let mut key = pg_sys::ScanKeyData::default();
                    pg_sys::ScanKeyEntryInitialize(
                        &mut key,
                        0,
                        column as pg_sys::AttrNumber + 1,
                        pg_sys::BTEqualStrategyNumber as pg_sys::StrategyNumber,
                        Oid::INVALID,
                        pg_sys::DEFAULT_COLLATION_OID,
                        pg_sys::F_TEXTEQ.into(),
                        Varlena::text(value).datum(),
                    );
                    key
                })
                .collect();
            let by_index = table.index != Oid::INVALID;
            let number = scan_keys.len() as c_int;
            let scan = pg_sys::systable_beginscan(
                relation,
                table.index,
                by_index,
                self.snapshot,
                number,
                scan_keys.as_mut_ptr(),
            );
            let width = (*about).natts as usize;
            let mut values = vec![pg_sys::Datum::null(); width];
            let mut nulls = vec![false; width];
            loop {
                let row = pg_sys::systable_getnext(scan);
                if row.is_null() {
                    break;
                }
                pg_sys::heap_deform_tuple(row, about, values.as_mut_ptr(), nulls.as_mut_ptr());
                rows.push(read(columns.map(|at| (!nulls[at]).then_some(values[at]))));
            }
            pg_sys::systable_endscan(scan);
            pg_sys::table_close(relation, LOCK);
        }
        rows
    }

    /// Whether there is a row of that id that has ended.
    fn has_ended(&self, table: Table, id: &str, ended_at: &'static CStr) -> bool {
        let ended =
            self.rows(table, &[(c"id", id)], [(ended_at, pg_sys::TIMESTAMPTZOID)], |[ended]| ended.is_some());
        ended.contains(&true)
    }
}

/// The place of the column in the row. The owner of the directory can have changed the table.
///
/// # Safety
/// `about` describes an open table.
unsafe fn attribute(about: pg_sys::TupleDesc, (name, of_type): Column) -> usize {
    // SAFETY: as the caller promises.
    let found = unsafe {
        let number = (*about).natts as usize;
        #[cfg(not(feature = "pg18"))]
        let all: *const pg_sys::FormData_pg_attribute = (*about).attrs.as_ptr();
        #[cfg(feature = "pg18")]
        let all: *const pg_sys::FormData_pg_attribute = (*about).compact_attrs.as_ptr().add(number).cast();
        std::slice::from_raw_parts(all, number).iter().position(|attribute| {
            !attribute.attisdropped
                && attribute.atttypid == of_type
                && CStr::from_ptr(attribute.attname.data.as_ptr()) == name
        })
    };
    found.unwrap_or_else(|| errors::raise(Error::AlteredDirectory))
}

/// # Safety
/// A text.
unsafe fn text(datum: Option<pg_sys::Datum>) -> Option<Box<str>> {
    // SAFETY: as the caller promises.
    let text = unsafe { Text::from_datum(datum?, false) }?.bytes();
    postgres::require_if_large(text.len());
    postgres::to_utf8(text).map(Box::from)
}

/// # Safety
/// An array of text.
unsafe fn texts(datum: Option<pg_sys::Datum>) -> Vec<Box<str>> {
    // SAFETY: as the caller promises.
    let texts = datum.and_then(|datum| unsafe { Texts::from_datum(datum, false) });
    let Some(texts) = texts else { return Vec::new() };
    postgres::require_if_large(texts.size());
    let utf8 = |text: &[u8]| std::str::from_utf8(text).ok().map(Box::from);
    texts.arguments().flatten().filter_map(|text| utf8(&text)).collect()
}

fn time(datum: Option<pg_sys::Datum>) -> Option<Micros> {
    datum.map(|datum| datum.value() as Micros)
}

impl standing::Directory for Reader {
    fn session_was_revoked(&self, id: &str) -> bool {
        self.has_ended(self.tables.revoked_sessions, id, c"revoked_at")
    }

    fn user_has_ended(&self, id: &str) -> bool {
        self.has_ended(self.tables.users, id, c"deleted_at")
    }

    fn organization_has_ended(&self, id: &str) -> bool {
        self.has_ended(self.tables.organizations, id, c"deleted_at")
    }

    fn memberships(&self, user: &str, organization: &str) -> Vec<Membership> {
        use pg_sys::{TEXTARRAYOID, TEXTOID, TIMESTAMPTZOID};
        let columns = [
            (c"id", TEXTOID),
            (c"status", TEXTOID),
            (c"role", TEXTOID),
            (c"roles", TEXTARRAYOID),
            (c"created_at", TIMESTAMPTZOID),
            (c"updated_at", TIMESTAMPTZOID),
            (c"deleted_at", TIMESTAMPTZOID),
        ];
        let keys = [(c"user_id", user), (c"organization_id", organization)];
        // SAFETY: the columns have these types.
        self.rows(
            self.tables.memberships,
            &keys,
            columns,
            |[id, status, role, roles, created, updated, deleted]| unsafe {
                Membership {
                    id: text(id).unwrap_or_default(),
                    has_ended: deleted.is_some(),
                    is_active: text(status).as_deref() == Some("active"),
                    created: time(created),
                    changed: time(updated).max(time(deleted)).unwrap_or(Micros::MAX),
                    role: text(role),
                    roles: texts(roles),
                }
            },
        )
    }

    fn role(&self, organization: &str, slug: &str) -> Option<Role> {
        let columns = [
            (c"changed_at", pg_sys::TIMESTAMPTZOID),
            (c"deleted_at", pg_sys::TIMESTAMPTZOID),
            (c"permissions", pg_sys::TEXTARRAYOID),
        ];
        let of = |organization| {
            let keys = [(c"organization_id", organization), (c"slug", slug)];
            // SAFETY: the columns have these types.
            let rows = self.rows(self.tables.roles, &keys, columns, |[changed, deleted, permissions]| Role {
                changed: time(changed).unwrap_or(Micros::MAX),
                permissions: if deleted.is_some() { Vec::new() } else { unsafe { texts(permissions) } },
            });
            rows.into_iter().next()
        };
        of(organization).or_else(|| of(""))
    }
}
