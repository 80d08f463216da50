//! The setting `workos.claims_source`: whose claims count.
//!
//! The library loads at the first call of a helper, unless it is preloaded. Anybody can have set a setting of that
//! name before, and Postgres keeps or drops such a value by its own rules when the setting gets defined. One of them
//! needs help: a value in the client's startup packet hides what ALTER DATABASE or postgresql.conf say, and is then
//! dropped, because this client may not set it. What is left is the default, which is not what the administrator
//! chose. So a start value that was dropped makes the source `refused`: every helper raises, in this backend and in
//! its parallel workers, until the client reconnects.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::ptr::null;

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::local::Local;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `request.jwt.claims`: claims of a token that a gateway has verified.
    Request,
    /// `workos.access_token`: a token that is verified here.
    Token,
    /// The administrator's choice is not known.
    Refused,
}

const NAME: &CStr = c"workos.claims_source";

/// A parallel worker can be the first to call a helper, and Postgres drops earlier values in parallel mode but for
/// settings with this flag.
pub const FLAGS: u32 = pg_sys::GUC_ALLOW_IN_PARALLEL | pg_sys::GUC_NOT_IN_SAMPLE;

const REQUEST: c_int = 0;
const TOKEN: c_int = 1;
const REFUSED: c_int = 2;
/// Nobody has chosen: as REQUEST, but told apart from it.
const DEFAULT: c_int = 3;

// Postgres keeps its address, and writes to it.
static SOURCE: Local<Cell<c_int>> = Local::new(Cell::new(DEFAULT));

struct Names([pg_sys::config_enum_entry; 5]);

// SAFETY: constant.
unsafe impl Sync for Names {}

static NAMES: Names = Names([
    pg_sys::config_enum_entry { name: c"request".as_ptr(), val: REQUEST, hidden: false },
    pg_sys::config_enum_entry { name: c"token".as_ptr(), val: TOKEN, hidden: false },
    pg_sys::config_enum_entry { name: c"refused".as_ptr(), val: REFUSED, hidden: true },
    pg_sys::config_enum_entry { name: c"default".as_ptr(), val: DEFAULT, hidden: true },
    pg_sys::config_enum_entry { name: null(), val: 0, hidden: false },
]);

#[inline]
pub fn claims_source() -> Source {
    match SOURCE.get() {
        REQUEST | DEFAULT => Source::Request,
        TOKEN => Source::Token,
        _ => Source::Refused,
    }
}

/// Called once, when the library loads.
pub fn define() {
    // SAFETY: constant strings, and a variable that stays.
    unsafe {
        let chosen_at_start = reset_value(NAME).is_some();
        pg_sys::DefineCustomEnumVariable(
            NAME.as_ptr(),
            c"Whose claims the helpers read.".as_ptr(),
            c"request: request.jwt.claims, set by a gateway that verifies tokens. token: workos.access_token, verified here.".as_ptr(),
            SOURCE.as_ptr(),
            DEFAULT,
            NAMES.0.as_ptr(),
            pg_sys::GucContext::PGC_SUSET,
            FLAGS as c_int,
            None,
            None,
            Some(show_claims_source),
        );
        if chosen_at_start && reset_value(NAME) == Some(c"default") {
            pg_sys::SetConfigOption(
                NAME.as_ptr(),
                c"refused".as_ptr(),
                pg_sys::GucContext::PGC_SUSET,
                pg_sys::GucSource::PGC_S_OVERRIDE,
            );
        }
    }
}

/// What a setting goes back to, as its owner at start, database, role or file have it.
unsafe fn reset_value<'a>(name: &CStr) -> Option<&'a CStr> {
    // SAFETY: a setting that exists has flags, and a reset value that is NULL or a C string. It stays until
    // the setting changes.
    unsafe {
        if pg_sys::GetConfigOptionFlags(name.as_ptr(), true) == 0 {
            return None;
        }
        let value = pg_sys::GetConfigOptionResetString(name.as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value))
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn show_claims_source() -> *const c_char {
    match claims_source() {
        Source::Request => c"request".as_ptr(),
        Source::Token => c"token".as_ptr(),
        Source::Refused => c"refused".as_ptr(),
    }
}
