//! The current claims: those of `request.jwt.claims` or of a verified `workos.access_token`, as
//! `workos.claims_source` says, and never of the other one. Read once per value.
//!
//! **Invariant.** What was read is used only while the setting holds the very same bytes, compared in
//! full at every call, and the trusted issuers are the same; time is checked after that, at every call.
//! Nothing is remembered by address, hash, transaction, statement or plan: one statement can serve a
//! thousand subscribers, whose claims take turns at the same address.
#![allow(unsafe_code)]

use std::cell::{Cell, UnsafeCell};
use std::ffi::{CStr, CString};

use workos_claims::claims::{Claims, LONGEST};
use workos_claims::recent::Recent;
use workos_claims::session::{Application, Session};
use workos_claims::verify::{self, Refusal, Verified};

use crate::catalog::issuers;
use crate::errors::{self, Error};
use crate::local::Local;
use crate::postgres::{self, Encoding};
use crate::settings::source::{Source, claims_source};
use crate::settings::value::Setting;
use crate::settings::{access_token, request};

/// The last text seen in `request.jwt.claims`, and what it says.
struct Memo {
    text: CString,
    /// `None` for JSON `null`.
    claims: Option<Claims>,
    /// Whether the claims' issuer is trusted, or any is, as of one state of the trusted issuers.
    trusted: bool,
    generation: u64,
    jsonb: Jsonb,
}

/// The tokens verified last, as of one state of the trusted issuers.
struct Tokens {
    recent: Recent<(Verified, Jsonb)>,
    generation: u64,
}

/// All claims as a `jsonb`, from the first time that somebody asks for it.
type Jsonb = Option<Box<[u8]>>;

static MEMO: Local<UnsafeCell<Option<Memo>>> = Local::new(UnsafeCell::new(None));
static TOKENS: Local<UnsafeCell<Tokens>> =
    Local::new(UnsafeCell::new(Tokens { recent: Recent::new(), generation: 0 }));

/// Calls `read` with the current claims, `None` for an anonymous visitor. Raises when the setting is broken
/// or its token is not valid.
#[inline]
pub fn with_claims<R>(read: impl FnOnce(Option<&Claims>) -> R) -> R {
    match claims_source() {
        Source::Request => with_memo(|memo| read(memo.and_then(|memo| memo.claims.as_ref()))),
        Source::Token => with_token(|token| read(token.map(|(verified, _)| &verified.claims))),
        Source::Refused => errors::raise(Error::SourceRefused),
    }
}

