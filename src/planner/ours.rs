//! Tells which functions belong to this extension.

use std::ffi::CStr;

use pgrx::pg_sys::{self, Oid};

use crate::catalog::library::{Function, is_of_extension, look_up};

/// The helpers that are written in SQL.
const IN_SQL: [&CStr; 2] = [c"workos_is_member", c"workos_authenticated_within"];

/// Whether the function belongs to this extension.
pub fn is_ours(function: Oid) -> bool {
    if function.to_u32() < pg_sys::FirstNormalObjectId {
        return false;
    }
    let ours = look_up(function, |found| match found {
        Function::OfThisLibrary(_) => true,
        Function::Other(name) => IN_SQL.contains(&name) && is_of_extension(function),
    });
    ours.unwrap_or(false)
}
