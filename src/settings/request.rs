//! The value of `request.jwt.claims`, without looking it up by name at every call.
//!
//! No library defines that setting. When somebody first sets such a name, Postgres makes a placeholder for
//! it, with a place of its own for the value. Here a variable of ours becomes that place, as for a setting
//! that a library defines, and nothing else about the setting changes. It is Postgres that writes there, be
//! it on SET, on RESET or at the end of a transaction or savepoint; from then on this module only reads.
//!
//! **Invariant.** The variable holds the value of the setting, or NULL where it has to be looked up.
//! A library that comes to define the setting itself takes the placeholder's place: Postgres clears the
//! variable before it frees the placeholder. A library that reserves the prefix `request` makes Postgres
//! drop the placeholder as it is: so the first call in each of the client's statements looks the name up
//! all the same, and asks whether the variable is still the place.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::ptr::null_mut;

use pgrx::pg_sys;

use super::value::Setting;
use crate::local::Local;
use workos_claims::claims::Micros;

#[cfg(not(any(feature = "pg15", feature = "pg16", feature = "pg17", feature = "pg18")))]
compile_error!(
    "how Postgres keeps the value of a placeholder was looked up and tested for 15 to 18 only: \
     read guc.c of the new version, run scripts/test-pgrx.sh on it, and add it here"
);

/// Set by the gateway. Never defined here: whoever defines a setting of another's forbids them to.
const CLAIMS: &CStr = c"request.jwt.claims";

static VALUE: Local<Cell<*mut c_char>> = Local::new(Cell::new(null_mut()));
/// The statement in which the name was looked up last.
static STATEMENT: Local<Cell<Micros>> = Local::new(Cell::new(0));

/// The value now, in the statement that started then; `None` if it is unset or empty.
#[inline]
pub fn claims<'a>(statement: Micros) -> Option<Setting<'a>> {
    let value = VALUE.get();
    if value.is_null() || STATEMENT.get() != statement {
        return look_up(statement);
    }
    // SAFETY: Postgres keeps a C string there.
    unsafe { Setting::at(value) }
}

#[cold]
fn look_up<'a>(statement: Micros) -> Option<Setting<'a>> {
    // SAFETY: the record is Postgres' own, as the name was just looked up, and a placeholder is of a string.
    unsafe {
        let record = find();
        if record.is_null() {
            return None;
        }
        if (*record).flags as u32 & pg_sys::GUC_CUSTOM_PLACEHOLDER != 0 {
            let record = record.cast::<pg_sys::config_string>();
            if (*record).variable == record.add(1).cast() {
                // As Postgres made it: the value lies behind the record.
                VALUE.set(std::ptr::replace((*record).variable, null_mut()));
                (*record).variable = VALUE.as_ptr();
            }
            if (*record).variable == VALUE.as_ptr() {
                STATEMENT.set(statement);
                return Setting::at(VALUE.get());
            }
        }
    }
    // It is somebody else's now.
    STATEMENT.set(0);
    Setting::get(CLAIMS)
}

/// Postgres' record of the setting, or NULL.
#[cfg(not(feature = "pg15"))]
unsafe fn find() -> *mut pg_sys::config_generic {
    unsafe extern "C-unwind" {
        fn find_option(
            name: *const c_char,
            create_placeholders: bool,
            skip_errors: bool,
            elevel: c_int,
        ) -> *mut pg_sys::config_generic;
    }
    // SAFETY: when told to skip errors it raises none.
    unsafe { find_option(CLAIMS.as_ptr(), false, true, 0) }
}

/// Postgres' record of the setting, or NULL. On 15 settings are an array in the order of their names, in
/// which C's `char` counts: bytes beyond ASCII come first where that has a sign.
#[cfg(feature = "pg15")]
unsafe fn find() -> *mut pg_sys::config_generic {
    unsafe extern "C-unwind" {
        fn get_guc_variables() -> *mut *mut pg_sys::config_generic;
        fn GetNumConfigOptions() -> c_int;
    }
    let folded = |name: &'static CStr| name.to_bytes().iter().map(|byte| byte.to_ascii_lowercase() as c_char);
    // SAFETY: the array has that many elements, and each a name.
    unsafe {
        let settings = std::slice::from_raw_parts(get_guc_variables(), GetNumConfigOptions() as usize);
        let found = settings.binary_search_by(|s| folded(CStr::from_ptr((**s).name)).cmp(folded(CLAIMS)));
        found.map_or(null_mut(), |at| settings[at])
    }
}
