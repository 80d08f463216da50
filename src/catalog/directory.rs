//! Finds the extension pg_workos_directory, and asks it.
//!
//! Everything must be as the extension has made it: the schema, its tables and the function belong to the extension,
//! and to one role. Anybody who may create schemas can create one of that name while there is no directory.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};

use pgrx::pg_sys::{self, Oid};

use crate::errors::{self, Error};
use crate::postgres::text::Varlena;

const EXTENSION: &CStr = c"pg_workos_directory";
const SCHEMA: &CStr = c"workos";
const ORG_IDS: &CStr = c"_org_ids";
const DELEGATE_MAY: &CStr = c"_delegate_may";

/// The directory of this database.
pub struct Directory {
    extension: Oid,
    schema: Oid,
    owner: Oid,
}

/// Raises if there is no directory.
pub fn find() -> Directory {
    match schema() {
        Some(directory) => directory,
        None => errors::raise(Error::NoDirectory),
    }
}

/// The schema must belong to the extension.
fn schema() -> Option<Directory> {
    // SAFETY: reads the catalogs.
    unsafe {
        let extension = valid(pg_sys::get_extension_oid(EXTENSION.as_ptr(), true))?;
        let schema = valid(pg_sys::get_namespace_oid(SCHEMA.as_ptr(), true))?;
        let owner = row(
            pg_sys::SysCacheIdentifier::NAMESPACEOID as c_int,
            schema,
            |row: &pg_sys::FormData_pg_namespace| row.nspowner,
        )?;
        (pg_sys::getExtensionOfObject(pg_sys::NamespaceRelationId, schema) == extension)
            .then_some(Directory { extension, schema, owner })
    }
}

impl Directory {
    /// The ids of the organizations in which the current user is an active member: all of them, or those where the
    /// user has the given role or permission. The function reads the claims itself, and is SECURITY DEFINER.
    ///
    /// The caller must not hold a borrow: SQL runs, and it calls functions of this library.
    pub fn org_ids(&self, which: &str, slug: Varlena) -> Varlena {
        let Some(function) = self.function::<2>(ORG_IDS, pg_sys::TEXTARRAYOID) else {
            errors::raise(Error::AlteredDirectory)
        };
        let which = Varlena::text(which).datum();
        // SAFETY: the function takes two texts, and its result is an array, never NULL.
        unsafe {
            let collation = pg_sys::DEFAULT_COLLATION_OID;
            let ids = pg_sys::OidFunctionCall2Coll(function, collation, which, slug.datum());
            Varlena::at(ids.cast_mut_ptr())
        }
    }

    /// Whether the user for whom an application acts, through the gate of this scope and client, may do what the permission
    /// says in the organization of the token. An empty text stands for what the gate does not name. The function reads the
    /// claims itself, and is SECURITY DEFINER.
    ///
    /// The caller must not hold a borrow, as with [`Directory::org_ids`].
    pub fn delegate_may(&self, scope: Varlena, client: Varlena, permission: Varlena) -> bool {
        let Some(function) = self.function::<3>(DELEGATE_MAY, pg_sys::BOOLOID) else {
            errors::raise(Error::AlteredDirectory)
        };
        // SAFETY: the function takes three texts, and its result is a boolean, never NULL.
        unsafe {
            let collation = pg_sys::DEFAULT_COLLATION_OID;
            let [scope, client, permission] = [scope, client, permission].map(|text| text.datum());
            pg_sys::OidFunctionCall3Coll(function, collation, scope, client, permission).value() != 0
        }
    }

    /// The function of that name with this number of texts as arguments.
    fn function<const ARGUMENTS: usize>(&self, name: &CStr, result: Oid) -> Option<Oid> {
        // SAFETY: reads the catalogs.
        unsafe {
            let arguments = [pg_sys::TEXTOID; ARGUMENTS];
            let function = valid(pg_sys::GetSysCacheOid(
                pg_sys::SysCacheIdentifier::PROCNAMEARGSNSP as c_int,
                pg_sys::Anum_pg_proc_oid as pg_sys::AttrNumber,
                name.as_ptr().into(),
                pg_sys::buildoidvector(arguments.as_ptr(), arguments.len() as c_int).into(),
                self.schema.into(),
                pg_sys::Datum::from(0),
            ))?;
            let is_theirs = row(
                pg_sys::SysCacheIdentifier::PROCOID as c_int,
                function,
                |row: &pg_sys::FormData_pg_proc| {
                    row.proowner == self.owner && row.prosecdef && row.prorettype == result
                },
            )?;
            (is_theirs && self.owns(pg_sys::ProcedureRelationId, function)).then_some(function)
        }
    }

    /// The table of that name.
    pub fn table(&self, name: &CStr) -> Oid {
        // SAFETY: reads the catalogs.
        let table = unsafe {
            valid(pg_sys::get_relname_relid(name.as_ptr(), self.schema)).filter(|table| {
                let is_theirs = row(
                    pg_sys::SysCacheIdentifier::RELOID as c_int,
                    *table,
                    |row: &pg_sys::FormData_pg_class| {
                        row.relowner == self.owner
                            && row.relkind as u8 == pg_sys::RELKIND_RELATION
                            && row.relam == pg_sys::HEAP_TABLE_AM_OID
                    },
                );
                is_theirs == Some(true) && self.owns(pg_sys::RelationRelationId, *table)
            })
        };
        table.unwrap_or_else(|| errors::raise(Error::AlteredDirectory))
    }

    fn owns(&self, class: Oid, object: Oid) -> bool {
        // SAFETY: reads the catalogs.
        unsafe { pg_sys::getExtensionOfObject(class, object) == self.extension }
    }
}

/// Calls `read` with a row of a catalog; `None` if there is none of that OID.
///
/// # Safety
/// `T` is the row of that catalog.
unsafe fn row<T, R>(cache: c_int, oid: Oid, read: impl FnOnce(&T) -> R) -> Option<R> {
    // SAFETY: as the caller promises; the row is released after the last look at it.
    unsafe {
        let row = pg_sys::SearchSysCache1(cache, oid.into());
        if row.is_null() {
            return None;
        }
        let result = read(&*pg_sys::heap_tuple_get_struct::<T>(row));
        pg_sys::ReleaseSysCache(row);
        Some(result)
    }
}

fn valid(object: Oid) -> Option<Oid> {
    (object != Oid::INVALID).then_some(object)
}
