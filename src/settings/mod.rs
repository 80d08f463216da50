//! The settings: the source of the claims ([`source`]), and the text of the claims ([`request`], [`access_token`]).

pub mod access_token;
pub mod guc;
pub mod request;
pub mod source;

/// Called when the library loads.
pub fn define() {
    source::define();
    access_token::define();
}

/// Called last when the library loads. From then on Postgres refuses unknown settings of this prefix, and drops those
/// that were set before, with a warning.
#[allow(unsafe_code)]
pub fn reserve_prefix() {
    // SAFETY: a C string.
    unsafe { pgrx::pg_sys::MarkGUCPrefixReserved(c"workos".as_ptr()) }
}
