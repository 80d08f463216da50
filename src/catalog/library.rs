//! Tells which functions belong to this library, and which to the extension.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};

use pgrx::pg_sys::{self, Oid};
use pgrx::prelude::*;

/// The language `c` in pg_language.
const C: u32 = 13;

/// The kind of a function.
pub enum Function<'a> {
    /// A C function of this library, with its symbol. Only superusers can create such a function.
    OfThisLibrary(&'a str),
    /// Any other function, with its name.
    Other(&'a CStr),
}

/// Calls `read` with the kind of the function; `None` if no function has that OID.
pub fn look_up<R>(function: Oid, read: impl FnOnce(Function<'_>) -> R) -> Option<R> {
    let cache = pg_sys::SysCacheIdentifier::PROCOID as c_int;
    // SAFETY: a row of the catalog's cache, released after the last look at it. Both columns are text.
    unsafe {
        let row = pg_sys::SearchSysCache1(cache, function.into());
        if row.is_null() {
            return None;
        }
        let text = |column: u32| {
            let mut is_null = false;
            let datum = pg_sys::SysCacheGetAttr(cache, row, column as pg_sys::AttrNumber, &mut is_null);
            <&str>::from_datum(datum, is_null)
        };
        let about = pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_proc>(row);
        let file = if (*about).prolang == Oid::from(C) { text(pg_sys::Anum_pg_proc_probin) } else { None };
        let ours = file.is_some_and(|path| path.rsplit('/').next() == Some(env!("CARGO_PKG_NAME")));
        let result = match text(pg_sys::Anum_pg_proc_prosrc) {
            Some(symbol) if ours => read(Function::OfThisLibrary(symbol)),
            _ => read(Function::Other(CStr::from_ptr((*about).proname.data.as_ptr()))),
        };
        pg_sys::ReleaseSysCache(row);
        Some(result)
    }
}

/// Whether the function belongs to the extension pg_workos.
pub fn is_of_extension(function: Oid) -> bool {
    // SAFETY: reads the catalogs.
    unsafe {
        let extension = pg_sys::getExtensionOfObject(pg_sys::ProcedureRelationId, function);
        extension != Oid::INVALID && extension == pg_sys::get_extension_oid(c"pg_workos".as_ptr(), true)
    }
}
