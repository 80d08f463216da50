//! Whose function is it?
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};

use pgrx::pg_sys::{self, Oid};
use pgrx::prelude::*;

/// The helpers that are written in SQL.
const IN_SQL: [&CStr; 2] = [c"workos_is_member", c"workos_authenticated_within"];

/// The language `c` in pg_language.
const C: u32 = 13;

/// Is it a function of this extension? One in C is, if it is of this library: only superusers can create such.
pub fn is_ours(function: Oid) -> bool {
    if function.to_u32() < pg_sys::FirstNormalObjectId {
        return false;
    }
    // SAFETY: a row of the catalog's cache, released below.
    unsafe {
        let row = pg_sys::SearchSysCache1(pg_sys::SysCacheIdentifier::PROCOID as c_int, function.into());
        if row.is_null() {
            return false;
        }
        let about = pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_proc>(row);
        let ours = if (*about).prolang == Oid::from(C) {
            is_of_this_library(row)
        } else {
            let name = CStr::from_ptr((*about).proname.data.as_ptr());
            IN_SQL.contains(&name) && is_a_member(function)
        };
        pg_sys::ReleaseSysCache(row);
        ours
    }
}

/// # Safety
/// `row` is a row of pg_proc.
unsafe fn is_of_this_library(row: pg_sys::HeapTuple) -> bool {
    let mut is_null = false;
    // SAFETY: as the caller promises; the column is text.
    unsafe {
        let library = pg_sys::SysCacheGetAttr(
            pg_sys::SysCacheIdentifier::PROCOID as c_int,
            row,
            pg_sys::Anum_pg_proc_probin as pg_sys::AttrNumber,
            &mut is_null,
        );
        let library = <&str>::from_datum(library, is_null);
        library.is_some_and(|path| path.rsplit('/').next() == Some(env!("CARGO_PKG_NAME")))
    }
}

fn is_a_member(function: Oid) -> bool {
    // SAFETY: reads the catalogs.
    unsafe {
        let extension = pg_sys::getExtensionOfObject(pg_sys::ProcedureRelationId, function);
        extension != Oid::INVALID && extension == pg_sys::get_extension_oid(c"pg_workos".as_ptr(), true)
    }
}
