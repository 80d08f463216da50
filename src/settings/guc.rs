//! The value of a setting in Postgres.
//!
//! These functions run once per row. They are linked directly, because the bindings of pgrx put a `sigsetjmp` around
//! every call, which costs more than the call itself. None of them raises.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int};
use std::marker::PhantomData;
use std::ptr::NonNull;

mod direct {
    use super::*;

    unsafe extern "C-unwind" {
        pub fn GetConfigOption(name: *const c_char, missing_ok: bool, restrict: bool) -> *const c_char;
        pub fn strcmp(a: *const c_char, b: *const c_char) -> c_int;
    }
}

/// The bytes of a setting, in the encoding of the server. They belong to Postgres, and are valid only until a setting
/// changes, so the borrow must not outlive the call that got it.
pub struct Setting<'a>(NonNull<c_char>, PhantomData<&'a CStr>);

impl Setting<'_> {
    /// The value of a setting that may be undefined; `None` if it is unset or empty. A transaction-local value leaves an
    /// empty one behind.
    #[inline]
    pub fn get(name: &CStr) -> Option<Setting<'_>> {
        // SAFETY: with missing_ok the lookup never raises. The result is NULL or a C string.
        unsafe { Setting::at(direct::GetConfigOption(name.as_ptr(), true, false)) }
    }

    /// # Safety
    /// NULL or a C string that outlives the result.
    #[inline]
    pub unsafe fn at<'a>(value: *const c_char) -> Option<Setting<'a>> {
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
        // SAFETY: a C string, see `get`.
        unsafe { CStr::from_ptr(self.0.as_ptr()) }
    }
}

/// A value that is not set yet.
impl<'a> From<&'a CStr> for Setting<'a> {
    fn from(value: &'a CStr) -> Setting<'a> {
        Setting(NonNull::from(value).cast(), PhantomData)
    }
}
