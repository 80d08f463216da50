//! The settings: which claims count ([`source`]), and where their text is ([`request`], [`access_token`]).

pub mod access_token;
pub mod request;
pub mod source;
pub mod value;

/// Called when the library loads.
pub fn define() {
    source::define();
    access_token::define();
}

/// Called last when the library loads: from then on a misspelt setting is refused, and one from before is dropped
/// with a warning.
#[allow(unsafe_code)]
pub fn reserve_prefix() {
    // SAFETY: a C string.
    unsafe { pgrx::pg_sys::MarkGUCPrefixReserved(c"workos".as_ptr()) }
}
