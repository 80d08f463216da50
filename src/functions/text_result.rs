//! The result of a getter: a text of the session, copied once for each calling expression and not for each row.
//!
//! **Why the copy may be handed out again.** It lies in the memory of the calling expression, and is never changed
//! and never freed before that expression is. So whoever holds it, be it an index scan with its key or a cursor,
//! holds what it was given, whatever becomes of the claims. When they have changed, a new copy is made beside the old
//! one. Whether they have is decided by the text itself, at each call.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};

use pgrx::pg_sys;
use workos_claims::session::Session;

use crate::current::session;
use crate::errors::{self, Error};
use crate::postgres;
use crate::postgres::text::Varlena;

/// An expression can live as long as the connection, and see the claims of thousands. From then on it is
/// given a fresh copy each time, which goes with the row.
const MOST_COPIES: u32 = 100;

/// What `fn_extra` points to.
#[repr(C)]
struct Copy {
    /// How many there are at this place.
    number: u32,
    length: u32,
    /// The text with its header follows.
    varlena: [u8; 0],
}

// Linked directly: the bindings of pgrx put a `sigsetjmp` around every call. With MCXT_ALLOC_NO_OOM it answers NULL
// and does not raise.
unsafe extern "C-unwind" {
    fn MemoryContextAllocExtended(context: pg_sys::MemoryContext, size: usize, flags: c_int) -> *mut c_void;
}

/// What the session says, for the expression that calls; `None` when there is no session, or nothing in it.
#[inline]
pub fn of_session(
    call: pg_sys::FunctionCallInfo,
    read: impl for<'a> FnOnce(Session<'a>) -> Option<&'a str>,
) -> Option<Varlena> {
    // SAFETY: Postgres has called one of the getters with this.
    session(|session| read(session).map(|text| unsafe { copy_for((*call).flinfo, text) }))
}

/// # Safety
/// `place` is that of a call of a getter, or NULL.
#[inline]
unsafe fn copy_for(place: *mut pg_sys::FmgrInfo, text: &str) -> Varlena {
    let bytes = postgres::from_utf8(text);
    // SAFETY: only this function sets the place's fn_extra.
    unsafe {
        let Some(place) = place.as_mut() else { return Varlena::text(text) };
        let mut number = 1;
        if let Some(copy) = place.fn_extra.cast::<Copy>().as_ref() {
            let varlena = copy.varlena.as_ptr();
            let content = std::slice::from_raw_parts(varlena.add(pg_sys::VARHDRSZ), copy.length as usize);
            if *content == *bytes {
                return Varlena::at(varlena.cast_mut());
            }
            if copy.number == MOST_COPIES {
                return Varlena::text(text);
            }
            number += copy.number;
        }
        make(place, number, &bytes)
    }
}

/// # Safety
/// As [`copy_for`].
#[cold]
unsafe fn make(place: &mut pg_sys::FmgrInfo, number: u32, bytes: &[u8]) -> Varlena {
    // SAFETY: room for the struct, the header and the content.
    unsafe {
        let size = pg_sys::VARHDRSZ + bytes.len();
        let flags = pg_sys::MCXT_ALLOC_NO_OOM as c_int;
        let copy: *mut Copy =
            MemoryContextAllocExtended(place.fn_mcxt, size_of::<Copy>() + size, flags).cast();
        if copy.is_null() {
            errors::raise(Error::OutOfMemory);
        }
        (*copy).number = number;
        (*copy).length = bytes.len() as u32;
        let varlena = copy.cast::<u8>().add(size_of::<Copy>());
        pgrx::set_varsize_4b(varlena.cast(), size as i32);
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), varlena.add(pg_sys::VARHDRSZ), bytes.len());
        place.fn_extra = copy.cast();
        Varlena::at(varlena)
    }
}
