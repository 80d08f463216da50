//! The planner hook of Postgres.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_char, c_int};

use pgrx::pg_sys::{self, Query};
use pgrx::prelude::*;

use super::tree::with;
use crate::local::Local;

/// Linked directly: the bindings of pgrx would pass an error of the planner on without its context, and without an
/// SQLSTATE that is not one of Postgres' own. No frame between here and Postgres owns what would leak.
mod direct {
    use super::*;

    unsafe extern "C-unwind" {
        pub fn standard_planner(
            query: *mut Query,
            query_string: *const c_char,
            cursor_options: c_int,
            params: pg_sys::ParamListInfo,
        ) -> *mut pg_sys::PlannedStmt;
    }
}

/// The planner hook of a library that was loaded before.
static PREVIOUS: Local<Cell<pg_sys::planner_hook_type>> = Local::new(Cell::new(None));

/// Called once, when the library loads.
pub fn install() {
    // SAFETY: a backend has one thread.
    unsafe {
        PREVIOUS.set(pg_sys::planner_hook);
        pg_sys::planner_hook = Some(planner);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn planner(
    query: *mut Query,
    query_string: *const c_char,
    cursor_options: c_int,
    params: pg_sys::ParamListInfo,
) -> *mut pg_sys::PlannedStmt {
    // SAFETY: the arguments of the planner are passed on unchanged. The query is about to be planned, and the plan was
    // just made, both in the current memory context, and nothing else refers to them.
    unsafe {
        let marked = with(query, super::before);
        let plan = match PREVIOUS.get() {
            Some(previous) => previous(query, query_string, cursor_options, params),
            None => direct::standard_planner(query, query_string, cursor_options, params),
        };
        if marked {
            with(plan, super::after);
        }
        plan
    }
}

/// More stack than a walk over [`tree::LEVELS`](super::tree::LEVELS) nested nodes takes.
const STACK: isize = 768 * 1024;

/// Whether Postgres allows a function to use that much more of the stack. If not, the statement is planned without this
/// hook, so it raises no error that it would not raise without the extension.
pub fn there_is_stack() -> bool {
    let here = 0u8;
    // SAFETY: the base is restored at once. The limit is a setting, in kB.
    unsafe {
        let base = pg_sys::set_stack_base();
        pg_sys::restore_stack_base(base);
        let used = (base as isize - &raw const here as isize).abs();
        used + STACK < pg_sys::max_stack_depth as isize * 1024
    }
}
