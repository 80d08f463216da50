//! Moves marked calls from the expressions that a finished plan evaluates for each row into InitPlans.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use pgrx::pg_sys::{self, List, Node, NodeTag, Oid, Plan, PlannedStmt, SubPlan};
use pgrx::prelude::*;

use super::mark::MARK;
use super::tree::{LEVELS, cells, make_node, mutate, tag, walk};

/// The plan, and the state of the search in it.
struct Lift {
    plan: *mut PlannedStmt,
    /// The plan node that gets the InitPlans of what is found.
    attach_to: *mut Plan,
    /// The parameter that tells that plan node to start again for another row, if it is below a node that rechecks.
    recheck: Option<c_int>,
    /// The expressions that are InitPlans already, and those InitPlans, in the same order.
    expressions: *mut List,
    init_plans: *mut List,
    /// The greatest id of a plan node.
    last_id: c_int,
    level: u32,
}

/// Lifts the marked calls of a plan.
///
/// An InitPlan must be prepared in each place where its result is asked for. The executor prepares a plan more than
/// once: in each parallel worker what is below the Gather, and for rows that a concurrent update has changed what is
/// below the ModifyTable or LockRows ("EvalPlanQual").
///
/// - What a node of the main tree evaluates becomes an InitPlan of that node, so it is prepared wherever the node is.
/// - For each further row that EvalPlanQual checks, it replaces the values of all parameters by those of the statement
///   itself, where the InitPlan may not be evaluated yet. Then it reports the change of one parameter, on which the
///   planner lets all scans below the node depend. So below such a node, an InitPlan depends on that parameter, too:
///   the executor then evaluates it again. Nodes that do not depend on it (of a sub-select that Postgres plans by
///   itself) are left as they are, as are those below two such nodes.
/// - A node of a sub-plan cannot have an InitPlan of its own, since the executor prepares the sub-plans in their order
///   and a new one comes last. What it evaluates becomes an InitPlan of the root of the main tree, if nothing in the
///   whole plan is prepared more than once; else it is left as it is. The checks of a ModifyTable in a sub-plan (a CTE)
///   are never part of what is prepared for changed rows.
///
/// # Safety
/// `plan` was just made, and nothing else refers to it.
pub unsafe fn marked_calls(plan: *mut PlannedStmt) {
    // SAFETY: as the caller promises.
    unsafe {
        let root = (*plan).planTree;
        let main = nodes_of(root, |_| true);
        let mut sub_plans: *mut List = null_mut();
        for root in cells((*plan).subplans) {
            sub_plans = pg_sys::list_concat(sub_plans, nodes_of(root.cast(), |_| true));
        }
        let all = || cells(main).iter().chain(cells(sub_plans).iter()).map(|node| node.cast::<Plan>());
        let last_id = all().map(|node| (*node).plan_node_id).max().unwrap_or(0);
        let in_one_process = !all().any(|node| is_gather(node));
        let prepared_once = in_one_process && !all().any(|node| rechecks(node).is_some());

        let (expressions, init_plans) = (null_mut(), null_mut());
        let mut lift =
            Lift { plan, attach_to: root, recheck: None, expressions, init_plans, last_id, level: 0 };
        for node in cells(nodes_of(root, |node| rechecks(node).is_none())) {
            let node: *mut Plan = node.cast();
            (lift.attach_to, lift.recheck) = (node, None);
            lift.expressions_of(node);
            let Some(parameter) = rechecks(node) else { continue };
            for below in cells(nodes_of((*node).lefttree, |below| rechecks(below).is_none())) {
                let below: *mut Plan = below.cast();
                if pg_sys::bms_is_member(parameter, (*below).allParam) {
                    (lift.attach_to, lift.recheck) = (below, Some(parameter));
                    lift.expressions_of(below);
                }
            }
        }
        if in_one_process {
            (lift.attach_to, lift.recheck) = (root, None);
            for node in cells(sub_plans) {
                if prepared_once || (**node).type_ == NodeTag::T_ModifyTable {
                    lift.expressions_of(node.cast());
                }
            }
        }
    }
}