/// Calls `read` with the session; `None` when there is none.
#[inline]
pub fn session<R>(read: impl FnOnce(Session<'_>) -> Option<R>) -> Option<R> {
    with_claims(|claims| claims.and_then(Session::of).and_then(read))
}

/// Calls `read` with the application whose machine-to-machine token it is; `None` when it is none.
pub fn application<R>(read: impl FnOnce(Application<'_>) -> Option<R>) -> Option<R> {
    with_claims(|claims| claims.and_then(Application::of).and_then(read))
}

/// The current claims as they came, as the bytes of a `jsonb`.
pub fn with_jsonb<R>(read: impl FnOnce(Option<&[u8]>) -> R) -> R {
    match claims_source() {
        Source::Request => with_memo(|memo| match memo {
            Some(Memo { text, jsonb, .. }) => read(Some(cached(jsonb, || postgres::jsonb(text)))),
            None => read(None),
        }),
        Source::Token => with_token(|token| match token {
            Some((verified, jsonb)) => read(Some(cached(jsonb, || payload_jsonb(verified)))),
            None => read(None),
        }),
        Source::Refused => errors::raise(Error::SourceRefused),
    }
}

/// The payload of a token that is valid now, as the bytes of a `jsonb`; another raises.
pub fn with_payload<R>(token: &CStr, read: impl FnOnce(&[u8]) -> R) -> R {
    with_entry(&Setting::from(token), |(verified, jsonb)| {
        if let Err(refusal) = verified.at(postgres::statement_start()) {
            errors::raise(Error::Refused(refusal));
        }
        read(cached(jsonb, || payload_jsonb(verified)))
    })
}

/// Calls `read` with a token's content, after all was checked but the time; a bad one raises.
pub fn with_verified<R>(token: &CStr, read: impl FnOnce(&Verified) -> R) -> R {
    with_entry(&Setting::from(token), |(verified, _)| read(verified))
}

/// Calls `read` with the memo of `request.jwt.claims` as it is now, if its claims are in force.
#[inline]
fn with_memo<R>(read: impl FnOnce(Option<&mut Memo>) -> R) -> R {
    let now = postgres::statement_start();
    let Some(setting) = request::claims(now) else { return read(None) };
    let generation = issuers::generation(now);
    // SAFETY: nothing that runs under this borrow comes back here: `read` copies values out, and calls of
    // Postgres no more than allocation, encoding conversion and jsonb_in, none of which runs SQL. When one
    // of those raises, the memo is whole: it is changed by single assignments of finished values.
    let slot = unsafe { &mut *MEMO.get() };
    if !slot.as_ref().is_some_and(|memo| setting.is(&memo.text)) {
        *slot = Some(parse(setting.as_c_str()));
    }
    let Some(Memo { claims: Some(claims), trusted, generation: as_of, .. }) = slot else { return read(None) };
    if *as_of != generation {
        *trusted = is_trusted(claims);
        *as_of = generation;
    }
    if *trusted && claims.in_force(now) { read(slot.as_mut()) } else { read(None) }
}

/// Calls `read` with the verified token of `workos.access_token`, if its claims are in force.
#[inline]
fn with_token<R>(read: impl FnOnce(Option<&mut (Verified, Jsonb)>) -> R) -> R {
    let Some(setting) = access_token::get() else { return read(None) };
    with_entry(&setting, |entry| match entry.0.at(postgres::statement_start()) {
        Ok(_) => read(Some(entry)),
        // It was good, and everybody's time runs out.
        Err(Refusal::Expired) => read(None),
        Err(refusal) => errors::raise(Error::Refused(refusal)),
    })
}

/// Calls `read` with what a token says, verified now unless it was before; a bad one raises.
#[inline]
fn with_entry<R>(token: &Setting<'_>, read: impl FnOnce(&mut (Verified, Jsonb)) -> R) -> R {
    let generation = issuers::generation(postgres::statement_start());
    // SAFETY: as in `with_memo`.
    let tokens = unsafe { &mut *TOKENS.get() };
    if tokens.generation != generation || !tokens.recent.first().is_some_and(|(key, _)| token.is(key)) {
        bring_first(tokens, generation, token.as_c_str());
    }
    match tokens.recent.first() {
        Some((_, entry)) => read(entry),
        None => unreachable!("it was just brought"),
    }
}

#[cold]
fn bring_first(tokens: &mut Tokens, generation: u64, token: &CStr) {
    if tokens.generation != generation {
        tokens.recent.clear();
        tokens.generation = generation;
    }
    if tokens.recent.find(token) {
        return;
    }
    postgres::require_to_parse(token.count_bytes().min(verify::LONGEST));
    match verify::verify(token.to_bytes(), &issuers::current()) {
        Ok(verified) => {
            check_characters(&verified.claims);
            tokens.recent.add(token.to_owned(), (verified, None));
        }
        Err(refusal) => errors::raise(Error::Refused(refusal)),
    }
}

/// How many texts were parsed; the tests look at it.
pub static PARSED: Local<Cell<usize>> = Local::new(Cell::new(0));

#[cold]
fn parse(text: &CStr) -> Memo {
    PARSED.set(PARSED.get() + 1);
    if text.count_bytes() > LONGEST {
        errors::raise(Error::TooLong);
    }
    postgres::require_to_parse(text.count_bytes());
    let parsed = match postgres::to_utf8(text.to_bytes()) {
        Some(utf8) => Claims::parse(&utf8).map_err(Error::Claims),
        None => Err(Error::NotInEncoding),
    };
    match parsed {
        Ok(claims) => {
            claims.iter().for_each(check_characters);
            Memo { text: text.to_owned(), claims, trusted: false, generation: 0, jsonb: None }
        }
        Err(error) => errors::raise(error),
    }
}

/// In SQL_ASCII Postgres knows of no character beyond ASCII, hence of none that an escape could mean.
fn check_characters(claims: &Claims) {
    if claims.escapes_beyond_ascii && postgres::encoding() == Encoding::SqlAscii {
        errors::raise(Error::LacksCharacter);
    }
}

#[cold]
fn is_trusted(claims: &Claims) -> bool {
    let issuers = issuers::current();
    issuers.any() || claims.iss.as_deref().is_some_and(|iss| issuers.find(iss).is_some())
}

fn cached(jsonb: &mut Jsonb, make: impl FnOnce() -> Jsonb) -> &[u8] {
    if jsonb.is_none() {
        *jsonb = make();
    }
    match jsonb {
        Some(jsonb) => jsonb,
        None => errors::raise(Error::NotJsonb),
    }
}

fn payload_jsonb(verified: &Verified) -> Jsonb {
    let payload = postgres::from_utf8(&verified.payload);
    postgres::jsonb(&CString::new(payload).ok()?)
}
