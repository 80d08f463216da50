//! Looks up extensions, schemas, tables and functions in the system catalogs, calls functions, and tells of changes.
//!
//! A function whose arguments are objects by their OID raises, or returns `None`, if there is none.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};

use pgrx::pg_sys::{self, Datum, Oid, SysCacheIdentifier};
use pgrx::prelude::*;

use crate::errors::{self, Error};
use crate::postgres::text::{Text, Varlena};

/// The language `c` in pg_language.
const C: u32 = 13;

fn valid(object: Oid) -> Option<Oid> {
    (object != Oid::INVALID).then_some(object)
}

pub fn extension(name: &CStr) -> Option<Oid> {
    // SAFETY: a C string.
    valid(unsafe { pg_sys::get_extension_oid(name.as_ptr(), true) })
}

pub fn schema(name: &CStr) -> Option<Oid> {
    // SAFETY: a C string.
    valid(unsafe { pg_sys::get_namespace_oid(name.as_ptr(), true) })
}

pub fn table(schema: Oid, name: &CStr) -> Option<Oid> {
    // SAFETY: a C string.
    valid(unsafe { pg_sys::get_relname_relid(name.as_ptr(), schema) })
}

/// The function of that name with this number of texts as arguments.
pub fn function(schema: Oid, name: &CStr, texts: usize) -> Option<Oid> {
    let arguments = vec![pg_sys::TEXTOID; texts];
    // SAFETY: a C string, and a vector of OIDs: the types of the columns that the cache is asked by.
    valid(unsafe {
        pg_sys::GetSysCacheOid(
            SysCacheIdentifier::PROCNAMEARGSNSP as c_int,
            pg_sys::Anum_pg_proc_oid as pg_sys::AttrNumber,
            name.as_ptr().into(),
            pg_sys::buildoidvector(arguments.as_ptr(), texts as c_int).into(),
            schema.into(),
            Datum::null(),
        )
    })
}

#[derive(Clone, Copy)]
pub enum Object {
    Schema(Oid),
    Table(Oid),
    Function(Oid),
}

/// Whether the object belongs to the extension.
pub fn belongs(object: Object, extension: Oid) -> bool {
    let (class, oid) = match object {
        Object::Schema(oid) => (pg_sys::NamespaceRelationId, oid),
        Object::Table(oid) => (pg_sys::RelationRelationId, oid),
        Object::Function(oid) => (pg_sys::ProcedureRelationId, oid),
    };
    // SAFETY: reads a catalog.
    valid(unsafe { pg_sys::getExtensionOfObject(class, oid) }) == Some(extension)
}

/// Calls `read` with a row of a catalog; `None` if there is none of that OID.
///
/// # Safety
/// `T` is the row of the catalog of that cache.
unsafe fn row<T, R>(
    cache: SysCacheIdentifier::Type,
    oid: Oid,
    read: impl FnOnce(pg_sys::HeapTuple, &T) -> R,
) -> Option<R> {
    // SAFETY: as the caller promises; the row is released after the last look at it.
    unsafe {
        let row = pg_sys::SearchSysCache1(cache as c_int, oid.into());
        if row.is_null() {
            return None;
        }
        let result = read(row, &*pg_sys::heap_tuple_get_struct::<T>(row));
        pg_sys::ReleaseSysCache(row);
        Some(result)
    }
}

pub fn owner_of_schema(schema: Oid) -> Option<Oid> {
    let owner = |_, row: &pg_sys::FormData_pg_namespace| row.nspowner;
    // SAFETY: a row of that catalog.
    unsafe { row(SysCacheIdentifier::NAMESPACEOID, schema, owner) }
}

/// The owner of an ordinary table that is a heap; `None` for others.
pub fn owner_of_heap(table: Oid) -> Option<Oid> {
    let owner = |_, row: &pg_sys::FormData_pg_class| {
        let is_table = row.relkind as u8 == pg_sys::RELKIND_RELATION;
        (is_table && row.relam == pg_sys::HEAP_TABLE_AM_OID).then_some(row.relowner)
    };
    // SAFETY: a row of that catalog.
    let owner = unsafe { row(SysCacheIdentifier::RELOID, table, owner) };
    owner.flatten()
}

/// What the catalog says of a function.
pub struct Function<'a> {
    row: pg_sys::HeapTuple,
    about: &'a pg_sys::FormData_pg_proc,
}

/// Calls `read` with a function.
pub fn about_function<R>(function: Oid, read: impl FnOnce(Function<'_>) -> R) -> Option<R> {
    // SAFETY: a row of that catalog.
    unsafe { row(SysCacheIdentifier::PROCOID, function, |row, about| read(Function { row, about })) }
}

impl<'a> Function<'a> {
    pub fn name(&self) -> &'a CStr {
        // SAFETY: a name ends with a NUL.
        unsafe { CStr::from_ptr(self.about.proname.data.as_ptr()) }
    }

    pub fn owner(&self) -> Oid {
        self.about.proowner
    }

    pub fn is_security_definer(&self) -> bool {
        self.about.prosecdef
    }

    /// The library and the symbol of a function in C; `None` for others.
    pub fn library_and_symbol(&self) -> Option<(&'a [u8], &'a [u8])> {
        if self.about.prolang != Oid::from(C) {
            return None;
        }
        let text = |column: u32| {
            let (cache, mut is_null) = (SysCacheIdentifier::PROCOID as c_int, false);
            // SAFETY: a text of the row, which stays during 'a.
            unsafe {
                let datum =
                    pg_sys::SysCacheGetAttr(cache, self.row, column as pg_sys::AttrNumber, &mut is_null);
                Text::from_datum(datum, is_null).map(Text::bytes)
            }
        };
        Some((text(pg_sys::Anum_pg_proc_probin)?, text(pg_sys::Anum_pg_proc_prosrc)?))
    }

    /// Whether the function takes these texts, and returns one value of that type.
    fn is_of(&self, texts: usize, result: Oid) -> bool {
        // SAFETY: the vector is in the row, and has as many elements as it says.
        let types = unsafe {
            let arguments =
                &raw const (*pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_proc>(self.row)).proargtypes;
            std::slice::from_raw_parts(
                (&raw const (*arguments).values).cast::<Oid>(),
                (*arguments).dim1 as usize,
            )
        };
        types.len() == texts
            && types.iter().all(|of| *of == pg_sys::TEXTOID)
            && self.about.prorettype == result
            && !self.about.proretset
            && self.about.prokind as u8 == pg_sys::PROKIND_FUNCTION
    }
}

