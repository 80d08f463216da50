//! Calls into Postgres: time, encoding, memory, and values of its types ([`text`]).
//!
//! Functions that run once per row are linked directly, because the bindings of pgrx put a `sigsetjmp` around every
//! call, which costs more than the call itself.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::ffi::{CStr, c_char, c_int, c_void};

use pgrx::pg_sys;
use pgrx::prelude::*;

use workos_claims::claims::Micros;

use crate::errors::{self, Error};
use crate::memory;

pub mod text;

mod direct {
    use super::*;

    unsafe extern "C-unwind" {
        pub fn GetCurrentStatementStartTimestamp() -> pg_sys::TimestampTz;
        pub fn GetDatabaseEncoding() -> c_int;
        pub fn IsTransactionBlock() -> bool;
        pub fn ParamsErrorCallback(arg: *mut c_void);
    }
}

/// The time when the client's current message arrived.
#[inline]
pub fn statement_start() -> Micros {
    // SAFETY: reads a variable.
    match unsafe { direct::GetCurrentStatementStartTimestamp() } {
        // A background worker may not have set it. The value 0, the year 2000, would make every token valid.
        0 => unsafe { pg_sys::GetCurrentTimestamp() },
        start => start,
    }
}

/// As if another message of the client had arrived.
#[cfg(feature = "pg_test")]
pub fn start_statement() {
    // SAFETY: sets a variable.
    unsafe { pg_sys::SetCurrentStatementStartTimestamp() }
}

/// Whether the current statement is a transaction of its own, as far as Postgres tells: it came from the client, outside
/// of BEGIN and COMMIT, and no function or procedure calls this.
pub fn is_alone_in_transaction() -> bool {
    // SAFETY: reads variables. A function, SPI and a procedural language each put a callback on the stack. A statement with
    // parameters that comes from the client has exactly one, to print the parameters.
    unsafe {
        let from_client = match pg_sys::error_context_stack.as_ref() {
            None => true,
            Some(top) => {
                let parameters =
                    direct::ParamsErrorCallback as unsafe extern "C-unwind" fn(*mut c_void) as usize;
                top.previous.is_null() && top.callback.is_some_and(|callback| callback as usize == parameters)
            }
        };
        from_client && !direct::IsTransactionBlock()
    }
}

/// The encoding of the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    /// The bytes have no defined meaning. They are read as UTF-8, so clients that send UTF-8 get back what they sent.
    SqlAscii,
    Other,
}

#[inline]
pub fn encoding() -> Encoding {
    // SAFETY: reads a variable.
    match unsafe { direct::GetDatabaseEncoding() } as u32 {
        pg_sys::pg_enc::PG_UTF8 => Encoding::Utf8,
        pg_sys::pg_enc::PG_SQL_ASCII => Encoding::SqlAscii,
        _ => Encoding::Other,
    }
}

/// Text of the server as UTF-8; `None` if it is not valid.
pub fn to_utf8(text: &[u8]) -> Option<Cow<'_, str>> {
    if encoding() != Encoding::Other || text.is_ascii() {
        return std::str::from_utf8(text).ok().map(Cow::Borrowed);
    }
    require(text.len() * CONVERTED_TO_TEXT);
    // SAFETY: the conversion reads `len` bytes. It answers the pointer it got, or a palloc'ed C string.
    let converted = quietly(|| unsafe {
        let utf8 = pg_sys::pg_server_to_any(text.as_ptr().cast(), text.len() as c_int, UTF8);
        converted_bytes(text, utf8)
    });
    String::from_utf8(converted?).ok().map(Cow::Owned)
}

/// UTF-8 as text of the server.
pub fn from_utf8(text: &str) -> Cow<'_, [u8]> {
    if encoding() != Encoding::Other || text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    require(text.len() * CONVERTED_TO_TEXT);
    // SAFETY: as in `to_utf8`.
    let converted = quietly(|| unsafe {
        let bytes = pg_sys::pg_any_to_server(text.as_ptr().cast(), text.len() as c_int, UTF8);
        converted_bytes(text.as_bytes(), bytes)
    });
    match converted {
        Some(bytes) => Cow::Owned(bytes),
        None => errors::raise(Error::LacksCharacter),
    }
}

/// # Safety
/// `result` is the pointer of `text`, when there was nothing to convert, or a C string.
unsafe fn converted_bytes(text: &[u8], result: *const c_char) -> Vec<u8> {
    if std::ptr::eq(result.cast(), text.as_ptr()) {
        return text.to_vec();
    }
    // SAFETY: see above.
    unsafe { CStr::from_ptr(result) }.to_bytes().to_vec()
}

const UTF8: c_int = pg_sys::pg_enc::PG_UTF8 as c_int;

/// `text` as a `jsonb` with its header; `None` if Postgres cannot represent it.
pub fn jsonb(text: &CStr) -> Option<Box<[u8]>> {
    require_to_parse(text.count_bytes());
    quietly(|| unsafe {
        // SAFETY: jsonb_in takes a C string and returns a varlena that is never toasted.
        let datum = pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(text.as_ptr().into())])?;
        let jsonb = datum.cast_mut_ptr::<pg_sys::varlena>();
        let bytes = std::slice::from_raw_parts(jsonb.cast::<u8>(), pgrx::varsize_4b(jsonb));
        require(bytes.len());
        let bytes = bytes.into();
        pg_sys::pfree(jsonb.cast());
        Some(bytes)
    })
    .flatten()
}

/// Raises, as Postgres does for want of memory, unless there is memory for so many bytes. Rust would end the process
/// instead, and with it the server.
pub fn require(bytes: usize) {
    if !memory::there_is(bytes) {
        errors::raise(Error::OutOfMemory);
    }
}

/// The same for an input that is small as a rule. What it takes then, is in the reserve.
#[inline]
pub fn require_if_large(bytes: usize) {
    if bytes > 1 << 16 {
        require(bytes.saturating_mul(CONVERTED_TO_TEXT));
    }
}

/// What is parsed takes at most so many times the memory of its text: a member of an object of one character and one
/// digit, which has seven bytes, takes about 250.
const PARSED_TO_TEXT: usize = 64;

/// Raises unless there is memory to parse a text of that length.
pub fn require_to_parse(length: usize) {
    require(length.saturating_mul(PARSED_TO_TEXT));
}

/// What is converted takes at most so many times its memory: four times in Postgres, and a copy here.
const CONVERTED_TO_TEXT: usize = 8;

/// Runs `convert` without letting out what Postgres says about a value it cannot convert, because it says
/// the value. The caller raises its own error then. Any other error is none of the value's, and goes on.
fn quietly<T>(convert: impl FnOnce() -> T + std::panic::UnwindSafe + std::panic::RefUnwindSafe) -> Option<T> {
    use PgSqlErrorCode::*;
    use pg_sys::panic::CaughtError::PostgresError;
    PgTryBuilder::new(|| Some(convert()))
        .catch_others(|error| match &error {
            PostgresError(report)
                if matches!(
                    report.sql_error_code(),
                    ERRCODE_UNTRANSLATABLE_CHARACTER
                        | ERRCODE_CHARACTER_NOT_IN_REPERTOIRE
                        | ERRCODE_UNDEFINED_FUNCTION
                        | ERRCODE_INVALID_TEXT_REPRESENTATION
                        | ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE
                        | ERRCODE_STATEMENT_TOO_COMPLEX
                        | ERRCODE_PROGRAM_LIMIT_EXCEEDED
                ) =>
            {
                None
            }
            _ => error.rethrow(),
        })
        .execute()
}
