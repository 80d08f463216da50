//! Marks the calls of this extension's functions in the RLS policies of a statement.
//!
//! The mark stands in the node's `location`, the place in the query's text, which the planner carries along
//! unchanged and uses for nothing.
//!
//! A helper in plain SQL that takes a column, `workos_is_member(org_id)`, is inlined first, by Postgres' own code:
//! the call that is left in it, `org_id = workos_org_id()`, depends on no row. That the plan depends on the helper
//! Postgres has noted before; what else could be inlined with it Postgres would not note, so there must be
//! nothing else.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use pgrx::PgList;
use pgrx::pg_sys::{self, Node, NodeTag, Query};
use pgrx::prelude::*;

use super::ours::is_ours;
use super::tree::{LEVELS, cells, mutate, tag, walk};

/// No place in a text; -1 stands for an unknown one.
pub const MARK: c_int = -0x574f;

/// How far the search has come.
struct Search {
    level: u32,
    found: bool,
}

/// Marks what is to be computed once. Was there anything?
///
/// # Safety
/// `query` is about to be planned.
pub unsafe fn policies(query: *mut Query) -> bool {
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
    // SAFETY: as the caller promises; `visit` borrows it only while this does not.
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
                // A single new row is checked once in any case.
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

/// Inlines what takes a column, where Postgres can.
#[pg_guard]
unsafe extern "C-unwind" fn inline(node: *mut Node, context: *mut c_void) -> *mut Node {
    // SAFETY: a node of the tree, or NULL.
    unsafe {
        match tag(node) {
            // The conditions of a sub-select are policies by themselves, see `mark`.
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

/// Is it made of columns and constants by functions of Postgres alone, in such a way that Postgres can compute
/// nothing of it while inlining? What it computed could raise an error, even where no row would have come to it.
/// And what is not Postgres' own could be inlined itself: the function of another can be in SQL, and a domain can
/// get a constraint.
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
            // The policy's own sub-select: its conditions are the policy's, too.
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
