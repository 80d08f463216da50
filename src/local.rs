//! The state of this backend: each variable is a `static` of this type, with a `Cell` or an `UnsafeCell` in it.
#![allow(unsafe_code)]

use std::ops::Deref;

pub struct Local<T>(T);

// SAFETY: a backend has one thread.
unsafe impl<T> Sync for Local<T> {}

impl<T> Local<T> {
    pub const fn new(value: T) -> Local<T> {
        Local(value)
    }
}

impl<T> Deref for Local<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}
