//! Computes a call in an RLS policy once per query, and not once per row, as if the author of the policy had
//! written `(select …)`.
//!
//! 1. Before a statement with row security is planned, [`mark`] marks the calls of this extension's functions in
//!    its policies. Policies are in the query tree only after rewriting, hence a planner hook.
//! 2. Postgres plans the statement as it would without this extension: index conditions, estimates and the
//!    pruning of partitions are the same.
//! 3. In the finished plan, [`lift`] finds the marked calls in what is evaluated for each row, and replaces the
//!    largest expression around each that depends on no row by the result of an InitPlan of the same plan node.
//!
//! An InitPlan of a plan node is evaluated when a row first needs its result, in the process that needs it. So a
//! call that no row reaches is not evaluated, just as without this extension, and a statement that succeeds
//! without it succeeds with it.
#![allow(unsafe_code)]

mod lift;
mod mark;
mod ours;
mod tree;

use std::cell::Cell;
use std::ffi::{c_char, c_int};

use pgrx::pg_sys::{self, Query};
use pgrx::prelude::*;
use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};

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

static PLAN_ONCE: GucSetting<bool> = GucSetting::<bool>::new(true);

/// The hook of a library that was loaded before.
static PREVIOUS: Local<Cell<pg_sys::planner_hook_type>> = Local::new(Cell::new(None));

pub fn init() {
    GucRegistry::define_bool_guc(
        c"workos.plan_once",
        c"Computes the functions of pg_workos in row-security policies once per query.",
        c"It changes the speed of a query, never its rows.",
        &PLAN_ONCE,
        GucContext::Userset,
        GucFlags::EXPLAIN,
    );
    // SAFETY: runs once, when the library loads.
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
    // SAFETY: what the planner is given, passed on.
    unsafe {
        let marked = (*query).hasRowSecurity && PLAN_ONCE.get() && there_is_stack() && mark::policies(query);
        let plan = match PREVIOUS.get() {
            Some(previous) => previous(query, query_string, cursor_options, params),
            None => direct::standard_planner(query, query_string, cursor_options, params),
        };
        if marked {
            lift::marked_calls(plan);
        }
        plan
    }
}

/// What [`tree::LEVELS`] nested nodes take of the stack, and more.
const STACK: isize = 768 * 1024;

/// Would Postgres let a function use that much more of the stack? Where it is short of it, statements are planned
/// as without this extension, and raise no error that they would not raise there.
fn there_is_stack() -> bool {
    let here = 0u8;
    // SAFETY: the base is set back at once; the limit is a setting, in kB.
    unsafe {
        let base = pg_sys::set_stack_base();
        pg_sys::restore_stack_base(base);
        let used = (base as isize - &raw const here as isize).abs();
        used + STACK < pg_sys::max_stack_depth as isize * 1024
    }
}
