//! The setting `workos.claims_source`: which claims are used.
//!
//! The library loads at the first call of a helper, unless it is preloaded. Any client can set a setting of that name
//! before. When the library defines the setting, Postgres keeps or drops that value by its own rules. One case needs
//! special care. A value in the client's startup packet overrides the values of ALTER DATABASE and postgresql.conf. Then
//! it is dropped, because the client may not set it, and only the default is left, which is not what the administrator
//! chose. So if a start value was dropped, the source becomes `refused`: every helper raises an error, in this backend
//! and in its parallel workers, until the client reconnects.

use std::ffi::{c_char, c_int};

use pgrx::pg_sys;
use pgrx::prelude::*;

use super::guc::{Choice, hidden, value};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `request.jwt.claims`: claims of a token that a gateway has verified.
    Request,
    /// `workos.access_token`: a token that the extension verifies.
    Token,
    /// The value that the administrator chose is unknown.
    Refused,
}

/// A parallel worker can be the first to call a helper. In parallel mode Postgres drops earlier values, except of
/// settings with GUC_ALLOW_IN_PARALLEL.
pub const FLAGS: u32 = pg_sys::GUC_ALLOW_IN_PARALLEL | pg_sys::GUC_NOT_IN_SAMPLE;

const REQUEST: c_int = 0;
const TOKEN: c_int = 1;
const REFUSED: c_int = 2;
/// The setting was never set. It means the same as REQUEST.
const DEFAULT: c_int = 3;

static SOURCE: Choice<5> = Choice::new(
    c"workos.claims_source",
    DEFAULT,
    [
        value(c"request", REQUEST),
        value(c"token", TOKEN),
        hidden(c"refused", REFUSED),
        hidden(c"default", DEFAULT),
    ],
);

#[inline]
pub fn claims_source() -> Source {
    match SOURCE.number() {
        REQUEST | DEFAULT => Source::Request,
        TOKEN => Source::Token,
        _ => Source::Refused,
    }
}

/// Called once, when the library loads.
pub fn define() {
    let chosen_at_start = SOURCE.reset_value().is_some();
    SOURCE.define(
        c"Which claims the helpers read.",
        c"request: request.jwt.claims, set by a gateway that verifies tokens. token: workos.access_token, which the extension verifies.",
        FLAGS,
        show_claims_source,
    );
    if chosen_at_start && SOURCE.reset_value().as_deref() == Some(c"default") {
        SOURCE.fix(c"refused");
    }
}

#[pg_guard]
extern "C-unwind" fn show_claims_source() -> *const c_char {
    match claims_source() {
        Source::Request => c"request".as_ptr(),
        Source::Token => c"token".as_ptr(),
        Source::Refused => c"refused".as_ptr(),
    }
}
