//! The current claims: those of `request.jwt.claims` or of a verified `workos.access_token`. `workos.claims_source`
//! selects one of them, and the other one is never used. Claims are parsed once per value.
//!
//! **Invariant.** Parsed claims are used only while the setting holds exactly the same bytes, which every call compares
//! in full, and while the trusted issuers and accepted audiences are the same. After that, every call checks the time. The address, a hash, the
//! transaction, the statement or the plan is never used as a key: one statement can run for a thousand subscribers,
//! whose claims follow each other at the same address. What the directory says is used again as [`standing`] tells.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString};

use workos_claims::claims::{Claims, LONGEST, Micros};
use workos_claims::recent::Recent;
use workos_claims::session::{Application, Delegated, Gate, Session};
use workos_claims::standing::{Rights, Standing};
use workos_claims::verify::{self, Refusal, Verified};

use crate::catalog::standing::{self, Moment};
use crate::catalog::{configuration, issuers};
use crate::errors::{self, Error};
use crate::local::Local;
use crate::postgres::{self, Encoding};
use crate::settings::guc::Setting;
use crate::settings::source::{Source, claims_source};
use crate::settings::{access_token, request};

/// The last text seen in `request.jwt.claims`, and the claims parsed from it.
struct Memo {
    text: CString,
    /// `None` for JSON `null`.
    claims: Option<Claims>,
    /// Whether the claims count, by their issuer and audience, and whether they are for an audience of ours: for the state
    /// `generation` of the trusted issuers and accepted audiences.
    trusted: bool,
    ours: bool,
    generation: u64,
    asked: Option<Asked>,
    jsonb: Jsonb,
}

/// What the directory says of the session, at a moment.
struct Asked {
    moment: Moment,
    standing: Standing,
}

/// The tokens verified last, for the state `generation` of the trusted issuers.
struct Tokens {
    recent: Recent<Token>,
    generation: u64,
}

struct Token {
    verified: Verified,
    asked: Option<Asked>,
    jsonb: Jsonb,
}

/// All claims as a `jsonb`, made when it is first needed.
type Jsonb = Option<Box<[u8]>>;

static MEMO: Local<RefCell<Option<Memo>>> = Local::new(RefCell::new(None));
static TOKENS: Local<RefCell<Tokens>> =
    Local::new(RefCell::new(Tokens { recent: Recent::new(), generation: 0 }));

/// Calls `read` with the current claims, `None` for an anonymous request. Raises if the claims are malformed or the
/// token is invalid.
#[inline]
pub fn with_claims<R>(read: impl FnOnce(Option<&Claims>) -> R) -> R {
    with_rights(true, |current| read(current.map(|(claims, _)| claims)))
}

/// The current claims, and whether they are for an audience of ours.
#[inline]
fn with_audience<R>(read: impl FnOnce(Option<(&Claims, bool)>) -> R) -> R {
    match claims_source() {
        Source::Request => with_memo(true, |memo| {
            read(memo.and_then(|memo| memo.claims.as_ref().map(|claims| (claims, memo.ours))))
        }),
        Source::Token => {
            with_token(true, |token| read(token.map(|token| (&token.verified.claims, token.verified.ours))))
        }
        Source::Refused => errors::raise(Error::SourceRefused),
    }
}

