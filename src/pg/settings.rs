//! The settings of the extension: whose claims count, and the raw token.
//!
//! The library loads at the first call of a helper, unless it is preloaded. Anybody can have set a setting
//! of that name before, and Postgres keeps or drops such a value by its own rules when the setting gets
//! defined. One of them needs help: a value in the client's startup packet hides what ALTER DATABASE or
//! postgresql.conf say, and is then dropped, because this client may not set it. What is left is the
//! default, which is not what the administrator chose. So a start value that was dropped makes the source
//! `refused`: every helper raises, in this backend and in its parallel workers, until the client reconnects.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int};
use std::ptr::null;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering::Relaxed};

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::server::Setting;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `request.jwt.claims`: claims of a token that a gateway has verified.
    Request,
    /// `workos.access_token`: a token that is verified here.
    Token,
    /// The administrator's choice is not known.
    Refused,
}

const CLAIMS_SOURCE: &CStr = c"workos.claims_source";
const ACCESS_TOKEN: &CStr = c"workos.access_token";

const REQUEST: c_int = 0;
const TOKEN: c_int = 1;
const REFUSED: c_int = 2;
/// Nobody has chosen: as REQUEST, but told apart from it.
const DEFAULT: c_int = 3;

// Postgres keeps their addresses, and writes to them.
static SOURCE: AtomicI32 = AtomicI32::new(DEFAULT);
static RAW_TOKEN: AtomicPtr<c_char> = AtomicPtr::new(std::ptr::null_mut());

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
    match SOURCE.load(Relaxed) {
        REQUEST | DEFAULT => Source::Request,
        TOKEN => Source::Token,
        _ => Source::Refused,
    }
}

/// The raw token, not verified; `None` if it is unset or empty.
#[inline]
pub fn access_token<'a>() -> Option<Setting<'a>> {
    // SAFETY: Postgres keeps a C string there, or NULL.
    unsafe { Setting::at(RAW_TOKEN.load(Relaxed)) }
}

/// Sets the token until the end of the transaction, as `set_config(…, true)` does.
pub fn set_access_token(token: &CStr) {
    use pg_sys::{GucAction::GUC_ACTION_LOCAL, GucContext::PGC_USERSET, GucSource::PGC_S_SESSION};
    // SAFETY: two C strings; the value is copied.
    unsafe {
        let (name, value) = (ACCESS_TOKEN.as_ptr(), token.as_ptr());
        pg_sys::set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
    }
}

/// Called once, when the library loads.
pub fn define() {
    // A parallel worker can be the first to call a helper, and Postgres drops earlier values in parallel
    // mode but for settings with this flag.
    let flags = pg_sys::GUC_ALLOW_IN_PARALLEL | pg_sys::GUC_NOT_IN_SAMPLE;
    let secret = pg_sys::GUC_NO_SHOW_ALL | pg_sys::GUC_DISALLOW_IN_FILE | pg_sys::GUC_DISALLOW_IN_AUTO_FILE;
    // SAFETY: constant strings, and variables that stay.
    unsafe {
        let chosen_at_start = reset_value(CLAIMS_SOURCE).is_some();
        pg_sys::DefineCustomEnumVariable(
            CLAIMS_SOURCE.as_ptr(),
            c"Whose claims the helpers read.".as_ptr(),
            c"request: request.jwt.claims, set by a gateway that verifies tokens. token: workos.access_token, verified here.".as_ptr(),
            SOURCE.as_ptr(),
            DEFAULT,
            NAMES.0.as_ptr(),
            pg_sys::GucContext::PGC_SUSET,
            flags as c_int,
            None,
            None,
            Some(show_claims_source),
        );
        if chosen_at_start && reset_value(CLAIMS_SOURCE) == Some(c"default") {
            pg_sys::SetConfigOption(
                CLAIMS_SOURCE.as_ptr(),
                c"refused".as_ptr(),
                pg_sys::GucContext::PGC_SUSET,
                pg_sys::GucSource::PGC_S_OVERRIDE,
            );
        }
        pg_sys::DefineCustomStringVariable(
            ACCESS_TOKEN.as_ptr(),
            c"The WorkOS access token of the current user.".as_ptr(),
            c"Verified before it counts. What is set here cannot be read back.".as_ptr(),
            RAW_TOKEN.as_ptr(),
            null(),
            pg_sys::GucContext::PGC_USERSET,
            (flags | secret) as c_int,
            None,
            None,
            Some(hide_access_token),
        );
    }
}

/// Called last when the library loads: from then on a misspelt setting is refused, and one from before
/// dropped with a warning.
pub fn reserve_prefix() {
    // SAFETY: a C string.
    unsafe { pg_sys::MarkGUCPrefixReserved(c"workos".as_ptr()) }
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

/// SQL that runs with a user's token need not learn it: it would be good anywhere else, too.
#[pg_guard]
unsafe extern "C-unwind" fn hide_access_token() -> *const c_char {
    match access_token() {
        None => c"".as_ptr(),
        Some(_) => c"(hidden)".as_ptr(),
    }
}
