//! Moves marked calls from the expressions that a finished plan evaluates for each row into InitPlans.

use std::ffi::c_int;

use pgrx::pg_sys::CmdType::CMD_INSERT;
use pgrx::pg_sys::OnConflictAction::ONCONFLICT_UPDATE;
use pgrx::pg_sys::{
    self, Expr, FuncExpr, ModifyTable, Node, NodeTag, OIDVECTOROID, Plan, PlannedStmt, SubPlan,
};

use super::mark::MARK;
use super::tree::{LEVELS, List, Ref};

/// The plan, and the state of the search in it.
struct Lift<'t> {
    plan: Ref<'t, PlannedStmt>,
    /// The plan node that gets the InitPlans of what is found.
    attach_to: Ref<'t, Plan>,
    /// The parameter that tells that plan node to start again for another row, if it is below a node that rechecks.
    recheck: Option<c_int>,
    /// The expressions that are InitPlans already, and those InitPlans, in the same order.
    expressions: List<'t, Expr>,
    init_plans: List<'t, SubPlan>,
    /// The greatest id of a plan node.
    last_id: c_int,
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
pub fn marked_calls(plan: Ref<'_, PlannedStmt>) {
    let Some(root) = plan.root() else { return };
    let main = nodes_of(root, |_| true);
    let mut sub_plans = List::EMPTY;
    for root in plan.sub_plans().iter() {
        sub_plans.extend(nodes_of(root, |_| true).iter());
    }
    let all = || main.iter().chain(sub_plans.iter());
    let last_id = all().map(|node| node.id()).max().unwrap_or(0);
    let in_one_process = !all().any(is_gather);
    let prepared_once = in_one_process && !all().any(|node| rechecks(node).is_some());

    let (expressions, init_plans) = (List::EMPTY, List::EMPTY);
    let mut lift = Lift { plan, attach_to: root, recheck: None, expressions, init_plans, last_id };
    for node in nodes_of(root, |node| rechecks(node).is_none()).iter() {
        (lift.attach_to, lift.recheck) = (node, None);
        lift.expressions_of(node);
        let (Some(parameter), Some(child)) = (rechecks(node), node.left()) else { continue };
        for below in nodes_of(child, |below| rechecks(below).is_none()).iter() {
            if below.depends_on(parameter) {
                (lift.attach_to, lift.recheck) = (below, Some(parameter));
                lift.expressions_of(below);
            }
        }
    }
    if in_one_process {
        (lift.attach_to, lift.recheck) = (root, None);
        for node in sub_plans.iter() {
            if prepared_once || node.tag() == NodeTag::T_ModifyTable {
                lift.expressions_of(node);
            }
        }
    }
}

/// Is what is below this node run in parallel workers?
fn is_gather(node: Ref<'_, Plan>) -> bool {
    matches!(node.tag(), NodeTag::T_Gather | NodeTag::T_GatherMerge)
}

/// If what is below this node is run again for rows that a concurrent update has changed: the parameter by which the
/// scans below it are told of another row.
fn rechecks(node: Ref<'_, Plan>) -> Option<c_int> {
    if let Some(modify) = node.cast::<ModifyTable>() {
        let only_adds = modify.operation() == CMD_INSERT && modify.on_conflict() != ONCONFLICT_UPDATE;
        return (!only_adds).then_some(modify.recheck_parameter());
    }
    node.cast::<pg_sys::LockRows>().map(|lock| lock.recheck_parameter())
}

