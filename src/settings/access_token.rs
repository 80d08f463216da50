//! The setting `workos.access_token`: the raw token of the current user. It is verified before its claims are used.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::ptr::{null, null_mut};

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::guc::Setting;
use super::source::FLAGS;
use crate::local::Local;

const NAME: &CStr = c"workos.access_token";

// Postgres keeps the address of this variable, and writes to it.
static RAW_TOKEN: Local<Cell<*mut c_char>> = Local::new(Cell::new(null_mut()));

/// The raw token, not verified; `None` if it is unset or empty.
#[inline]
pub fn get<'a>() -> Option<Setting<'a>> {
    // SAFETY: Postgres keeps a C string there, or NULL.
    unsafe { Setting::at(RAW_TOKEN.get()) }
}

/// Sets the token until the end of the transaction, as `set_config(…, true)` does.
pub fn set(token: &CStr) {
    use pg_sys::{GucAction::GUC_ACTION_LOCAL, GucContext::PGC_USERSET, GucSource::PGC_S_SESSION};
    // SAFETY: two C strings; the value is copied.
    unsafe {
        let (name, value) = (NAME.as_ptr(), token.as_ptr());
        pg_sys::set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
    }
}

/// Called once, when the library loads.
pub fn define() {
    let secret = pg_sys::GUC_NO_SHOW_ALL | pg_sys::GUC_DISALLOW_IN_FILE | pg_sys::GUC_DISALLOW_IN_AUTO_FILE;
    // SAFETY: constant strings, and a variable that stays.
    unsafe {
        pg_sys::DefineCustomStringVariable(
            NAME.as_ptr(),
            c"The WorkOS access token of the current user.".as_ptr(),
            c"The token is verified before it is used. The value cannot be read back.".as_ptr(),
            RAW_TOKEN.as_ptr(),
            null(),
            pg_sys::GucContext::PGC_USERSET,
            (FLAGS | secret) as c_int,
            None,
            None,
            Some(hide),
        );
    }
}

/// Hides the token from SQL, because it would also be valid in other services.
#[pg_guard]
unsafe extern "C-unwind" fn hide() -> *const c_char {
    match get() {
        None => c"".as_ptr(),
        Some(_) => c"(hidden)".as_ptr(),
    }
}
