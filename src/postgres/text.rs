//! `text` as it is passed to and from Postgres: in the encoding of the server, which may not be UTF-8.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;

use pgrx::callconv::{Arg, ArgAbi, BoxRet, FcInfo};
use pgrx::datum::Datum;
use pgrx::{FromDatum, pg_sys};

use workos_claims::claims::LONGEST;

use super::{Encoding, encoding, from_utf8, to_utf8};
use crate::errors::{self, Error};

// Linked directly, because the bindings of pgrx put a `sigsetjmp` around every call. With MCXT_ALLOC_NO_OOM it returns
// NULL and does not raise.
unsafe extern "C-unwind" {
    fn palloc_extended(size: usize, flags: c_int) -> *mut c_void;
}

/// That of `text` in an array.
const ALIGNMENT: c_char = b'i' as c_char;

/// A variable-length value in memory of the caller's context, ready to be handed over.
///
/// It is a copy. The claims may change while a plan still uses an earlier value (an index scan keeps its key until it
/// ends), and then the text in the memo is freed.
pub struct Varlena(pg_sys::Datum);

impl Varlena {
    /// A value that exists already.
    ///
    /// # Safety
    /// A whole value with its header, which outlives whoever gets it.
    pub unsafe fn at(whole: *mut u8) -> Varlena {
        Varlena(whole.into())
    }

    /// As an argument of a function.
    pub fn datum(&self) -> pg_sys::Datum {
        self.0
    }

    /// `text`, in the encoding of the server.
    #[inline]
    pub fn text(text: &str) -> Varlena {
        let text = from_utf8(text);
        // SAFETY: four bytes of header and the content.
        unsafe {
            let varlena = allocate(text.len() + pg_sys::VARHDRSZ);
            let content = varlena.cast::<u8>().add(pg_sys::VARHDRSZ);
            std::ptr::copy_nonoverlapping(text.as_ptr(), content, text.len());
            Varlena(varlena.into())
        }
    }

    /// A value that is complete with its header.
    pub fn copy(whole: &[u8]) -> Varlena {
        let content = &whole[pg_sys::VARHDRSZ..];
        // SAFETY: four bytes of header, which `allocate` writes anew, and the content.
        unsafe {
            let varlena = allocate(whole.len());
            let to = varlena.cast::<u8>().add(pg_sys::VARHDRSZ);
            std::ptr::copy_nonoverlapping(content.as_ptr(), to, content.len());
            Varlena(varlena.into())
        }
    }

    pub fn text_array<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Varlena {
        let count = texts.clone().count();
        // SAFETY: room for as many elements, each of which is a text.
        unsafe {
            let elements: *mut pg_sys::Datum = pg_sys::palloc(count * size_of::<pg_sys::Datum>()).cast();
            let mut filled = 0;
            for text in texts.take(count) {
                *elements.add(filled) = Varlena::text(text).0;
                filled += 1;
            }
            let array =
                pg_sys::construct_array(elements, filled as c_int, pg_sys::TEXTOID, -1, false, ALIGNMENT);
            Varlena(array.into())
        }
    }
}

/// # Safety
/// `size` counts the header, and the caller fills what follows it.
#[inline]
unsafe fn allocate(size: usize) -> *mut pg_sys::varlena {
    // SAFETY: it returns memory, or NULL.
    unsafe {
        let varlena: *mut pg_sys::varlena = palloc_extended(size, pg_sys::MCXT_ALLOC_NO_OOM as c_int).cast();
        if varlena.is_null() {
            errors::raise(Error::OutOfMemory);
        }
        pgrx::set_varsize_4b(varlena, size as i32);
        varlena
    }
}

// SAFETY: the datum is a palloc'ed varlena, of which every variable-length type is made.
unsafe impl BoxRet for Varlena {
    #[inline]
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> Datum<'fcx> {
        unsafe { fcinfo.return_raw_datum(self.0) }
    }
}

// The type in a generated signature. The SQL file declares the exact type.
pgrx::impl_sql_translatable!(Varlena, "text");

/// A text argument, in the encoding of the server.
#[derive(Clone, Copy)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }
}

