//! Finds the extension pg_workos_directory, and asks it.
//!
//! Everything must be as the extension has made it: the schema, its tables and the function belong to the extension,
//! and to one role. Anybody who may create schemas can create one of that name while there is no directory.

use std::ffi::CStr;

use pgrx::pg_sys::Oid;

use super::objects::{self, Object};
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

/// Whether the extension is there, however its objects are.
pub fn is_installed() -> bool {
    objects::extension(EXTENSION).is_some()
}

/// The schema must belong to the extension.
fn schema() -> Option<Directory> {
    let extension = objects::extension(EXTENSION)?;
    let schema = objects::schema(SCHEMA)?;
    let owner = objects::owner_of_schema(schema)?;
    objects::belongs(Object::Schema(schema), extension).then_some(Directory { extension, schema, owner })
}

/// What is there, or an error.
fn unaltered<T>(found: Option<T>) -> T {
    found.unwrap_or_else(|| errors::raise(Error::AlteredDirectory))
}

impl Directory {
    /// The ids of the organizations in which the current user is an active member: all of them, or those where the
    /// user has the given role or permission. The function reads the claims itself, and is SECURITY DEFINER.
    ///
    /// The caller must not hold a borrow: SQL runs, and it calls functions of this library.
    pub fn org_ids(&self, which: &str, slug: Varlena) -> Varlena {
        let function = self.function(ORG_IDS, 2);
        unaltered(objects::call_for_texts(function, [&Varlena::text(which), &slug]))
    }

    /// Whether the user for whom an application acts, through the gate of this scope and client, may do what the permission
    /// says in the organization of the token. An empty text stands for what the gate does not name. The function reads the
    /// claims itself, and is SECURITY DEFINER.
    ///
    /// The caller must not hold a borrow, as with [`Directory::org_ids`].
    pub fn delegate_may(&self, scope: Varlena, client: Varlena, permission: Varlena) -> bool {
        let function = self.function(DELEGATE_MAY, 3);
        unaltered(objects::call_for_bool(function, [&scope, &client, &permission]))
    }

    /// The function of that name with this number of texts as arguments.
    fn function(&self, name: &CStr, texts: usize) -> Oid {
        let function = objects::function(self.schema, name, texts).filter(|function| {
            let is_theirs = objects::about_function(*function, |about| {
                about.owner() == self.owner && about.is_security_definer()
            });
            is_theirs == Some(true) && objects::belongs(Object::Function(*function), self.extension)
        });
        unaltered(function)
    }

    /// The table of that name.
    pub fn table(&self, name: &CStr) -> Oid {
        let table = objects::table(self.schema, name).filter(|table| {
            objects::owner_of_heap(*table) == Some(self.owner)
                && objects::belongs(Object::Table(*table), self.extension)
        });
        unaltered(table)
    }
}
