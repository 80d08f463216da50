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

/// Called last when the library loads.
pub fn reserve_prefix() {
    guc::reserve_prefix(c"workos");
}
