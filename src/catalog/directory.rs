//! Finds the extension pg_workos_directory, and asks it.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};

use pgrx::pg_sys::{self, Oid};

use crate::errors::{self, Error};
use crate::postgres::text::Varlena;

const EXTENSION: &CStr = c"pg_workos_directory";
const SCHEMA: &CStr = c"workos";
const ORG_IDS: &CStr = c"_org_ids";
const DELEGATE_MAY: &CStr = c"_delegate_may";

/// The directory of this database. It has the functions `workos._org_ids(text, text)` and
/// `workos._delegate_may(text, text, text)`.
pub struct Directory {
    org_ids: Oid,
    delegate_may: Oid,
}

/// Raises if there is no directory.
pub fn find() -> Directory {
    match (function::<2>(ORG_IDS), function::<3>(DELEGATE_MAY)) {
        (Some(org_ids), Some(delegate_may)) => Directory { org_ids, delegate_may },
        _ => errors::raise(Error::NoDirectory),
    }
}

impl Directory {
    /// The ids of the organizations in which the current user is an active member: all of them, or those where the
    /// user has the given role or permission. The function reads the claims itself, and is SECURITY DEFINER.
    ///
    /// The caller must not hold a borrow: SQL runs, and it calls functions of this library.
    pub fn org_ids(&self, which: &str, slug: Varlena) -> Varlena {
        let which = Varlena::text(which).datum();
        // SAFETY: the function takes two texts, and its result is an array, never NULL.
        unsafe {
            let collation = pg_sys::DEFAULT_COLLATION_OID;
            let ids = pg_sys::OidFunctionCall2Coll(self.org_ids, collation, which, slug.datum());
            Varlena::at(ids.cast_mut_ptr())
        }
    }

    /// Whether the user for whom an application acts, through the gate of this scope and client, may do what the permission
    /// says in the organization of the token. An empty text stands for what the gate does not name. The function reads the
    /// claims itself, and is SECURITY DEFINER.
    ///
    /// The caller must not hold a borrow, as with [`Directory::org_ids`].
    pub fn delegate_may(&self, scope: Varlena, client: Varlena, permission: Varlena) -> bool {
        // SAFETY: the function takes three texts, and its result is a boolean, never NULL.
        unsafe {
            let collation = pg_sys::DEFAULT_COLLATION_OID;
            let [scope, client, permission] = [scope, client, permission].map(|text| text.datum());
            pg_sys::OidFunctionCall3Coll(self.delegate_may, collation, scope, client, permission).value() != 0
        }
    }
}

/// A function of the schema `workos` with this number of texts as arguments. Both the schema and the function must belong to the extension: anybody
/// who may create schemas can create one of that name while there is no directory.
fn function<const ARGUMENTS: usize>(name: &CStr) -> Option<Oid> {
    // SAFETY: reads the catalogs.
    unsafe {
        let extension = valid(pg_sys::get_extension_oid(EXTENSION.as_ptr(), true))?;
        let of_extension = |class, object| pg_sys::getExtensionOfObject(class, object) == extension;
        let schema = valid(pg_sys::get_namespace_oid(SCHEMA.as_ptr(), true))?;
        let arguments = [pg_sys::TEXTOID; ARGUMENTS];
        let function = valid(pg_sys::GetSysCacheOid(
            pg_sys::SysCacheIdentifier::PROCNAMEARGSNSP as c_int,
            pg_sys::Anum_pg_proc_oid as pg_sys::AttrNumber,
            name.as_ptr().into(),
            pg_sys::buildoidvector(arguments.as_ptr(), arguments.len() as c_int).into(),
            schema.into(),
            pg_sys::Datum::from(0),
        ))?;
        (of_extension(pg_sys::NamespaceRelationId, schema)
            && of_extension(pg_sys::ProcedureRelationId, function))
        .then_some(function)
    }
}

fn valid(object: Oid) -> Option<Oid> {
    (object != Oid::INVALID).then_some(object)
}
