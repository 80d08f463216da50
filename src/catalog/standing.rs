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
//! Tables are read as [`tables`] tells. The owner of the directory can change them.

use std::cell::Cell;
use std::ffi::CStr;

use pgrx::pg_sys::Oid;

use workos_claims::claims::Micros;
use workos_claims::session::Session;
use workos_claims::standing::{self, Membership, Role, Standing};

use super::directory;
use super::objects;
use super::tables::{self, Column, Field, Snapshot, Table, Type, Value};
use crate::errors::{self, Error};
use crate::local::Local;
use crate::postgres;

/// A state of the database, as one statement sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    segment: u64,
    seen: Seen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// The snapshot of the statement.
    Snapshot(tables::Numbers),
    /// The latest, as of the start of the message of the client, and of this command of the transaction.
    Latest(Micros, u32),
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

/// Called once, when the library loads.
pub fn watch() {
    objects::on_relation(on_table);
    objects::on_schema(|| TABLES.set(None));
    objects::on_transaction(|| SEGMENT.set(SEGMENT.get() + 1));
}

fn on_table(relation: Oid) {
    let Some(tables) = TABLES.get() else { return };
    let Tables { users, organizations, memberships, roles, revoked_sessions } = tables;
    let ours = [users, organizations, memberships, roles, revoked_sessions];
    if relation == Oid::INVALID || ours.iter().any(|table| table.is(relation)) {
        TABLES.set(None);
    }
}

/// The moment that counts for the current statement, which started at that time.
#[inline]
pub fn moment(statement: Micros) -> Moment {
    let seen = match tables::statement_snapshot() {
        Some(numbers) => Seen::Snapshot(numbers),
        None => Seen::Latest(statement, tables::command()),
    };
    Moment { segment: SEGMENT.get(), seen }
}

/// What the directory says of the session now. Raises if there is no directory.
#[cold]
pub fn of(session: Session<'_>) -> Standing {
    // For the catalogs.
    postgres::require(0);
    let tables = tables();
    tables::with_snapshot(|snapshot| Standing::of(session, &Reader { tables, snapshot }))
}

fn tables() -> Tables {
    // So that a directory that was dropped or changed is noticed.
    objects::accept_changes();
    if let Some(tables) = TABLES.get() {
        return tables;
    }
    let directory = directory::find();
    let table = |name, columns: &[&CStr]| Table::with_index(directory.table(name), columns);
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

struct Reader<'a> {
    tables: Tables,
    snapshot: Snapshot<'a>,
}

impl Reader<'_> {
    /// Calls `read` with these columns of each row in which the columns of the keys have these values.
    fn rows<const N: usize, R>(
        &self,
        table: Table,
        keys: &[(&'static CStr, Value<'_>)],
        columns: [Column; N],
        read: impl FnMut([Field<'_>; N]) -> R,
    ) -> Vec<R> {
        let rows = table.rows(Some(self.snapshot), keys, columns, read);
        rows.unwrap_or_else(|| errors::raise(Error::AlteredDirectory))
    }

    /// Whether there is a row of that id that has ended.
    fn has_ended(&self, table: Table, id: &str, ended_at: &'static CStr) -> bool {
        let columns = [(ended_at, Type::Time)];
        let ended = self.rows(table, &[(c"id", Value::Text(id))], columns, |[ended]| !ended.is_null());
        ended.contains(&true)
    }
}

impl standing::Directory for Reader<'_> {
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
        let columns = [
            (c"id", Type::Text),
            (c"status", Type::Text),
            (c"role", Type::Text),
            (c"roles", Type::Texts),
            (c"created_at", Type::Time),
            (c"updated_at", Type::Time),
            (c"deleted_at", Type::Time),
        ];
        let keys = [(c"user_id", Value::Text(user)), (c"organization_id", Value::Text(organization))];
        let read = |[id, status, role, roles, created, updated, deleted]: [Field<'_>; 7]| Membership {
            id: id.text().unwrap_or_default(),
            has_ended: !deleted.is_null(),
            is_active: status.text().as_deref() == Some("active"),
            created: created.time(),
            changed: updated.time().max(deleted.time()).unwrap_or(Micros::MAX),
            role: role.text(),
            roles: roles.texts(),
        };
        self.rows(self.tables.memberships, &keys, columns, read)
    }

    fn role(&self, organization: &str, slug: &str) -> Option<Role> {
        let columns =
            [(c"changed_at", Type::Time), (c"deleted_at", Type::Time), (c"permissions", Type::Texts)];
        let read = |[changed, deleted, permissions]: [Field<'_>; 3]| Role {
            changed: changed.time().unwrap_or(Micros::MAX),
            permissions: if deleted.is_null() { permissions.texts() } else { Vec::new() },
        };
        let of = |organization| {
            let keys = [(c"organization_id", Value::Text(organization)), (c"slug", Value::Text(slug))];
            self.rows(self.tables.roles, &keys, columns, read).into_iter().next()
        };
        of(organization).or_else(|| of(""))
    }
}
