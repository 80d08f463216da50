//! The result of a getter: a text of the session, copied once for each calling expression instead of for each row.
//!
//! **Why the copy can be returned again.** It is in the memory context of the calling expression. It is never changed,
//! and it is freed only with that expression. So an index scan that keeps its key, or a cursor, keeps the value that it
//! was given, even if the claims change. After a change, a new copy is made next to the old one. Each call compares the
//! text itself to detect a change.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;

use pgrx::callconv::{Arg, ArgAbi};
use pgrx::pg_sys;
use pgrx::pgrx_sql_entity_graph::metadata::{
    ArgumentError, ReturnsError, ReturnsRef, SqlMappingRef, SqlTranslatable, TypeOrigin,
};
use workos_claims::session::Session;

use crate::current::session;
use crate::errors::{self, Error};
use crate::postgres;
use crate::postgres::text::Varlena;

/// An expression can live as long as the connection, and see the claims of thousands of users. After this number of
/// copies, each call returns a new copy in the memory of the row.
const MOST_COPIES: u32 = 100;

/// What `fn_extra` points to.
#[repr(C)]
struct Copy {
    /// The number of copies that this expression has.
    number: u32,
    length: u32,
    /// The text with its header follows.
    varlena: [u8; 0],
}

// Linked directly, because the bindings of pgrx put a `sigsetjmp` around every call. With MCXT_ALLOC_NO_OOM it returns
// NULL and does not raise.
unsafe extern "C-unwind" {
    fn MemoryContextAllocExtended(context: pg_sys::MemoryContext, size: usize, flags: c_int) -> *mut c_void;
}

/// The call of a getter: an argument that pgrx adds, and that SQL does not know. Only this module uses the `fn_extra` of
/// such a call.
pub struct Call<'a>(pg_sys::FunctionCallInfo, PhantomData<&'a mut pg_sys::FunctionCallInfoBaseData>);

// SAFETY: what pgrx has for this purpose, and in the same way.
unsafe impl<'fcx> ArgAbi<'fcx> for Call<'fcx> {
    #[inline]
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        Call(unsafe { ArgAbi::unbox_arg_unchecked(arg) }, PhantomData)
    }

    fn is_virtual_arg() -> bool {
        true
    }
}

// SAFETY: it is not part of a signature.
unsafe impl SqlTranslatable for Call<'_> {
    const TYPE_IDENT: &'static str = pgrx::pgrx_resolved_type!(Call<'_>);
    const TYPE_ORIGIN: TypeOrigin = TypeOrigin::External;
    const ARGUMENT_SQL: Result<SqlMappingRef, ArgumentError> = Ok(SqlMappingRef::Skip);
    const RETURN_SQL: Result<ReturnsRef, ReturnsError> = Err(ReturnsError::Datum);
}

/// A text of the session, for the calling expression; `None` without a session or without that text.
#[inline]
pub fn of_session(
    call: Call<'_>,
    read: impl for<'a> FnOnce(Session<'a>) -> Option<&'a str>,
) -> Option<Varlena> {
    // SAFETY: Postgres has called one of the getters with this.
    session(|session| read(session).map(|text| unsafe { copy_for((*call.0).flinfo, text) }))
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
