//! Tells which functions belong to this library, and which to the extension.

use std::ffi::CStr;

use pgrx::pg_sys::Oid;

use super::objects::{self, Object};

pub const EXTENSION: &CStr = c"pg_workos";

/// The kind of a function.
pub enum Function<'a> {
    /// A C function of this library, with its symbol. Only superusers can create such a function.
    OfThisLibrary(&'a [u8]),
    /// Any other function, with its name.
    Other(&'a CStr),
}

/// Calls `read` with the kind of the function; `None` if no function has that OID.
pub fn look_up<R>(function: Oid, read: impl FnOnce(Function<'_>) -> R) -> Option<R> {
    objects::about_function(function, |about| {
        read(match about.library_and_symbol() {
            Some((library, symbol)) if is_this(library) => Function::OfThisLibrary(symbol),
            _ => Function::Other(about.name()),
        })
    })
}

fn is_this(library: &[u8]) -> bool {
    library.rsplit(|byte| *byte == b'/').next() == Some(env!("CARGO_PKG_NAME").as_bytes())
}

/// Whether the function belongs to the extension pg_workos.
pub fn is_of_extension(function: Oid) -> bool {
    objects::extension(EXTENSION)
        .is_some_and(|extension| objects::belongs(Object::Function(function), extension))
}
