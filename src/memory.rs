//! Memory that runs out.
//!
//! Where an allocation of Rust fails, Rust ends the process, and Postgres then restarts every connection. An
//! allocation of Postgres that fails raises an error instead. So here
//!
//! - whatever takes memory in proportion to an input asks first whether [`there_is`] so much, and raises that error;
//! - each backend keeps a reserve, memory that is never written to and so takes none of the machine's. It is
//!   given back as soon as an allocation fails, which is then tried again, and before an error is reported,
//!   which takes memory, too. The next call of [`there_is`] or [`hold`]
//!   takes a new one.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use pgrx::pg_sys;
use pgrx::pg_sys::panic::{CaughtError, ErrorReportWithLevel};

/// Twice what Postgres asks the system for at a time when memory is short: one such block for it, one for Rust.
const RESERVE: Layout = match Layout::from_size_align(2 << 20, 16) {
    Ok(layout) => layout,
    Err(_) => panic!("16 is a power of two"),
};

static HELD: AtomicPtr<u8> = AtomicPtr::new(null_mut());

/// The system's allocator, and the reserve.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: each request is passed on as it came; one that failed has changed nothing and is repeated.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        or_again(|| unsafe { System.alloc(layout) })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        or_again(|| unsafe { System.alloc_zeroed(layout) })
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        or_again(|| unsafe { System.realloc(memory, layout, size) })
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
}

#[inline]
fn or_again(allocate: impl Fn() -> *mut u8) -> *mut u8 {
    let memory = allocate();
    if memory.is_null() && give_back() { allocate() } else { memory }
}

/// Gives the reserve back, if there is one.
#[cold]
fn give_back() -> bool {
    let held = HELD.swap(null_mut(), Relaxed);
    if held.is_null() {
        return false;
    }
    // SAFETY: it was allocated so, and nobody else has it.
    unsafe { System.dealloc(held, RESERVE) };
    true
}

/// Called once, when the library loads, before anything that would have to be undone.
pub fn init() {
    hold();
    let before = std::panic::take_hook();
    // Every error that Rust raises or passes on is a panic first.
    std::panic::set_hook(Box::new(move |panic| {
        give_back();
        // An error with a SQLSTATE says what is wrong. Where the environment has RUST_BACKTRACE, the hook of
        // pgrx would add a backtrace, which takes many megabytes.
        let payload = panic.payload();
        if !payload.is::<CaughtError>() && !payload.is::<ErrorReportWithLevel>() {
            before(panic);
        }
    }));
}

/// Makes sure that there is a reserve, if there can be one.
pub fn hold() {
    if HELD.load(Relaxed).is_null() {
        // SAFETY: not of size zero.
        HELD.store(unsafe { System.alloc(RESERVE) }, Relaxed);
    }
}

/// Is there a reserve, and memory for so many bytes, and besides for what Postgres itself may take meanwhile?
pub fn there_is(bytes: usize) -> bool {
    unsafe extern "C-unwind" {
        fn palloc_extended(size: usize, flags: c_int) -> *mut c_void;
    }
    hold();
    let flags = pg_sys::MCXT_ALLOC_HUGE | pg_sys::MCXT_ALLOC_NO_OOM;
    // SAFETY: memory that nobody looks at, and that is given back at once; NULL if there is none. A pair of calls of
    // Rust's own allocator the compiler would leave out.
    unsafe {
        let memory = palloc_extended(bytes.saturating_add(RESERVE.size()).min(LARGEST), flags as c_int);
        if !memory.is_null() {
            pg_sys::pfree(memory);
        }
        !memory.is_null() && !HELD.load(Relaxed).is_null()
    }
}

/// Postgres raises another error for what is beyond any memory.
const LARGEST: usize = usize::MAX / 2;