impl Lift {
    /// # Safety
    /// `node` is a node of the plan.
    unsafe fn expressions_of(&mut self, node: *mut Plan) {
        // SAFETY: as the caller promises.
        unsafe {
            per_row(node, |list| {
                for expression in cells(list) {
                    if holds_mark(*expression, (&raw mut self.level).cast()) {
                        *expression = replace(*expression, (&raw mut *self).cast());
                    }
                }
            });
        }
    }
}

/// Is what is below this node run in parallel workers?
///
/// # Safety
/// `node` is a node of a finished plan.
unsafe fn is_gather(node: *mut Plan) -> bool {
    // SAFETY: as the caller promises.
    matches!(unsafe { (*node).type_ }, NodeTag::T_Gather | NodeTag::T_GatherMerge)
}

/// If what is below this node is run again for rows that a concurrent update has changed: the parameter by which the
/// scans below it are told of another row.
///
/// # Safety
/// `node` is a node of a finished plan.
unsafe fn rechecks(node: *mut Plan) -> Option<c_int> {
    use pg_sys::{CmdType::CMD_INSERT, OnConflictAction::ONCONFLICT_UPDATE};
    // SAFETY: as the caller promises.
    unsafe {
        match (*node).type_ {
            NodeTag::T_ModifyTable => {
                let modify = &*node.cast::<pg_sys::ModifyTable>();
                let only_adds =
                    modify.operation == CMD_INSERT && modify.onConflictAction != ONCONFLICT_UPDATE;
                (!only_adds).then_some(modify.epqParam)
            }
            NodeTag::T_LockRows => Some((*node.cast::<pg_sys::LockRows>()).epqParam),
            _ => None,
        }
    }
}

/// A plan node and all that are below it, sub-plans not among them. What is below a node is left out where `enter`
/// says so.
///
/// # Safety
/// `root` is the root of a finished plan, or NULL.
unsafe fn nodes_of(root: *mut Plan, enter: impl Fn(*mut Plan) -> bool) -> *mut List {
    // SAFETY: as the caller promises; the lists are of plan nodes.
    unsafe {
        let mut nodes: *mut List = null_mut();
        let add = |list: &mut *mut List, node: *mut Plan| {
            if !node.is_null() {
                *list = pg_sys::lappend(*list, node.cast());
            }
        };
        add(&mut nodes, root);
        let mut at = 0;
        while let Some(node) = cells(nodes).get(at).map(|node| node.cast::<Plan>()) {
            at += 1;
            if !enter(node) {
                continue;
            }
            add(&mut nodes, (*node).lefttree);
            add(&mut nodes, (*node).righttree);
            let children = match (*node).type_ {
                NodeTag::T_Append => (*node.cast::<pg_sys::Append>()).appendplans,
                NodeTag::T_MergeAppend => (*node.cast::<pg_sys::MergeAppend>()).mergeplans,
                NodeTag::T_BitmapAnd => (*node.cast::<pg_sys::BitmapAnd>()).bitmapplans,
                NodeTag::T_BitmapOr => (*node.cast::<pg_sys::BitmapOr>()).bitmapplans,
                NodeTag::T_CustomScan => (*node.cast::<pg_sys::CustomScan>()).custom_plans,
                NodeTag::T_SubqueryScan => {
                    add(&mut nodes, (*node.cast::<pg_sys::SubqueryScan>()).subplan);
                    null_mut()
                }
                _ => null_mut(),
            };
            for child in cells(children) {
                add(&mut nodes, child.cast());
            }
        }
        nodes
    }
}

/// The lists of expressions that this plan node evaluates for each row and that can hold a policy.
///
/// # Safety
/// `node` is a node of a finished plan.
unsafe fn per_row(node: *mut Plan, mut each: impl FnMut(*mut List)) {
    // SAFETY: as the caller promises.
    unsafe {
        match (*node).type_ {
            // How another library evaluates its expressions is unknown.
            NodeTag::T_CustomScan => return,
            NodeTag::T_NestLoop | NodeTag::T_MergeJoin | NodeTag::T_HashJoin => {
                each((*node.cast::<pg_sys::Join>()).joinqual);
            }
            NodeTag::T_ModifyTable => {
                for checks in cells((*node.cast::<pg_sys::ModifyTable>()).withCheckOptionLists) {
                    for check in cells(checks.cast()) {
                        each((*check.cast::<pg_sys::WithCheckOption>()).qual.cast());
                    }
                }
            }
            // The condition of a policy on the row of another table, which is evaluated for each such row.
            NodeTag::T_Result => each((*node.cast::<pg_sys::Result>()).resconstantqual.cast()),
            _ => {}
        }
        each((*node).qual);
    }
}

