//! Computes a call in an RLS policy once per query instead of once per row, as if the author of the policy had written
//! `(select …)`.
//!
//! 1. Before a statement with row security is planned, [`mark`] marks the calls of this extension's functions in
//!    its policies. Policies are in the query tree only after rewriting, so this is done in a planner hook.
//! 2. Postgres plans the statement as it would without this extension: index conditions, estimates and partition
//!    pruning are the same.
//! 3. In the finished plan, [`lift`] finds the marked calls in the expressions that are evaluated for each row. Around
//!    each call, it replaces the largest expression that does not depend on the row by the result of an InitPlan of the
//!    same plan node.
//!
//! An InitPlan of a plan node is evaluated when a row first needs its result, in the process that needs it. So if no
//! row needs a call, it is not evaluated, as without this extension. A statement that succeeds without the hook also
//! succeeds with it.
#![allow(unsafe_code)]

mod distributed;
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

/// The planner hook of a library that was loaded before.
static PREVIOUS: Local<Cell<pg_sys::planner_hook_type>> = Local::new(Cell::new(None));

pub fn init() {
    GucRegistry::define_bool_guc(
        c"workos.plan_once",
        c"Computes the functions of pg_workos in row-security policies once per query.",
        c"This changes the speed of a query, but not its result.",
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
    // SAFETY: the arguments of the planner are passed on unchanged.
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

/// More stack than a walk over [`tree::LEVELS`] nested nodes takes.
const STACK: isize = 768 * 1024;

/// Whether Postgres allows a function to use that much more of the stack. If not, the statement is planned without this
/// hook, so it raises no error that it would not raise without the extension.
fn there_is_stack() -> bool {
    let here = 0u8;
    // SAFETY: the base is restored at once. The limit is a setting, in kB.
    unsafe {
        let base = pg_sys::set_stack_base();
        pg_sys::restore_stack_base(base);
        let used = (base as isize - &raw const here as isize).abs();
        used + STACK < pg_sys::max_stack_depth as isize * 1024
    }
}
