//! Settings of Postgres (GUCs): their values, and the definition of those of this library.
//!
//! What runs once per row is linked directly, because the bindings of pgrx put a `sigsetjmp` around every call, which
//! costs more than the call itself. None of these functions raises.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::marker::PhantomData;
use std::ptr::{NonNull, null, null_mut};

use pgrx::pg_sys::{self, GucContext, GucSource};

use crate::local::Local;

mod direct {
    use super::*;

    unsafe extern "C-unwind" {
        pub fn GetConfigOption(name: *const c_char, missing_ok: bool, restrict: bool) -> *const c_char;
        pub fn strcmp(a: *const c_char, b: *const c_char) -> c_int;
    }
}

/// The bytes of a setting, in the encoding of the server. They belong to Postgres, which frees them when the setting
/// changes.
pub struct Setting<'a>(NonNull<c_char>, PhantomData<&'a CStr>);

impl<'a> Setting<'a> {
    /// The value of a setting that may be undefined; `None` if it is unset or empty. A transaction-local value leaves an
    /// empty one behind.
    ///
    /// # Safety
    /// The setting does not change during `'a`: no SQL runs.
    #[inline]
    pub unsafe fn get(name: &CStr) -> Option<Setting<'a>> {
        // SAFETY: with missing_ok the lookup never raises. The result is NULL or a C string, and stays as promised.
        unsafe { Setting::at(direct::GetConfigOption(name.as_ptr(), true, false)) }
    }

    /// # Safety
    /// NULL or a C string that stays during `'a`.
    #[inline]
    pub unsafe fn at(value: *const c_char) -> Option<Setting<'a>> {
        let value = NonNull::new(value.cast_mut())?;
        // SAFETY: a C string has at least its end.
        (unsafe { *value.as_ptr() } != 0).then_some(Setting(value, PhantomData))
    }

    #[inline]
    pub fn is(&self, text: &CStr) -> bool {
        // SAFETY: both are C strings.
        unsafe { direct::strcmp(self.0.as_ptr(), text.as_ptr()) == 0 }
    }

    pub fn as_c_str(&self) -> &CStr {
        // SAFETY: a C string, see `at`.
        unsafe { CStr::from_ptr(self.0.as_ptr()) }
    }
}

/// A value that is not set yet.
impl<'a> From<&'a CStr> for Setting<'a> {
    fn from(value: &'a CStr) -> Setting<'a> {
        Setting(NonNull::from(value).cast(), PhantomData)
    }
}

/// What SQL is shown instead of the value. The result is a constant.
pub type Show = extern "C-unwind" fn() -> *const c_char;

/// A setting of this library that is text, and that any user may set. Each is a `static`: Postgres keeps the address of
/// the variable, and stores NULL or a C string in it.
pub struct Text {
    name: &'static CStr,
    variable: Local<Cell<*mut c_char>>,
}

impl Text {
    pub const fn new(name: &'static CStr) -> Text {
        Text { name, variable: Local::new(Cell::new(null_mut())) }
    }

    /// `None` if it is unset or empty.
    ///
    /// # Safety
    /// The setting does not change during `'a`: no SQL runs.
    #[inline]
    pub unsafe fn value<'a>(&'static self) -> Option<Setting<'a>> {
        // SAFETY: Postgres keeps a C string there, or NULL, and it stays as promised.
        unsafe { Setting::at(self.variable.get()) }
    }

    pub fn is_empty(&'static self) -> bool {
        // SAFETY: the value is not looked at after this line.
        unsafe { self.value() }.is_none()
    }

    /// Sets it until the end of the transaction, as `set_config(…, true)` does.
    pub fn set_local(&'static self, value: &CStr) {
        use pg_sys::GucAction::GUC_ACTION_LOCAL;
        let (user, session) = (GucContext::PGC_USERSET, GucSource::PGC_S_SESSION);
        // SAFETY: two C strings; the value is copied.
        unsafe {
            let (name, value) = (self.name.as_ptr(), value.as_ptr());
            pg_sys::set_config_option(name, value, user, session, GUC_ACTION_LOCAL, true, 0, false);
        }
    }

    /// Called once, when the library loads.
    pub fn define(&'static self, about: &'static CStr, details: &'static CStr, flags: u32, show: Show) {
        // SAFETY: constant strings, and a variable that stays.
        unsafe {
            pg_sys::DefineCustomStringVariable(
                self.name.as_ptr(),
                about.as_ptr(),
                details.as_ptr(),
                self.variable.as_ptr(),
                null(),
                GucContext::PGC_USERSET,
                flags as c_int,
                None,
                None,
                Some(show),
            );
        }
    }
}

