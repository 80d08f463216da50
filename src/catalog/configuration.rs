//! What `workos_configure()` was given. [`super::issuers`] reads it, and notices when it changes.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::CStr;

use pgrx::prelude::*;

use super::issuers::scan;
use crate::local::Local;

pub const TABLE_NAME: &CStr = c"workos_configuration";

static NEWEST: Local<Cell<bool>> = Local::new(Cell::new(false));

/// Whether the newer of token and directory decides, as of the last call of [`super::issuers::generation`]. If not, the
/// token decides.
#[inline]
pub fn newest() -> bool {
    NEWEST.get()
}

/// The second column of the only row. It belongs to the extension, and is NOT NULL.
pub fn read(table: pg_sys::Oid) {
    // SAFETY: its type is text.
    let rows = scan(table, None, |row| unsafe { String::from_datum(row[1], false) });
    NEWEST.set(rows.iter().flatten().any(|membership| membership != "token"));
}