/// Calls `read` with the session; `None` if there is none.
#[inline]
pub fn session<R>(read: impl FnOnce(Session<'_>) -> Option<R>) -> Option<R> {
    with_rights(true, |current| {
        let (claims, rights) = current?;
        Session::of(claims).map(|session| session.with_rights(rights)).and_then(read)
    })
}

/// The same for the session of the token, whatever the directory says.
pub fn token_session<R>(read: impl FnOnce(Session<'_>) -> Option<R>) -> Option<R> {
    with_rights(false, |current| current.and_then(|(claims, _)| Session::of(claims)).and_then(read))
}

/// The current claims, and the rights of the session if the directory decides. `asks`: the directory is asked, if that is
/// configured.
#[inline]
fn with_rights<R>(asks: bool, read: impl FnOnce(Option<(&Claims, Option<&Rights>)>) -> R) -> R {
    match claims_source() {
        Source::Request => with_memo(asks, |memo| {
            read(memo.and_then(|memo| memo.claims.as_ref().map(|claims| (claims, rights(&memo.asked)))))
        }),
        Source::Token => {
            with_token(asks, |token| read(token.map(|token| (&token.verified.claims, rights(&token.asked)))))
        }
        Source::Refused => errors::raise(Error::SourceRefused),
    }
}

#[inline]
fn rights(asked: &Option<Asked>) -> Option<&Rights> {
    match asked {
        Some(Asked { standing: Standing::Directory(rights), .. }) => Some(rights),
        _ => None,
    }
}

/// Whether the session counts, as the newer of token and directory says. What else than a session the claims are, the
/// directory does not say.
#[inline]
fn counts(claims: &Claims, asked: &mut Option<Asked>, now: Micros) -> bool {
    let Some(session) = Session::of(claims) else { return true };
    let moment = standing::moment(now);
    if !asked.as_ref().is_some_and(|asked| asked.moment == moment) {
        *asked = None;
        *asked = Some(Asked { moment, standing: standing::of(session) });
    }
    !matches!(asked, Some(Asked { standing: Standing::Ended, .. }))
}

/// Calls `read` with the application of a machine-to-machine token; `None` for other kinds.
pub fn application<R>(read: impl FnOnce(Application<'_>) -> Option<R>) -> Option<R> {
    with_claims(|claims| claims.and_then(Application::of).and_then(read))
}

/// Calls `read` with the application that acts for a user, if it passes the gate.
#[inline]
pub fn delegated<R>(gate: Gate<'_>, read: impl FnOnce(Delegated<'_>) -> Option<R>) -> Option<R> {
    with_audience(|current| {
        current.and_then(|(claims, ours)| Delegated::of(claims, ours, gate)).and_then(read)
    })
}

/// Calls `read` with the application of a machine-to-machine token, if it passes the gate.
#[inline]
pub fn granted_application<R>(gate: Gate<'_>, read: impl FnOnce(Application<'_>) -> Option<R>) -> Option<R> {
    with_audience(|current| {
        current.and_then(|(claims, ours)| Application::granted(claims, ours, gate)).and_then(read)
    })
}

/// The current claims, unchanged, as the bytes of a `jsonb`.
pub fn with_jsonb<R>(read: impl FnOnce(Option<&[u8]>) -> R) -> R {
    match claims_source() {
        Source::Request => with_memo(true, |memo| match memo {
            Some(Memo { text, jsonb, .. }) => read(Some(cached(jsonb, || postgres::jsonb(text)))),
            None => read(None),
        }),
        Source::Token => with_token(true, |token| match token {
            Some(Token { verified, jsonb, .. }) => read(Some(cached(jsonb, || payload_jsonb(verified)))),
            None => read(None),
        }),
        Source::Refused => errors::raise(Error::SourceRefused),
    }
}

/// The payload of a token that is valid now, as the bytes of a `jsonb`. Any other token raises.
pub fn with_payload<R>(token: &CStr, read: impl FnOnce(&[u8]) -> R) -> R {
    with_entry(&Setting::from(token), |Token { verified, jsonb, .. }| {
        if let Err(refusal) = verified.at(postgres::statement_start()) {
            errors::raise(Error::Refused(refusal));
        }
        read(cached(jsonb, || payload_jsonb(verified)))
    })
}

/// Calls `read` with a token's content, after all checks except that of the time. An invalid token raises.
pub fn with_verified<R>(token: &CStr, read: impl FnOnce(&Verified) -> R) -> R {
    with_entry(&Setting::from(token), |token| read(&token.verified))
}

/// Whether the directory decides, and has ended the session of a token. An invalid token raises.
pub fn has_ended(token: &CStr) -> bool {
    let now = postgres::statement_start();
    configuration::newest()
        && with_entry(&Setting::from(token), |Token { verified, asked, .. }| {
            !counts(&verified.claims, asked, now)
        })
}

/// Calls `read` with the memo of the current `request.jwt.claims`, if the claims are valid now and their issuer is
/// accepted. `asks` as in [`with_rights`].
#[inline]
fn with_memo<R>(asks: bool, read: impl FnOnce(Option<&mut Memo>) -> R) -> R {
    let now = postgres::statement_start();
    // SAFETY: no SQL runs until the setting was last looked at, before `read`: issuers and directory are read without.
    let Some(setting) = (unsafe { request::claims(now) }) else { return read(None) };
    let generation = issuers::generation(now);
    // Nothing that runs during this borrow calls this function again. `read` copies values, and calls only the
    // allocation, encoding conversion and jsonb_in of Postgres, which run no SQL; nor does reading the directory. If one of
    // them raises, that is a panic, which ends the borrow, and the memo is still consistent, because it is changed only by
    // single assignments of finished values.
    let slot = &mut *MEMO.borrow_mut();
    if !slot.as_ref().is_some_and(|memo| setting.is(&memo.text)) {
        *slot = Some(parse(setting.as_c_str()));
    }
    let Some(Memo { claims: Some(claims), trusted, ours, generation: as_of, asked, .. }) = slot else {
        return read(None);
    };
    if *as_of != generation {
        (*trusted, *ours) = standing_of(claims);
        *asked = None;
        *as_of = generation;
    }
    let is_current =
        *trusted && claims.in_force(now) && (!configuration::newest() || !asks || counts(claims, asked, now));
    if is_current { read(slot.as_mut()) } else { read(None) }
}

/// Calls `read` with the verified token of `workos.access_token`; `None` if there is no token or it has expired.
#[inline]
fn with_token<R>(asks: bool, read: impl FnOnce(Option<&mut Token>) -> R) -> R {
    // SAFETY: as in `with_memo`.
    let Some(setting) = (unsafe { access_token::RAW_TOKEN.value() }) else { return read(None) };
    let now = postgres::statement_start();
    with_entry(&setting, |token| match token.verified.at(now) {
        Ok(_) => {
            let Token { verified, asked, .. } = token;
            let counts = !configuration::newest() || !asks || counts(&verified.claims, asked, now);
            read(counts.then_some(token))
        }
        // Valid but expired: treated as anonymous.
        Err(Refusal::Expired) => read(None),
        Err(refusal) => errors::raise(Error::Refused(refusal)),
    })
}

/// Calls `read` with the content of a token, which is verified unless it was verified before. An invalid token raises.
#[inline]
fn with_entry<R>(token: &Setting<'_>, read: impl FnOnce(&mut Token) -> R) -> R {
    let generation = issuers::generation(postgres::statement_start());
    // As in `with_memo`.
    let tokens = &mut *TOKENS.borrow_mut();
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
            tokens.recent.add(token.to_owned(), Token { verified, asked: None, jsonb: None });
        }
        Err(refusal) => errors::raise(Error::Refused(refusal)),
    }
}

/// The number of texts that were parsed. The tests read it.
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
            Memo {
                text: text.to_owned(),
                claims,
                trusted: false,
                ours: false,
                generation: 0,
                asked: None,
                jsonb: None,
            }
        }
        Err(error) => errors::raise(error),
    }
}

/// With SQL_ASCII Postgres knows no character beyond ASCII, so an escape beyond ASCII has no meaning.
fn check_characters(claims: &Claims) {
    if claims.escapes_beyond_ascii && postgres::encoding() == Encoding::SqlAscii {
        errors::raise(Error::LacksCharacter);
    }
}

/// Whether the claims count, and whether they are for an audience of ours.
#[cold]
fn standing_of(claims: &Claims) -> (bool, bool) {
    let issuers = issuers::current();
    let trusted = issuers.any() || claims.iss.as_deref().is_some_and(|iss| issuers.find(iss).is_some());
    (trusted && !issuers.audiences.exclude(claims), issuers.audiences.include(claims))
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