/// A setting of this library that has one of several values, and that only superusers may set. Each is a `static`:
/// Postgres keeps the addresses of the variable and of the list, and stores the number of a value in the variable.
pub struct Choice<const N: usize> {
    name: &'static CStr,
    variable: Local<Cell<c_int>>,
    values: Local<[pg_sys::config_enum_entry; N]>,
}

/// A value that a [`Choice`] can have.
pub const fn value(name: &'static CStr, val: c_int) -> pg_sys::config_enum_entry {
    pg_sys::config_enum_entry { name: name.as_ptr(), val, hidden: false }
}

/// A value that Postgres does not list in its messages.
pub const fn hidden(name: &'static CStr, val: c_int) -> pg_sys::config_enum_entry {
    pg_sys::config_enum_entry { hidden: true, ..value(name, val) }
}

const END: pg_sys::config_enum_entry = pg_sys::config_enum_entry { name: null(), val: 0, hidden: false };

impl<const N: usize> Choice<N> {
    /// `values` has one free place at its end, for what ends the list.
    pub const fn new<const VALUES: usize>(
        name: &'static CStr,
        default: c_int,
        values: [pg_sys::config_enum_entry; VALUES],
    ) -> Choice<N> {
        assert!(VALUES + 1 == N);
        let mut list = [END; N];
        let mut at = 0;
        while at < VALUES {
            list[at] = values[at];
            at += 1;
        }
        Choice { name, variable: Local::new(Cell::new(default)), values: Local::new(list) }
    }

    #[inline]
    pub fn number(&self) -> c_int {
        self.variable.get()
    }

    /// Called once, when the library loads.
    pub fn define(&'static self, about: &'static CStr, details: &'static CStr, flags: u32, show: Show) {
        // SAFETY: constant strings, and a variable and a list that stay.
        unsafe {
            pg_sys::DefineCustomEnumVariable(
                self.name.as_ptr(),
                about.as_ptr(),
                details.as_ptr(),
                self.variable.as_ptr(),
                self.variable.get(),
                self.values.as_ptr(),
                GucContext::PGC_SUSET,
                flags as c_int,
                None,
                None,
                Some(show),
            );
        }
    }

    /// Sets it so that no SET, RESET or ALTER changes it in this backend.
    pub fn fix(&'static self, value: &CStr) {
        let (superuser, last) = (GucContext::PGC_SUSET, GucSource::PGC_S_OVERRIDE);
        // SAFETY: two C strings; the value is copied.
        unsafe { pg_sys::SetConfigOption(self.name.as_ptr(), value.as_ptr(), superuser, last) }
    }

    /// The value from the startup packet, the database, the role or a file; `None` if there is no such setting.
    pub fn reset_value(&self) -> Option<CString> {
        // SAFETY: a setting that exists has flags, and a reset value that is NULL or a C string. It is copied.
        unsafe {
            if pg_sys::GetConfigOptionFlags(self.name.as_ptr(), true) == 0 {
                return None;
            }
            let value = pg_sys::GetConfigOptionResetString(self.name.as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value).to_owned())
        }
    }
}

/// From then on Postgres refuses unknown settings of this prefix, and drops those that were set before, with a warning.
pub fn reserve_prefix(prefix: &'static CStr) {
    // SAFETY: a C string.
    unsafe { pg_sys::MarkGUCPrefixReserved(prefix.as_ptr()) }
}
