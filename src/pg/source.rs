//! The current claims: `request.jwt.claims`, parsed once per value.
//!
//! **Invariant.** What was parsed is used only while the setting holds the very same bytes, compared in
//! full at every call, and time is checked after that, at every call. Nothing is remembered by address,
//! hash, transaction, statement or plan: one statement can serve a thousand subscribers, whose claims
//! take turns at the same address.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString};

use super::errors::{self, Error};
use super::server::{self, Encoding, Setting};
use crate::token::claims::Claims;

/// Set by the gateway. Never defined here: whoever defines a setting of another's forbids them to.
const CLAIMS: &CStr = c"request.jwt.claims";

const LONGEST: usize = 1 << 20;

/// The last text seen in the setting, and what it says.
struct Memo {
    text: CString,
    /// `None` for JSON `null`.
    claims: Option<Claims>,
    /// The whole text as a `jsonb`, from the first time that somebody asks for it.
    jsonb: Option<Box<[u8]>>,
}

struct Slot(UnsafeCell<Option<Memo>>);

// SAFETY: a backend has one thread.
unsafe impl Sync for Slot {}

static SLOT: Slot = Slot(UnsafeCell::new(None));

/// Calls `read` with the current claims, `None` for an anonymous visitor. Raises when the setting is broken.
#[inline]
pub fn with_claims<R>(read: impl FnOnce(Option<&Claims>) -> R) -> R {
    with_memo(|memo| read(memo.and_then(|memo| memo.claims.as_ref())))
}

/// The current claims as they came, as the bytes of a `jsonb`.
pub fn with_jsonb<R>(read: impl FnOnce(Option<&[u8]>) -> R) -> R {
    with_memo(|memo| {
        let Some(memo) = memo else { return read(None) };
        if memo.jsonb.is_none() {
            memo.jsonb = server::jsonb(&memo.text);
        }
        match memo.jsonb.as_deref() {
            Some(jsonb) => read(Some(jsonb)),
            None => errors::raise(Error::NotJsonb),
        }
    })
}

/// Calls `read` with the memo of the setting as it is now, if its claims are in force.
#[inline]
fn with_memo<R>(read: impl FnOnce(Option<&mut Memo>) -> R) -> R {
    let Some(setting) = Setting::get(CLAIMS) else { return read(None) };
    // SAFETY: nothing that runs under this borrow comes back here: `read` copies values out, and calls of
    // Postgres no more than allocation, encoding conversion and jsonb_in, none of which runs SQL. When one
    // of those raises, the memo is whole: it is changed by single assignments of finished values.
    let slot = unsafe { &mut *SLOT.0.get() };
    if !slot.as_ref().is_some_and(|memo| setting.is(&memo.text)) {
        *slot = Some(parse(setting.as_c_str()));
    }
    read(slot.as_mut().filter(|memo| match &memo.claims {
        Some(claims) => claims.in_force(server::statement_start()),
        None => false,
    }))
}

/// How many texts were parsed, for the tests.
#[cfg(feature = "pg_test")]
thread_local!(pub static PARSED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });

#[cold]
fn parse(text: &CStr) -> Memo {
    #[cfg(feature = "pg_test")]
    PARSED.set(PARSED.get() + 1);
    // Rust ends the process where Postgres would raise for want of memory, and the server with it.
    if text.count_bytes() > LONGEST {
        errors::raise(Error::TooLong);
    }
    let parsed = match server::to_utf8(text.to_bytes()) {
        Some(utf8) => Claims::parse(&utf8).map_err(Error::Claims),
        None => Err(Error::NotInEncoding),
    };
    match parsed {
        // In SQL_ASCII Postgres knows of no character beyond ASCII, hence of none that an escape could mean.
        Ok(Some(claims)) if claims.escapes_beyond_ascii && server::encoding() == Encoding::SqlAscii => {
            errors::raise(Error::LacksCharacter)
        }
        Ok(claims) => Memo { text: text.to_owned(), claims, jsonb: None },
        Err(error) => errors::raise(error),
    }
}
