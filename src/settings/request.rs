//! The value of `request.jwt.claims`, without looking it up by name at every call.
//!
//! No library defines that setting. When an unknown setting is first set, Postgres creates a placeholder, which has its
//! own storage for the value. This module makes a variable of the extension that storage, as it is for a setting that a
//! library defines. Nothing else about the setting changes. Postgres writes the variable, on SET, on RESET and at the
//! end of a transaction or savepoint, and from then on this module only reads it.
//!
//! **Invariant.** The variable holds the value of the setting, or NULL if the setting has to be looked up. If another
//! library defines the setting, Postgres clears the variable before it frees the placeholder. If another library
//! reserves the prefix `request`, Postgres drops the placeholder without clearing the variable. So the first call in
//! each statement looks up the name anyway, and checks that the variable is still the storage of the setting.
//!
//! **What it gains.** A call costs about 10 ns instead of 40 ns on Postgres 17, and 10 ns instead of 90 ns on 15, where the
//! look-up is a binary search in all settings. To measure it again, compare this query with a build in which [`claims`]
//! always calls `look_up`: `select count(workos_org_id()) from generate_series(1, 3000000)`.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::ptr::null_mut;

use pgrx::pg_sys;

use super::guc::Setting;
use crate::local::Local;
use workos_claims::claims::Micros;

#[cfg(not(any(feature = "pg15", feature = "pg16", feature = "pg17", feature = "pg18")))]
compile_error!(
    "how Postgres stores the value of a placeholder was checked and tested for 15 to 18 only: \
     read guc.c of the new version, run scripts/test-pgrx.sh on it, and add it here"
);

/// Set by the gateway. The extension does not define it, because then no other library could define it.
const CLAIMS: &CStr = c"request.jwt.claims";

static VALUE: Local<Cell<*mut c_char>> = Local::new(Cell::new(null_mut()));
/// The statement in which the name was looked up last.
static STATEMENT: Local<Cell<Micros>> = Local::new(Cell::new(0));

/// The current value, in the statement that started at that time; `None` if it is unset or empty.
///
/// # Safety
/// The setting does not change during `'a`: no SQL runs.
#[inline]
pub unsafe fn claims<'a>(statement: Micros) -> Option<Setting<'a>> {
    let value = VALUE.get();
    if value.is_null() || STATEMENT.get() != statement {
        // SAFETY: as the caller promises.
        return unsafe { look_up(statement) };
    }
    // SAFETY: Postgres keeps a C string there, and it stays as the caller promises.
    unsafe { Setting::at(value) }
}

/// # Safety
/// As [`claims`].
#[cold]
unsafe fn look_up<'a>(statement: Micros) -> Option<Setting<'a>> {
    // SAFETY: the record was just looked up, and a placeholder is always a string setting.
    unsafe {
        let record = find();
        if record.is_null() {
            return None;
        }
        if (*record).flags as u32 & pg_sys::GUC_CUSTOM_PLACEHOLDER != 0 {
            let record = record.cast::<pg_sys::config_string>();
            if (*record).variable == record.add(1).cast() {
                // The placeholder is as Postgres created it: its storage follows the record.
                VALUE.set(std::ptr::replace((*record).variable, null_mut()));
                (*record).variable = VALUE.as_ptr();
            }
            if (*record).variable == VALUE.as_ptr() {
                STATEMENT.set(statement);
                return Setting::at(VALUE.get());
            }
        }
    }
    // Another library has defined the setting.
    STATEMENT.set(0);
    // SAFETY: as the caller promises.
    unsafe { Setting::get(CLAIMS) }
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
    // SAFETY: with skip_errors it does not raise.
    unsafe { find_option(CLAIMS.as_ptr(), false, true, 0) }
}

/// Postgres' record of the setting, or NULL. On 15 the settings are an array that is sorted by name, as `char` of C: if
/// `char` is signed, bytes beyond ASCII come first.
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
