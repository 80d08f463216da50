//! Marks the calls of this extension's functions in the RLS policies of a statement.
//!
//! The mark is stored in the node's `location`, the position in the query text. The planner copies it unchanged and does
//! not use it.
//!
//! A helper in plain SQL that takes a column, such as `workos_is_member(org_id)`, is inlined first, by the code of
//! Postgres. The result, `org_id = workos_org_id()`, has a call that does not depend on the row. Postgres has already
//! recorded that the plan depends on the helper. It would not record other functions that are inlined at the same time,
//! so nothing else may be inlined.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use pgrx::PgList;
use pgrx::pg_sys::{self, Node, NodeTag, Query};
use pgrx::prelude::*;

use super::distributed::uses_distributed_table;
use super::ours::is_ours;
use super::tree::{LEVELS, cells, mutate, tag, walk};

/// Not a valid position in a text. Postgres uses -1 for an unknown position.
pub const MARK: c_int = -0x574f;

/// The state of the search.
struct Search {
    level: u32,
    found: bool,
}

/// Marks the calls that can be computed once. Returns whether there was any.
///
/// # Safety
/// `query` is about to be planned.
pub unsafe fn policies(query: *mut Query) -> bool {
    // SAFETY: as the caller promises.
    if unsafe { uses_distributed_table(query) } {
        return false;
    }
    let mut search = Search { level: 0, found: false };
    // SAFETY: as the caller promises.
    unsafe { visit(query.cast(), (&raw mut search).cast()) };
    search.found
}

/// Calls `visit` one level deeper, unless that is too deep.
///
/// # Safety
/// `context` is the [`Search`].
unsafe fn deeper<R>(context: *mut c_void, too_deep: R, visit: impl FnOnce() -> R) -> R {
    // SAFETY: as the caller promises. `visit` borrows the search only while this function does not.
    unsafe {
        let search = context.cast::<Search>();
        if (*search).level == LEVELS {
            return too_deep;
        }
        (*search).level += 1;
        let result = visit();
        (*search).level -= 1;
        result
    }
}

/// Finds each query of a statement: sub-selects in FROM and in expressions, CTEs, arms of a UNION.
#[pg_guard]
unsafe extern "C-unwind" fn visit(node: *mut Node, context: *mut c_void) -> bool {
    // SAFETY: a node of the tree, or NULL; the context is the `Search`.
    unsafe {
        match tag(node) {
            None => false,
            Some(NodeTag::T_Query) => deeper(context, false, || {
                let query: *mut Query = node.cast();
                for table in PgList::<pg_sys::RangeTblEntry>::from_pg((*query).rtable).iter_ptr() {
                    for qual in cells((*table).securityQuals) {
                        policy(qual, context);
                    }
                }
                // A single new row is checked only once anyway.
                let single_row = (*query).commandType == pg_sys::CmdType::CMD_INSERT
                    && (*(*query).jointree).fromlist.is_null()
                    && !(*query).hasTargetSRFs;
                if !single_row {
                    let checks = PgList::<pg_sys::WithCheckOption>::from_pg((*query).withCheckOptions);
                    for check in checks.iter_ptr() {
                        policy(&mut (*check).qual, context);
                    }
                }
                pg_sys::query_tree_walker(query, Some(visit), context, 0)
            }),
            Some(_) => deeper(context, false, || walk(node, visit, context)),
        }
    }
}

/// # Safety
/// `qual` belongs to a query that is about to be planned; `context` is the [`Search`].
unsafe fn policy(qual: &mut *mut Node, context: *mut c_void) {
    // SAFETY: as the caller promises.
    unsafe {
        *qual = inline(*qual, context);
        mark(*qual, context);
    }
}

