//! The setting `workos.claims_source`: which claims are used.
//!
//! The library loads at the first call of a helper, unless it is preloaded. Any client can set a setting of that name
//! before. When the library defines the setting, Postgres keeps or drops that value by its own rules. One case needs
//! special care. A value in the client's startup packet overrides the values of ALTER DATABASE and postgresql.conf. Then
//! it is dropped, because the client may not set it, and only the default is left, which is not what the administrator
//! chose. So if a start value was dropped, the source becomes `refused`: every helper raises an error, in this backend
//! and in its parallel workers, until the client reconnects.
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
    /// `workos.access_token`: a token that the extension verifies.
    Token,
    /// The value that the administrator chose is unknown.
    Refused,
}

const NAME: &CStr = c"workos.claims_source";

/// A parallel worker can be the first to call a helper. In parallel mode Postgres drops earlier values, except of
/// settings with GUC_ALLOW_IN_PARALLEL.
pub const FLAGS: u32 = pg_sys::GUC_ALLOW_IN_PARALLEL | pg_sys::GUC_NOT_IN_SAMPLE;

const REQUEST: c_int = 0;
const TOKEN: c_int = 1;
const REFUSED: c_int = 2;
/// The setting was never set. It means the same as REQUEST.
const DEFAULT: c_int = 3;

// Postgres keeps the address of this variable, and writes to it.
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
            c"Which claims the helpers read.".as_ptr(),
            c"request: request.jwt.claims, set by a gateway that verifies tokens. token: workos.access_token, which the extension verifies.".as_ptr(),
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

/// The reset value of a setting, from the startup packet, the database, the role or a file.
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