/// Whether the expression holds a marked call.
#[pg_guard]
unsafe extern "C-unwind" fn holds_mark(node: *mut Node, level: *mut c_void) -> bool {
    let level = level.cast::<u32>();
    // SAFETY: a node of the tree, or NULL; the context is the level.
    unsafe {
        if node.is_null() || *level == LEVELS {
            return false;
        }
        if (*node).type_ == NodeTag::T_FuncExpr && (*node.cast::<pg_sys::FuncExpr>()).location == MARK {
            return true;
        }
        *level += 1;
        let found = walk(node, holds_mark, level.cast());
        *level -= 1;
        found
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn replace(node: *mut Node, context: *mut c_void) -> *mut Node {
    let lift = context.cast::<Lift>();
    // SAFETY: a node of the tree, or NULL; the context is the `Lift`.
    unsafe {
        let level = &raw mut (*lift).level;
        if node.is_null() || *level == LEVELS {
            return node;
        }
        // A list and a WHEN are parts of expressions, but not expressions themselves.
        if !matches!((*node).type_, NodeTag::T_List | NodeTag::T_CaseWhen)
            && !depends_on_row(node, level.cast())
            && holds_mark(node, level.cast())
            && !pg_sys::contain_volatile_functions(node)
        {
            return result_of_init_plan(&mut *lift, node);
        }
        *level += 1;
        let copy = mutate(node, replace, context);
        *level -= 1;
        copy
    }
}

/// Whether the expression holds anything except constants and values computed from them, such as a column, a parameter,
/// an aggregate, a sub-select, or a node type of a later Postgres.
#[pg_guard]
unsafe extern "C-unwind" fn depends_on_row(node: *mut Node, level: *mut c_void) -> bool {
    use NodeTag::*;
    let level = level.cast::<u32>();
    // SAFETY: a node of the tree, or NULL; the context is the level.
    unsafe {
        match tag(node) {
            None => return false,
            Some(T_FuncExpr) if (*node.cast::<pg_sys::FuncExpr>()).funcretset => return true,
            Some(
                T_Const | T_FuncExpr | T_OpExpr | T_DistinctExpr | T_NullIfExpr | T_ScalarArrayOpExpr
                | T_BoolExpr | T_RelabelType | T_CoerceViaIO | T_ArrayExpr | T_CoalesceExpr | T_MinMaxExpr
                | T_CaseExpr | T_NullTest | T_BooleanTest | T_SQLValueFunction | T_List,
            ) if *level < LEVELS => {}
            _ => return true,
        }
        *level += 1;
        let depends = walk(node, depends_on_row, level.cast());
        *level -= 1;
        depends
    }
}

/// The parameter for the result of the expression, which becomes an InitPlan, unless an equal one is one already.
///
/// # Safety
/// `expression` is part of the plan, and does not depend on the row.
unsafe fn result_of_init_plan(lift: &mut Lift, expression: *mut Node) -> *mut Node {
    // SAFETY: as the caller promises.
    unsafe {
        let known =
            cells(lift.expressions).iter().position(|known| pg_sys::equal(known.cast(), expression.cast()));
        let init: *mut SubPlan = match known {
            Some(at) => cells(lift.init_plans)[at].cast(),
            None => {
                let init = make_init_plan(lift, expression);
                lift.expressions = pg_sys::lappend(lift.expressions, expression.cast());
                lift.init_plans = pg_sys::lappend(lift.init_plans, init.cast());
                init
            }
        };
        if let Some(parameter) = lift.recheck {
            let result: *mut Plan = cells((*lift.plan).subplans)[(*init).plan_id as usize - 1].cast();
            (*result).extParam = pg_sys::bms_add_member((*result).extParam, parameter);
            (*result).allParam = pg_sys::bms_add_member((*result).allParam, parameter);
        }
        let node = lift.attach_to;
        if !pg_sys::list_member_ptr((*node).initPlan, init.cast()) {
            (*node).initPlan = pg_sys::lappend((*node).initPlan, init.cast());
        }

        let param: *mut pg_sys::Param = make_node(NodeTag::T_Param);
        (*param).paramkind = pg_sys::ParamKind::PARAM_EXEC;
        (*param).paramid = (*(*init).setParam).elements.cast::<c_int>().read();
        (*param).paramtype = (*init).firstColType;
        (*param).paramtypmod = (*init).firstColTypmod;
        (*param).paramcollid = (*init).firstColCollation;
        (*param).location = -1;
        param.cast()
    }
}

/// # Safety
/// As [`result_of_init_plan`].
unsafe fn make_init_plan(lift: &mut Lift, expression: *mut Node) -> *mut SubPlan {
    // SAFETY: as the caller promises; the planner makes such nodes alike.
    unsafe {
        let plan = &mut *lift.plan;
        lift.last_id += 1;
        let value = readable_in_place(expression);
        let target = pg_sys::makeTargetEntry(value.cast(), 1, c"once".as_ptr().cast_mut(), false);
        let result: *mut pg_sys::Result = make_node(NodeTag::T_Result);
        (*result).plan.plan_node_id = lift.last_id;
        (*result).plan.plan_rows = 1.0;
        (*result).plan.parallel_safe = true;
        (*result).plan.targetlist = pg_sys::lappend(null_mut(), target.cast());
        plan.subplans = pg_sys::lappend(plan.subplans, result.cast());

        let init: *mut SubPlan = make_node(NodeTag::T_SubPlan);
        (*init).subLinkType = pg_sys::SubLinkType::EXPR_SUBLINK;
        (*init).plan_id = (*plan.subplans).length;
        (*init).firstColType = pg_sys::exprType(expression);
        (*init).firstColTypmod = pg_sys::exprTypmod(expression);
        (*init).firstColCollation = pg_sys::exprCollation(expression);
        (*init).parallel_safe = true;
        plan.paramExecTypes = pg_sys::lappend_oid(plan.paramExecTypes, (*init).firstColType);
        let parameter = (*plan.paramExecTypes).length - 1;
        (*init).setParam = pg_sys::lappend_int(null_mut(), parameter);
        (*init).plan_name = name((*init).plan_id, parameter);
        init
    }
}

/// The result of an InitPlan is kept in a tuple, which gives a short value a header of one byte. An array with such a
/// header is copied wherever it is read, which is for each row. So an array is relabelled as an `oidvector`, which is
/// stored alike, but always with the full header. Nothing looks at that type: the parameter has the one of the array.
///
/// # Safety
/// `expression` is part of the plan.
unsafe fn readable_in_place(expression: *mut Node) -> *mut Node {
    // SAFETY: as the caller promises.
    unsafe {
        if pg_sys::get_element_type(pg_sys::exprType(expression)) == Oid::INVALID {
            return expression;
        }
        let relabelled: *mut pg_sys::RelabelType = make_node(NodeTag::T_RelabelType);
        (*relabelled).arg = expression.cast();
        (*relabelled).resulttype = pg_sys::OIDVECTOROID;
        (*relabelled).resulttypmod = -1;
        (*relabelled).relabelformat = pg_sys::CoercionForm::COERCE_IMPLICIT_CAST;
        (*relabelled).location = -1;
        relabelled.cast()
    }
}

/// The name that the planner would give it.
fn name(plan_id: c_int, parameter: c_int) -> *mut std::ffi::c_char {
    let name = if cfg!(any(feature = "pg15", feature = "pg16")) {
        format!("InitPlan {plan_id} (returns ${parameter})\0")
    } else {
        format!("InitPlan {plan_id}\0")
    };
    // SAFETY: a C string; it is copied.
    unsafe { pg_sys::pstrdup(name.as_ptr().cast()) }
}