/// Inlines helpers that take a column, if Postgres can.
#[pg_guard]
unsafe extern "C-unwind" fn inline(node: *mut Node, context: *mut c_void) -> *mut Node {
    // SAFETY: a node of the tree, or NULL.
    unsafe {
        match tag(node) {
            // `mark` handles the conditions of a sub-select as separate policies.
            None | Some(NodeTag::T_Query) => return node,
            Some(NodeTag::T_FuncExpr) => {
                let call = node.cast::<pg_sys::FuncExpr>();
                let function = (*call).funcid;
                if !(*call).args.is_null()
                    && !(*call).funcretset
                    && cells((*call).args).iter().all(|argument| is_plain(*argument, 0))
                    && is_ours(function)
                {
                    let result = pg_sys::eval_const_expressions(null_mut(), node);
                    if tag(result) != Some(NodeTag::T_FuncExpr)
                        || (*result.cast::<pg_sys::FuncExpr>()).funcid != function
                    {
                        return result;
                    }
                }
            }
            _ => {}
        }
        deeper(context, node, || mutate(node, inline, context))
    }
}

/// Whether the expression consists of columns, constants and built-in functions only, so that Postgres can compute no
/// part of it while inlining. Such a computation could raise an error, even if no row needs it. Functions that are not
/// built in could be inlined themselves: a function can be in SQL, and a domain can get a constraint.
///
/// # Safety
/// `node` is a node of the tree, or NULL; `level` counts those above it.
unsafe fn is_plain(node: *mut Node, level: u32) -> bool {
    let is_own = |object: pg_sys::Oid| object.to_u32() < pg_sys::FirstUnpinnedObjectId;
    // SAFETY: as the caller promises.
    unsafe {
        let all_plain = |arguments: *mut pg_sys::List| {
            let arguments = cells(arguments);
            arguments.iter().any(|argument| tag(*argument) != Some(NodeTag::T_Const))
                && arguments.iter().all(|argument| is_plain(*argument, level + 1))
        };
        match tag(node) {
            _ if level > LEVELS => false,
            Some(NodeTag::T_Var | NodeTag::T_Const) => true,
            Some(NodeTag::T_RelabelType) => {
                is_plain((*node.cast::<pg_sys::RelabelType>()).arg.cast(), level + 1)
            }
            Some(NodeTag::T_CollateExpr) => {
                is_plain((*node.cast::<pg_sys::CollateExpr>()).arg.cast(), level + 1)
            }
            Some(NodeTag::T_CoerceViaIO) => {
                let converted: *mut Node = (*node.cast::<pg_sys::CoerceViaIO>()).arg.cast();
                tag(converted) != Some(NodeTag::T_Const) && is_plain(converted, level + 1)
            }
            Some(NodeTag::T_FuncExpr) => {
                let call = node.cast::<pg_sys::FuncExpr>();
                is_own((*call).funcid) && all_plain((*call).args)
            }
            Some(NodeTag::T_OpExpr) => {
                let comparison = node.cast::<pg_sys::OpExpr>();
                is_own((*comparison).opno) && all_plain((*comparison).args)
            }
            _ => false,
        }
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn mark(node: *mut Node, context: *mut c_void) -> bool {
    // SAFETY: a node of the tree, or NULL; the context is the `Search`.
    unsafe {
        match tag(node) {
            None => return false,
            Some(NodeTag::T_FuncExpr) => {
                let call = node.cast::<pg_sys::FuncExpr>();
                if !(*call).funcretset && is_ours((*call).funcid) {
                    (*call).location = MARK;
                    (*context.cast::<Search>()).found = true;
                }
            }
            // The conditions of a sub-select in a policy are part of the policy.
            Some(NodeTag::T_Query) => {
                from((*node.cast::<Query>()).jointree.cast(), context);
                return false;
            }
            _ => {}
        }
        deeper(context, false, || walk(node, mark, context))
    }
}

/// The WHERE and the ON of a sub-select in a policy.
///
/// # Safety
/// `item` belongs to the FROM of a query; `context` is the [`Search`].
unsafe fn from(item: *mut Node, context: *mut c_void) {
    // SAFETY: as the caller promises.
    unsafe {
        match tag(item) {
            Some(NodeTag::T_FromExpr) => {
                let item = item.cast::<pg_sys::FromExpr>();
                for part in cells((*item).fromlist) {
                    deeper(context, (), || from(*part, context));
                }
                policy(&mut (*item).quals, context);
            }
            Some(NodeTag::T_JoinExpr) => {
                let join = item.cast::<pg_sys::JoinExpr>();
                deeper(context, (), || from((*join).larg, context));
                deeper(context, (), || from((*join).rarg, context));
                policy(&mut (*join).quals, context);
            }
            _ => {}
        }
    }
}
