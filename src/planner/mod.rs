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
//!
//! [`hook`] is what Postgres calls, and [`tree`] what these modules see of its nodes. All unsafe code is in those two.

mod distributed;
mod hook;
mod lift;
mod mark;
mod ours;
mod tree;

use pgrx::pg_sys::{PlannedStmt, Query};
use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};

use tree::Ref;

static PLAN_ONCE: GucSetting<bool> = GucSetting::<bool>::new(true);

pub fn init() {
    GucRegistry::define_bool_guc(
        c"workos.plan_once",
        c"Computes the functions of pg_workos in row-security policies once per query.",
        c"This changes the speed of a query, but not its result.",
        &PLAN_ONCE,
        GucContext::Userset,
        GucFlags::EXPLAIN,
    );
    hook::install();
}

/// Runs before a statement is planned. Returns whether anything was marked.
fn before(query: Ref<'_, Query>) -> bool {
    query.has_row_security() && PLAN_ONCE.get() && hook::there_is_stack() && mark::policies(query)
}

/// Runs after a statement was planned in which something was marked.
fn after(plan: Ref<'_, PlannedStmt>) {
    lift::marked_calls(plan);
}
