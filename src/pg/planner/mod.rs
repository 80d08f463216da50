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

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};

use pgrx::pg_sys::{self, List, Node, NodeTag, Query};
use pgrx::prelude::*;
use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};

/// Linked directly, as in [`super::server`]: no frame between here and Postgres owns what would leak.
mod direct {
    use super::*;

    pub type Walker = unsafe extern "C-unwind" fn(*mut Node, *mut c_void) -> bool;
    pub type Mutator = unsafe extern "C-unwind" fn(*mut Node, *mut c_void) -> *mut Node;

    // What differs by major: from 16 on the plain names are macros.
    unsafe extern "C-unwind" {
        #[cfg_attr(not(feature = "pg15"), link_name = "expression_tree_walker_impl")]
        pub fn expression_tree_walker(node: *mut Node, walker: Walker, context: *mut c_void) -> bool;
        #[cfg_attr(not(feature = "pg15"), link_name = "query_tree_walker_impl")]
        pub fn query_tree_walker(
            query: *mut Query,
            walker: Walker,
            context: *mut c_void,
            flags: c_int,
        ) -> bool;
        #[cfg_attr(not(feature = "pg15"), link_name = "expression_tree_mutator_impl")]
        pub fn expression_tree_mutator(node: *mut Node, mutator: Mutator, context: *mut c_void) -> *mut Node;

        pub fn standard_planner(
            query: *mut Query,
            query_string: *const c_char,
            cursor_options: c_int,
            params: pg_sys::ParamListInfo,
        ) -> *mut pg_sys::PlannedStmt;
    }
}

static PLAN_ONCE: GucSetting<bool> = GucSetting::<bool>::new(true);

struct Hook(Cell<pg_sys::planner_hook_type>);

// SAFETY: a backend has one thread.
unsafe impl Sync for Hook {}

/// The hook of a library that was loaded before.
static PREVIOUS: Hook = Hook(Cell::new(None));

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
        PREVIOUS.0.set(pg_sys::planner_hook);
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
        let plan = match PREVIOUS.0.get() {
            Some(previous) => previous(query, query_string, cursor_options, params),
            None => direct::standard_planner(query, query_string, cursor_options, params),
        };
        if marked {
            lift::marked_calls(plan);
        }
        plan
    }
}

/// How many levels of nested nodes are looked at. What is nested more deeply stays as it is.
const LEVELS: u32 = 300;

/// What those levels take of the stack, and more.
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

/// # Safety
/// `list` is a list of nodes, or NULL.
unsafe fn cells<'a>(list: *mut List) -> &'a mut [*mut Node] {
    // SAFETY: a cell of such a list is a pointer to a node.
    unsafe {
        match list.as_ref() {
            Some(list) => std::slice::from_raw_parts_mut(list.elements.cast(), list.length as usize),
            None => &mut [],
        }
    }
}

/// # Safety
/// `node` is a node of the tree, or NULL.
unsafe fn tag(node: *mut Node) -> Option<NodeTag> {
    // SAFETY: as the caller promises.
    unsafe { node.as_ref() }.map(|node| node.type_)
}