/// A plan node and all that are below it, sub-plans not among them. What is below a node is left out where `enter`
/// says so.
fn nodes_of<'t>(root: Ref<'t, Plan>, enter: impl Fn(Ref<'t, Plan>) -> bool) -> List<'t, Plan> {
    let mut nodes = List::EMPTY;
    nodes.push(root);
    let mut at = 0;
    while let Some(node) = nodes.get(at) {
        at += 1;
        if !enter(node) {
            continue;
        }
        nodes.extend(node.left());
        nodes.extend(node.right());
        nodes.extend(node.cast::<pg_sys::SubqueryScan>().and_then(|scan| scan.child()));
        let children = [
            node.cast::<pg_sys::Append>().map(|append| append.children()),
            node.cast::<pg_sys::MergeAppend>().map(|append| append.children()),
            node.cast::<pg_sys::BitmapAnd>().map(|bitmap| bitmap.children()),
            node.cast::<pg_sys::BitmapOr>().map(|bitmap| bitmap.children()),
            node.cast::<pg_sys::CustomScan>().map(|scan| scan.children()),
        ];
        for children in children.into_iter().flatten() {
            nodes.extend(children.iter());
        }
    }
    nodes
}

/// The lists of expressions that this plan node evaluates for each row and that can hold a policy.
fn per_row<'t>(node: Ref<'t, Plan>, mut each: impl FnMut(List<'t, Expr>)) {
    // How another library evaluates its expressions is unknown.
    if node.tag() == NodeTag::T_CustomScan {
        return;
    }
    if let Some(join) = node.cast::<pg_sys::Join>() {
        each(join.join_condition());
    }
    if let Some(modify) = node.cast::<ModifyTable>() {
        for checks in modify.check_lists().iter() {
            for check in checks.items::<pg_sys::WithCheckOption>() {
                each(check.condition().map_or(List::EMPTY, Ref::conjuncts));
            }
        }
    }
    // The condition of a policy on the row of another table, which is evaluated for each such row.
    if let Some(result) = node.cast::<pg_sys::Result>() {
        each(result.constant_condition().map_or(List::EMPTY, Ref::conjuncts));
    }
    each(node.condition());
}

/// Whether the expression holds a marked call. `level` is the number of nodes above.
fn holds_mark(node: Ref<'_, Node>, level: u32) -> bool {
    if level == LEVELS {
        return false;
    }
    node.cast::<FuncExpr>().is_some_and(|call| call.location() == MARK)
        || node.any_child(|child| holds_mark(child, level + 1))
}

/// Whether the expression holds anything except constants and values computed from them, such as a column, a parameter,
/// an aggregate, a sub-select, or a node type of a later Postgres.
fn depends_on_row(node: Ref<'_, Node>, level: u32) -> bool {
    let computed = node.cast::<Expr>().is_some() || node.tag() == NodeTag::T_List;
    if !computed || level == LEVELS || node.cast::<FuncExpr>().is_some_and(|call| call.returns_set()) {
        return true;
    }
    node.any_child(|child| depends_on_row(child, level + 1))
}

impl<'t> Lift<'t> {
    /// Lifts what `node`, a node of the plan, evaluates for each row.
    fn expressions_of(&mut self, node: Ref<'t, Plan>) {
        per_row(node, |list| {
            list.update(|expression| {
                if holds_mark(expression.node(), 0) {
                    expression.rewrite(0, |part, level| self.once(part, level))
                } else {
                    expression
                }
            });
        });
    }

    /// The result of the expression, if it can be computed once and holds a marked call.
    fn once(&mut self, expression: Ref<'t, Expr>, level: u32) -> Option<Ref<'t, Expr>> {
        let can_be = !depends_on_row(expression.node(), level)
            && holds_mark(expression.node(), level)
            && !expression.is_volatile();
        can_be.then(|| self.result_of_init_plan(expression))
    }

    /// The parameter for the result of the expression, which becomes an InitPlan, unless an equal one is one already.
    fn result_of_init_plan(&mut self, expression: Ref<'t, Expr>) -> Ref<'t, Expr> {
        let known = self.expressions.iter().position(|known| known.equals(expression));
        let init = match known.and_then(|at| self.init_plans.get(at)) {
            Some(init) => init,
            None => {
                let init = self.make_init_plan(expression);
                self.expressions.push(expression);
                self.init_plans.push(init);
                init
            }
        };
        if let Some(parameter) = self.recheck
            && let Some(result) = self.plan.sub_plans().get(init.plan_id() as usize - 1)
        {
            result.add_dependency(parameter);
        }
        let mut init_plans = self.attach_to.init_plans();
        if !init_plans.contains(init) {
            init_plans.push(init);
            self.attach_to.set_init_plans(init_plans);
        }
        init.value()
    }

    fn make_init_plan(&mut self, expression: Ref<'t, Expr>) -> Ref<'t, SubPlan> {
        self.last_id += 1;
        let row = readable_in_place(expression).as_row(self.last_id, c"once");
        let init = self.plan.add_init_plan(row, expression);
        init.set_name(&name(init.plan_id(), init.parameter()));
        init
    }
}

/// The result of an InitPlan is kept in a tuple, which gives a short value a header of one byte. An array with such a
/// header is copied wherever it is read, which is for each row. So an array is relabelled as an `oidvector`, which is
/// stored alike, but always with the full header. Nothing looks at that type: the parameter has the one of the array.
fn readable_in_place(expression: Ref<'_, Expr>) -> Ref<'_, Expr> {
    if expression.is_array() { expression.relabelled(OIDVECTOROID) } else { expression }
}

/// The name that the planner would give it.
fn name(plan_id: c_int, parameter: c_int) -> String {
    if cfg!(any(feature = "pg15", feature = "pg16")) {
        format!("InitPlan {plan_id} (returns ${parameter})")
    } else {
        format!("InitPlan {plan_id}")
    }
}
