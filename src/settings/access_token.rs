//! The setting `workos.access_token`: the raw token of the current user. It is verified before its claims are used.

use std::ffi::c_char;

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::guc::Text;
use super::source::FLAGS;

/// The raw token, not verified.
pub static RAW_TOKEN: Text = Text::new(c"workos.access_token");

/// Called once, when the library loads.
pub fn define() {
    let secret = pg_sys::GUC_NO_SHOW_ALL | pg_sys::GUC_DISALLOW_IN_FILE | pg_sys::GUC_DISALLOW_IN_AUTO_FILE;
    RAW_TOKEN.define(
        c"The WorkOS access token of the current user.",
        c"The token is verified before it is used. The value cannot be read back.",
        FLAGS | secret,
        hide,
    );
}

/// Hides the token from SQL, because it would also be valid in other services.
#[pg_guard]
extern "C-unwind" fn hide() -> *const c_char {
    if RAW_TOKEN.is_empty() { c"".as_ptr() } else { c"(hidden)".as_ptr() }
}
