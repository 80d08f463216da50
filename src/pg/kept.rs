//! What the session says, as a text that is copied once for each place that asks and not once for each row.
//!
//! **Why the copy may be handed out again.** It lies in the memory of the calling expression, and is never
//! changed and never freed before that expression is. So whoever holds it, be it an index scan with its key
//! or a cursor, holds what it was given, whatever becomes of the claims. When they have changed, a new copy
//! is made beside the old one. Whether they have is decided by the text itself, at each call.
#![allow(unsafe_code)]

use std::ffi::c_void;

use pgrx::callconv::{BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::pg_sys;

use super::getters::session;
use super::server;
use super::text::Varlena;
use crate::token::session::Session;

/// The result of a getter without arguments; NULL when there is no session, or nothing in it.
pub struct Kept(pub for<'a> fn(Session<'a>) -> Option<&'a str>);

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

unsafe extern "C-unwind" {
    fn MemoryContextAlloc(context: pg_sys::MemoryContext, size: usize) -> *mut c_void;
}

// SAFETY: the datum is a varlena that lasts as long as the expression, or a palloc'ed one.
unsafe impl BoxRet for Kept {
    #[inline]
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        unsafe {
            let place = (*fcinfo.as_mut_ptr()).flinfo;
            match session(|session| self.0(session).map(|text| keep(place, text))) {
                Some(datum) => fcinfo.return_raw_datum(datum),
                None => fcinfo.return_null(),
            }
        }
    }
}

/// # Safety
/// `place` is the caller's, of a function that returns [`Kept`], or NULL.
#[inline]
unsafe fn keep(place: *mut pg_sys::FmgrInfo, text: &str) -> pg_sys::Datum {
    let bytes = server::from_utf8(text);
    // SAFETY: only this function sets the place's fn_extra.
    unsafe {
        let Some(place) = place.as_mut() else { return Varlena::text(text).datum() };
        let mut number = 1;
        if let Some(copy) = place.fn_extra.cast::<Copy>().as_ref() {
            let varlena = copy.varlena.as_ptr();
            let content = std::slice::from_raw_parts(varlena.add(pg_sys::VARHDRSZ), copy.length as usize);
            if *content == *bytes {
                return pg_sys::Datum::from(varlena.cast_mut());
            }
            if copy.number == MOST_COPIES {
                return Varlena::text(text).datum();
            }
            number += copy.number;
        }
        make(place, number, &bytes)
    }
}

/// # Safety
/// As [`keep`].
#[cold]
unsafe fn make(place: &mut pg_sys::FmgrInfo, number: u32, bytes: &[u8]) -> pg_sys::Datum {
    // SAFETY: room for the struct, the header and the content. Linked directly: if it raises, it leaves by
    // longjmp, over frames that own nothing but, in a database that is not UTF8, the converted text.
    unsafe {
        let size = pg_sys::VARHDRSZ + bytes.len();
        let copy: *mut Copy = MemoryContextAlloc(place.fn_mcxt, size_of::<Copy>() + size).cast();
        (*copy).number = number;
        (*copy).length = bytes.len() as u32;
        let varlena = copy.cast::<u8>().add(size_of::<Copy>());
        pgrx::set_varsize_4b(varlena.cast(), size as i32);
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), varlena.add(pg_sys::VARHDRSZ), bytes.len());
        place.fn_extra = copy.cast();
        pg_sys::Datum::from(varlena)
    }
}

// What a signature calls it.
pgrx::impl_sql_translatable!(Kept, "text");