impl FromDatum for Text<'_> {
    #[inline]
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Self> {
        if is_null {
            return None;
        }
        // SAFETY: a text. Most are not toasted and need no call. The others are detoasted, in the caller's memory.
        unsafe {
            let mut varlena = datum.cast_mut_ptr::<pg_sys::varlena>();
            if pgrx::varatt_is_1b_e(varlena) || pgrx::varatt_is_4b_c(varlena) {
                varlena = pg_sys::pg_detoast_datum_packed(varlena);
            }
            Some(Text(pgrx::varlena_to_byte_slice(varlena)))
        }
    }
}

// SAFETY: by way of `from_polymorphic_datum`.
unsafe impl<'fcx> ArgAbi<'fcx> for Text<'fcx> {
    #[inline]
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        match unsafe { arg.unbox_arg_using_from_datum() } {
            Some(text) => text,
            None => unreachable!("NULL is for an Option, or the function is STRICT"),
        }
    }
}

pgrx::impl_sql_translatable!(Text<'_>, "text");

/// An argument as UTF-8, for comparison with claims; `None` for NULL, and for a text that is longer than any claim. It
/// need not be valid UTF-8: invalid bytes are not equal to any claim.
#[inline]
pub fn argument(text: Option<Text<'_>>) -> Option<Cow<'_, [u8]>> {
    let bytes = text?.0;
    // No claim is that long, so it is not equal to any. Returning here avoids a copy in another encoding.
    if bytes.len() > LONGEST {
        return None;
    }
    if encoding() != Encoding::Other {
        return Some(Cow::Borrowed(bytes));
    }
    match to_utf8(bytes)? {
        Cow::Borrowed(text) => Some(Cow::Borrowed(text.as_bytes())),
        Cow::Owned(text) => Some(Cow::Owned(text.into_bytes())),
    }
}

/// A text[] argument: its elements, of which some may be NULL.
pub struct Texts<'a> {
    elements: &'a [pg_sys::Datum],
    nulls: &'a [bool],
}

impl Texts<'_> {
    /// At least the memory that all of them take.
    pub fn size(&self) -> usize {
        // SAFETY: a text, unless it is NULL.
        let size = |(element, null): (&pg_sys::Datum, &bool)| unsafe {
            Text::from_datum(*element, *null).map_or(0, |text| text.bytes().len()) + size_of::<Box<str>>()
        };
        self.elements.iter().zip(self.nulls).map(size).sum()
    }

    /// Each as [`argument`].
    pub fn arguments(&self) -> impl Iterator<Item = Option<Cow<'_, [u8]>>> {
        let element = |(element, null): (&pg_sys::Datum, &bool)| {
            // SAFETY: a text, unless it is NULL.
            argument(unsafe { Text::from_datum(*element, *null) })
        };
        self.elements.iter().zip(self.nulls).map(element)
    }
}

impl FromDatum for Texts<'_> {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Self> {
        if is_null {
            return None;
        }
        let (mut elements, mut nulls, mut count) = (null_mut(), null_mut(), 0);
        // SAFETY: an array of text, taken apart in the caller's memory.
        unsafe {
            let array = pg_sys::pg_detoast_datum(datum.cast_mut_ptr()).cast();
            pg_sys::deconstruct_array(
                array,
                pg_sys::TEXTOID,
                -1,
                false,
                ALIGNMENT,
                &mut elements,
                &mut nulls,
                &mut count,
            );
            if count == 0 {
                return Some(Texts { elements: &[], nulls: &[] });
            }
            let count = count as usize;
            Some(Texts {
                elements: std::slice::from_raw_parts(elements, count),
                nulls: std::slice::from_raw_parts(nulls, count),
            })
        }
    }
}

// SAFETY: by way of `from_polymorphic_datum`.
unsafe impl<'fcx> ArgAbi<'fcx> for Texts<'fcx> {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        match unsafe { arg.unbox_arg_using_from_datum() } {
            Some(texts) => texts,
            None => unreachable!("NULL is for an Option, or the function is STRICT"),
        }
    }
}

pgrx::impl_sql_translatable!(Texts<'_>, "text[]");