/// Calls a function of two texts that returns a text[]; `None` if it is none. A NULL that it returns is an error.
///
/// The caller must not hold a borrow: SQL runs, and it can call functions of this library.
pub fn call_for_texts(function: Oid, texts: [&Varlena; 2]) -> Option<Varlena> {
    let is_of = about_function(function, |about| about.is_of(2, pg_sys::TEXTARRAYOID))?;
    // SAFETY: these are its arguments, and its result is an array.
    is_of.then(|| unsafe {
        let [a, b] = texts.map(Varlena::datum);
        let array = pg_sys::OidFunctionCall2Coll(function, pg_sys::DEFAULT_COLLATION_OID, a, b);
        Varlena::at(array.cast_mut_ptr())
    })
}

/// The same for a function of three texts that returns a boolean.
pub fn call_for_bool(function: Oid, texts: [&Varlena; 3]) -> Option<bool> {
    let is_of = about_function(function, |about| about.is_of(3, pg_sys::BOOLOID))?;
    // SAFETY: these are its arguments, and its result is a boolean.
    is_of.then(|| unsafe {
        let [a, b, c] = texts.map(Varlena::datum);
        pg_sys::OidFunctionCall3Coll(function, pg_sys::DEFAULT_COLLATION_OID, a, b, c).value() != 0
    })
}

/// From now on, calls `changed` with the OID of a relation that may have changed; with the invalid OID if any may have.
pub fn on_relation(changed: fn(Oid)) {
    // SAFETY: the callback is given what it gets here.
    unsafe { pg_sys::CacheRegisterRelcacheCallback(Some(relation_changed), (changed as *mut c_void).into()) }
}

#[pg_guard]
unsafe extern "C-unwind" fn relation_changed(changed: Datum, relation: Oid) {
    // SAFETY: see above.
    let changed: fn(Oid) = unsafe { std::mem::transmute(changed.cast_mut_ptr::<c_void>()) };
    changed(relation);
}

/// From now on, calls `changed` when a schema may have changed.
pub fn on_schema(changed: fn()) {
    on_catalog(SysCacheIdentifier::NAMESPACEOID, changed);
}

/// From now on, calls `changed` when a function may have changed.
pub fn on_function(changed: fn()) {
    on_catalog(SysCacheIdentifier::PROCOID, changed);
}

fn on_catalog(cache: SysCacheIdentifier::Type, changed: fn()) {
    // SAFETY: the callback is given what it gets here.
    unsafe {
        let changed = (changed as *mut c_void).into();
        pg_sys::CacheRegisterSyscacheCallback(cache as c_int, Some(catalog_changed), changed);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn catalog_changed(changed: Datum, _cache: c_int, _hash: u32) {
    // SAFETY: see above.
    let changed: fn() = unsafe { std::mem::transmute(changed.cast_mut_ptr::<c_void>()) };
    changed();
}

/// From now on, calls `happened` when a transaction or subtransaction begins or ends.
pub fn on_transaction(happened: fn()) {
    // SAFETY: the callbacks are given what they get here.
    unsafe {
        pg_sys::RegisterXactCallback(Some(transaction), happened as *mut c_void);
        pg_sys::RegisterSubXactCallback(Some(subtransaction), happened as *mut c_void);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn transaction(_event: pg_sys::XactEvent::Type, happened: *mut c_void) {
    // SAFETY: see above.
    let happened: fn() = unsafe { std::mem::transmute(happened) };
    happened();
}

#[pg_guard]
unsafe extern "C-unwind" fn subtransaction(
    _event: pg_sys::SubXactEvent::Type,
    _this: pg_sys::SubTransactionId,
    _parent: pg_sys::SubTransactionId,
    happened: *mut c_void,
) {
    // SAFETY: see above.
    let happened: fn() = unsafe { std::mem::transmute(happened) };
    happened();
}

/// Learns what other backends have changed, as each lock on a table does.
pub fn accept_changes() {
    // SAFETY: catalogs can be read here.
    unsafe { pg_sys::AcceptInvalidationMessages() }
}

/// The trigger of the tables of this extension, after each change of a row, and after TRUNCATE: every backend is told
/// that the table has changed.
///
/// # Safety
/// Called by Postgres.
#[pg_guard]
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn workos_issuers_changed(fcinfo: pg_sys::FunctionCallInfo) -> Datum {
    // SAFETY: a trigger's context is its TriggerData.
    unsafe {
        if !pgrx::trigger_support::called_as_trigger(fcinfo) {
            errors::raise(Error::NotATrigger);
        }
        let trigger = (*fcinfo).context.cast::<pg_sys::TriggerData>();
        pg_sys::CacheInvalidateRelcache((*trigger).tg_relation);
    }
    Datum::null()
}

#[unsafe(no_mangle)]
pub extern "C" fn pg_finfo_workos_issuers_changed() -> &'static pg_sys::Pg_finfo_record {
    &pg_sys::Pg_finfo_record { api_version: 1 }
}
