//! Marks the calls of this extension's functions in the RLS policies of a statement.
//!
//! The mark is stored in the node's `location`, the position in the query text. The planner copies it unchanged and does
//! not use it.
//!
//! A helper in plain SQL that takes a column, such as `workos_is_member(org_id)`, is inlined first, by the code of
//! Postgres. The result, `org_id = workos_org_id()`, has a call that does not depend on the row. Postgres has already
//! recorded that the plan depends on the helper. It would not record other functions that are inlined at the same time,
//! so nothing else may be inlined.

use std::ffi::c_int;

use pgrx::pg_sys::{
    CmdType::CMD_INSERT, CoerceViaIO, CollateExpr, Expr, FirstUnpinnedObjectId, FromExpr, FuncExpr, JoinExpr,
    Node, NodeTag, Oid, OpExpr, Query, RelabelType,
};

use super::distributed::uses_distributed_table;
use super::ours::is_ours;
use super::tree::{LEVELS, List, Ref};

/// Not a valid position in a text. Postgres uses -1 for an unknown position.
pub const MARK: c_int = -0x574f;

/// Marks the calls that can be computed once. Returns whether there was any.
pub fn policies(query: Ref<'_, Query>) -> bool {
    if uses_distributed_table(query) {
        return false;
    }
    let mut found = false;
    visit(query.node(), 0, &mut found);
    found
}

/// Finds each query of a statement: sub-selects in FROM and in expressions, CTEs, arms of a UNION.
fn visit(node: Ref<'_, Node>, level: u32, found: &mut bool) {
    if level == LEVELS {
        return;
    }
    let level = level + 1;
    if let Some(query) = node.cast::<Query>() {
        for table in query.tables().iter() {
            table.policies().update(|condition| policy(condition, level, found));
        }
        // A single new row is checked only once anyway.
        let single_row = query.command() == CMD_INSERT
            && query.from().is_some_and(|from| from.items().is_empty())
            && !query.has_set_returning_functions();
        if !single_row {
            for check in query.checks().iter() {
                check.set_condition(check.condition().map(|condition| policy(condition, level, found)));
            }
        }
    }
    node.each_child(|child| visit(child, level, found));
}

/// Returns the condition of a policy with marks.
fn policy<'t>(condition: Ref<'t, Expr>, level: u32, found: &mut bool) -> Ref<'t, Expr> {
    // The conditions of a sub-select are policies themselves: `mark` finds them, and `rewrite` leaves them as they are.
    let condition = condition.rewrite(level, |expression, _| inlined(expression));
    mark(condition.node(), level, found);
    condition
}

/// What a helper that takes a column is if it is inlined, if Postgres can do that.
fn inlined<'t>(expression: Ref<'t, Expr>) -> Option<Ref<'t, Expr>> {
    let call = expression.cast::<FuncExpr>()?;
    let can_be = !call.arguments().is_empty()
        && !call.returns_set()
        && call.arguments().iter().all(|argument| is_plain(argument, 0))
        && is_ours(call.function());
    let result = if can_be { expression.simplified() } else { None }?;
    let unchanged = result.cast::<FuncExpr>().is_some_and(|result| result.function() == call.function());
    (!unchanged).then_some(result)
}

/// Whether the expression consists of columns, constants and built-in functions only, so that Postgres can compute no
/// part of it while inlining. Such a computation could raise an error, even if no row needs it. Functions that are not
/// built in could be inlined themselves: a function can be in SQL, and a domain can get a constraint.
///
/// `level` is the number of nodes above.
fn is_plain<'t>(expression: Ref<'t, Expr>, level: u32) -> bool {
    let is_own = |object: Oid| object.to_u32() < FirstUnpinnedObjectId;
    let is_plain = |part: Ref<'t, Expr>| is_plain(part, level + 1);
    let all_plain = |arguments: List<'t, Expr>| {
        arguments.iter().any(|argument| argument.tag() != NodeTag::T_Const) && arguments.iter().all(is_plain)
    };
    if level > LEVELS {
        false
    } else if let Some(call) = expression.cast::<FuncExpr>() {
        is_own(call.function()) && all_plain(call.arguments())
    } else if let Some(comparison) = expression.cast::<OpExpr>() {
        is_own(comparison.operator()) && all_plain(comparison.arguments())
    } else if let Some(relabelled) = expression.cast::<RelabelType>() {
        relabelled.argument().is_some_and(is_plain)
    } else if let Some(collated) = expression.cast::<CollateExpr>() {
        collated.argument().is_some_and(is_plain)
    } else if let Some(converted) = expression.cast::<CoerceViaIO>() {
        converted.argument().is_some_and(|argument| argument.tag() != NodeTag::T_Const && is_plain(argument))
    } else {
        matches!(expression.tag(), NodeTag::T_Var | NodeTag::T_Const)
    }
}

fn mark(node: Ref<'_, Node>, level: u32, found: &mut bool) {
    if let Some(call) = node.cast::<FuncExpr>()
        && !call.returns_set()
        && is_ours(call.function())
    {
        call.set_location(MARK);
        *found = true;
    }
    if let Some(query) = node.cast::<Query>() {
        // The conditions of a sub-select in a policy are part of the policy.
        if let Some(item) = query.from() {
            from(item.node(), level, found);
        }
    } else if level < LEVELS {
        node.each_child(|child| mark(child, level + 1, found));
    }
}

/// The WHERE and the ON of a sub-select in a policy.
fn from(item: Ref<'_, Node>, level: u32, found: &mut bool) {
    if level > LEVELS {
        return;
    }
    if let Some(item) = item.cast::<FromExpr>() {
        for part in item.items().iter() {
            from(part, level + 1, found);
        }
        item.set_condition(item.condition().map(|condition| policy(condition, level, found)));
    } else if let Some(join) = item.cast::<JoinExpr>() {
        for part in [join.left(), join.right()].into_iter().flatten() {
            from(part, level + 1, found);
        }
        join.set_condition(join.condition().map(|condition| policy(condition, level, found)));
    }
}
