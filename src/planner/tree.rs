//! Handles of the nodes of Postgres' query trees and plans. With them, the rest of the planner hook is safe Rust.
//!
//! While the caller of [`with`] keeps the promise that is stated there, no use of a handle reads or writes memory other
//! than that of a node, and Postgres finds a node of the right type wherever it expects one:
//!
//! - A handle cannot outlive the call of `with`: `'t` is the lifetime of that call.
//! - Nothing here frees a node. A list that grows moves its items, so each access looks for them anew.
//! - Fields are read by copying. There is no Rust reference to a node, so a node may change between any two reads.
//! - A handle gets another type only after the tag of the node was compared. The table in `nodes!` has the types of the
//!   fields: those that Postgres 15 to 18 declares, or, where it declares `Node` or `List`, those that its comments name.
//! - A field is only set to a node of its type, and a list takes only items of its type.
//!
//! Two things remain for the user of the handles. They do not check what a tree means: an expression of another data
//! type, or an InitPlan of a node that runs before it exists, is as wrong as it would be in C. And a node could be put
//! below itself, so who goes down a tree stops after [`LEVELS`].
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};
use std::marker::PhantomData;
use std::ptr::{NonNull, null_mut};

use pgrx::pg_sys::{self, CmdType, Expr, Node, NodeTag, Oid, OnConflictAction, Plan};
use pgrx::prelude::*;

/// The number of levels of nested nodes that are examined. Deeper nodes are left unchanged.
pub const LEVELS: u32 = 300;

/// A node of type `T`. What is known of it is `Node`, `Expr` or `Plan`, if it can be one of several types.
pub struct Ref<'t, T>(NonNull<T>, Brand<'t>);

/// A list of nodes of type `T`. Postgres has no empty lists: it is NULL then.
pub struct List<'t, T>(*mut pg_sys::List, PhantomData<Ref<'t, T>>);

/// Makes `'t` one lifetime that is neither shortened nor extended.
type Brand<'t> = PhantomData<fn(&'t ()) -> &'t ()>;

impl<T> Copy for Ref<'_, T> {}
impl<T> Clone for Ref<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}
impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Calls `f` with a handle of the node.
///
/// # Safety
/// `node` is the root of a query tree or of a plan as Postgres makes them: each pointer in it is NULL or valid, and each
/// node has the tag of its type. Until `f` returns, nothing else uses the tree, and the memory context that is current
/// now stays so and is not reset.
pub unsafe fn with<T: Kind, R>(node: *mut T, f: impl for<'t> FnOnce(Ref<'t, T>) -> R) -> R {
    // SAFETY: as the caller promises.
    f(unsafe { Ref(NonNull::new_unchecked(node), PhantomData) })
}

/// A type of nodes that is told from others by the tag.
///
/// # Safety
/// Nodes with these tags are of that type, or begin with it.
pub unsafe trait Kind {
    const TAGS: &'static [NodeTag];
}

/// What a list takes. Each of these types says everything that Postgres expects of an item.
pub trait Item {}
impl Item for Expr {}
impl Item for Plan {}
impl Item for pg_sys::SubPlan {}

impl<'t, T> Ref<'t, T> {
    /// # Safety
    /// NULL or a node of that type, in the tree of `'t`.
    unsafe fn at(node: *mut T) -> Option<Self> {
        NonNull::new(node).map(|node| Ref(node, PhantomData))
    }

    fn raw(self) -> *mut T {
        self.0.as_ptr()
    }

    pub fn node(self) -> Ref<'t, Node> {
        Ref(self.0.cast(), PhantomData)
    }

    pub fn tag(self) -> NodeTag {
        // SAFETY: a node.
        unsafe { (*self.node().raw()).type_ }
    }

    pub fn cast<U: Kind>(self) -> Option<Ref<'t, U>> {
        U::TAGS.contains(&self.tag()).then_some(Ref(self.0.cast(), PhantomData))
    }

    /// A new node in the memory of the tree.
    ///
    /// # Safety
    /// `tag` is that of a `U`, a `U` is a `V` or begins with one, and what `node` points to belongs to the tree.
    unsafe fn make<U, V>(self, tag: NodeTag, node: U) -> Ref<'t, V> {
        // SAFETY: so much memory is allocated, and the tag comes first.
        unsafe {
            let new: *mut U = pg_sys::palloc(size_of::<U>()).cast();
            new.write(node);
            (*new.cast::<Node>()).type_ = tag;
            Ref(NonNull::new_unchecked(new.cast()), PhantomData)
        }
    }
}

/// Declares types of nodes: their tags, and those of their fields that are read, and written if there is a name for that
/// after a slash. A field is a value, a node or NULL, or a list of nodes.
macro_rules! nodes {
    ($($type:ty = $($tag:ident)|+ { $($fields:tt)* })*) => { $(
        // SAFETY: Postgres gives these tags to that type, or to types whose first field is of it.
        unsafe impl Kind for $type {
            const TAGS: &'static [NodeTag] = &[$(NodeTag::$tag),+];
        }
        fields! { $type { $($fields)* } }
    )* };
}

macro_rules! fields {
    ($type:ty { $($is:ident $get:ident $(/ $set:ident)?: $of:ty = $field:ident;)* }) => {
        impl<'t> Ref<'t, $type> {
            $(field! { $is $get $(/ $set)?: $of = $field })*
        }
    };
}

macro_rules! field {
    (value $get:ident $(/ $set:ident)?: $of:ty = $field:ident) => {
        pub fn $get(self) -> $of {
            // SAFETY: a field of the node.
            unsafe { (*self.raw()).$field }
        }
        $(pub fn $set(self, value: $of) {
            // SAFETY: a field of the node.
            unsafe { (*self.raw()).$field = value }
        })?
    };
    (node $get:ident $(/ $set:ident)?: $of:ty = $field:ident) => {
        pub fn $get(self) -> Option<Ref<'t, $of>> {
            // SAFETY: the field is NULL or points to such a node.
            unsafe { Ref::at((*self.raw()).$field.cast()) }
        }
        $(pub fn $set(self, node: Option<Ref<'t, $of>>) {
            // SAFETY: the field is NULL or points to such a node.
            unsafe { (*self.raw()).$field = node.map_or(null_mut(), Ref::raw).cast() }
        })?
    };
    (list $get:ident $(/ $set:ident)?: $of:ty = $field:ident) => {
        pub fn $get(self) -> List<'t, $of> {
            // SAFETY: the field is NULL or points to a list of such nodes.
            List(unsafe { (*self.raw()).$field }, PhantomData)
        }
        $(pub fn $set(self, list: List<'t, $of>) {
            // SAFETY: the field is NULL or points to a list of such nodes.
            unsafe { (*self.raw()).$field = list.0 }
        })?
    };
}

nodes! {
    // Query trees
    pg_sys::Query = T_Query {
        value has_row_security: bool = hasRowSecurity;
        value has_set_returning_functions: bool = hasTargetSRFs;
        value command: CmdType::Type = commandType;
        list tables: pg_sys::RangeTblEntry = rtable;
        node from: pg_sys::FromExpr = jointree;
        list checks: pg_sys::WithCheckOption = withCheckOptions;
    }
    pg_sys::RangeTblEntry = T_RangeTblEntry {
        value relation: Oid = relid;
        list policies: Expr = securityQuals;
    }
    pg_sys::WithCheckOption = T_WithCheckOption {
        node condition / set_condition: Expr = qual;
    }
    pg_sys::FromExpr = T_FromExpr {
        list items: Node = fromlist;
        node condition / set_condition: Expr = quals;
    }
    pg_sys::JoinExpr = T_JoinExpr {
        node left: Node = larg;
        node right: Node = rarg;
        node condition / set_condition: Expr = quals;
    }

    // Expressions. The tag tells that a node is one if it is a constant, or computed from other expressions and nothing
    // else: Postgres takes any expression in its place. Not among them are columns, parameters, aggregates, sub-selects,
    // what is only a part of an expression, such as a list or a WHEN, and types of a later Postgres.
    Expr = T_Const | T_FuncExpr | T_OpExpr | T_DistinctExpr | T_NullIfExpr | T_ScalarArrayOpExpr | T_BoolExpr
        | T_RelabelType | T_CoerceViaIO | T_ArrayExpr | T_CoalesceExpr | T_MinMaxExpr | T_CaseExpr | T_NullTest
        | T_BooleanTest | T_SQLValueFunction {}
    pg_sys::FuncExpr = T_FuncExpr {
        value function: Oid = funcid;
        value returns_set: bool = funcretset;
        list arguments: Expr = args;
        value location / set_location: c_int = location;
    }
    pg_sys::OpExpr = T_OpExpr {
        value operator: Oid = opno;
        list arguments: Expr = args;
    }
    pg_sys::RelabelType = T_RelabelType {
        node argument: Expr = arg;
    }
    pg_sys::CollateExpr = T_CollateExpr {
        node argument: Expr = arg;
    }
    pg_sys::CoerceViaIO = T_CoerceViaIO {
        node argument: Expr = arg;
    }
    pg_sys::SubPlan = T_SubPlan {
        value plan_id: c_int = plan_id;
    }

    // Plans
    pg_sys::PlannedStmt = T_PlannedStmt {
        node root: Plan = planTree;
        list sub_plans: Plan = subplans;
    }
    pg_sys::Append = T_Append {
        list children: Plan = appendplans;
    }
    pg_sys::MergeAppend = T_MergeAppend {
        list children: Plan = mergeplans;
    }
    pg_sys::BitmapAnd = T_BitmapAnd {
        list children: Plan = bitmapplans;
    }
    pg_sys::BitmapOr = T_BitmapOr {
        list children: Plan = bitmapplans;
    }
    pg_sys::CustomScan = T_CustomScan {
        list children: Plan = custom_plans;
    }
    pg_sys::SubqueryScan = T_SubqueryScan {
        node child: Plan = subplan;
    }
    pg_sys::Join = T_NestLoop | T_MergeJoin | T_HashJoin {
        list join_condition: Expr = joinqual;
    }
    pg_sys::ModifyTable = T_ModifyTable {
        value operation: CmdType::Type = operation;
        value on_conflict: OnConflictAction::Type = onConflictAction;
        value recheck_parameter: c_int = epqParam;
        list check_lists: pg_sys::List = withCheckOptionLists;
    }
    pg_sys::LockRows = T_LockRows {
        value recheck_parameter: c_int = epqParam;
    }
    pg_sys::Result = T_Result {
        node constant_condition: Expr = resconstantqual;
    }
}

fields! {
    Plan {
        value id: c_int = plan_node_id;
        list condition: Expr = qual;
        node left: Plan = lefttree;
        node right: Plan = righttree;
        list init_plans / set_init_plans: pg_sys::SubPlan = initPlan;
    }
}

impl<'t, T> List<'t, T> {
    pub const EMPTY: Self = List(null_mut(), PhantomData);

    pub fn len(self) -> usize {
        // SAFETY: a list.
        if self.is_empty() { 0 } else { unsafe { (*self.0).length as usize } }
    }

    pub fn is_empty(self) -> bool {
        self.0.is_null()
    }

    /// `None` if there is no such item, or NULL in its place.
    pub fn get(self, at: usize) -> Option<Ref<'t, T>> {
        if at >= self.len() {
            return None;
        }
        // SAFETY: the list has so many items.
        unsafe { Ref::at((*(*self.0).elements.add(at)).ptr_value.cast()) }
    }

    /// The items that are not NULL.
    pub fn iter(self) -> impl Iterator<Item = Ref<'t, T>> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }
}

impl<'t, T: Item> List<'t, T> {
    pub fn push(&mut self, item: Ref<'t, T>) {
        // SAFETY: NULL or a list of such nodes.
        self.0 = unsafe { pg_sys::lappend(self.0, item.raw().cast()) };
    }

    pub fn extend(&mut self, items: impl IntoIterator<Item = Ref<'t, T>>) {
        for item in items {
            self.push(item);
        }
    }

    pub fn contains(self, item: Ref<'t, T>) -> bool {
        self.iter().any(|other| other.0 == item.0)
    }

    /// Replaces each item by what `f` returns for it.
    pub fn update(self, mut f: impl FnMut(Ref<'t, T>) -> Ref<'t, T>) {
        for at in 0..self.len() {
            let Some(item) = self.get(at) else { continue };
            let item = f(item);
            if at < self.len() {
                // SAFETY: the list has so many items.
                unsafe { (*(*self.0).elements.add(at)).ptr_value = item.raw().cast() };
            }
        }
    }
}

impl<'t> Ref<'t, pg_sys::List> {
    /// The items of that type of a list that is an item itself.
    pub fn items<T: Kind>(self) -> impl Iterator<Item = Ref<'t, T>> {
        List::<'t, Node>(self.raw(), PhantomData).iter().filter_map(Ref::cast)
    }
}

/// The callback of a walk over the children of a node. `f` is an `F`, and the nodes belong to the tree of `'t`.
#[pg_guard]
unsafe extern "C-unwind" fn child<'t, F: FnMut(Ref<'t, Node>) -> bool>(
    node: *mut Node,
    f: *mut c_void,
) -> bool {
    // SAFETY: as stated above. The closure is called from nowhere else during the walk.
    unsafe { Ref::at(node).is_some_and(&mut *f.cast::<F>()) }
}

impl<'t> Ref<'t, Node> {
    /// Calls `f` with each child of the node, until it returns true. Returns whether it did. The children of a query are
    /// all nodes in it; as the child of another node, it is one child.
    pub fn any_child<F: FnMut(Ref<'t, Node>) -> bool>(self, mut f: F) -> bool {
        let context = (&raw mut f).cast();
        // SAFETY: the callback takes that closure.
        unsafe {
            match self.cast::<pg_sys::Query>() {
                Some(query) => pg_sys::query_tree_walker(query.raw(), Some(child::<F>), context, 0),
                None => pg_sys::expression_tree_walker(self.raw(), Some(child::<F>), context),
            }
        }
    }

    pub fn each_child(self, mut f: impl FnMut(Ref<'t, Node>)) {
        self.any_child(|child| {
            f(child);
            false
        });
    }
}

impl<'t> Ref<'t, Expr> {
    /// The items of a list whose items are joined by AND, as the conditions in plans are. Another expression has none.
    pub fn conjuncts(self) -> List<'t, Expr> {
        if self.tag() == NodeTag::T_List { List(self.raw().cast(), PhantomData) } else { List::EMPTY }
    }

    /// A copy in which each part that can be cast to `Expr` is replaced by what `new` returns for it, if it returns
    /// anything. `new` also gets the number of nodes above; `level` is that of this node.
    pub fn rewrite<F: FnMut(Ref<'t, Expr>, u32) -> Option<Ref<'t, Expr>>>(
        self,
        level: u32,
        new: F,
    ) -> Ref<'t, Expr> {
        let copy = Rewrite { level, new }.part(self.node());
        // Of an expression, it is one.
        Ref(copy.0.cast(), PhantomData)
    }

    /// What Postgres makes of the expression when it plans: functions are inlined, and constant parts computed.
    pub fn simplified(self) -> Option<Ref<'t, Expr>> {
        // SAFETY: a node of the tree, without the state of a planner.
        unsafe { Ref::at(pg_sys::eval_const_expressions(null_mut(), self.node().raw()).cast()) }
    }

    pub fn equals(self, other: Ref<'t, Expr>) -> bool {
        // SAFETY: nodes of the tree.
        unsafe { pg_sys::equal(self.raw().cast(), other.raw().cast()) }
    }

    pub fn is_volatile(self) -> bool {
        // SAFETY: a node of the tree.
        unsafe { pg_sys::contain_volatile_functions(self.node().raw()) }
    }

    pub fn is_array(self) -> bool {
        // SAFETY: a node of the tree.
        unsafe { pg_sys::get_element_type(pg_sys::exprType(self.node().raw())) != Oid::INVALID }
    }

    /// The expression with another data type, which is stored alike.
    pub fn relabelled(self, data_type: Oid) -> Ref<'t, Expr> {
        let relabelled = pg_sys::RelabelType {
            arg: self.raw(),
            resulttype: data_type,
            resulttypmod: -1,
            relabelformat: pg_sys::CoercionForm::COERCE_IMPLICIT_CAST,
            location: -1,
            ..Default::default()
        };
        // SAFETY: an expression.
        unsafe { self.make(NodeTag::T_RelabelType, relabelled) }
    }

    /// A plan node that returns one row with the expression as its only column.
    pub fn as_row(self, id: c_int, column: &'static CStr) -> Ref<'t, Plan> {
        // SAFETY: the name of the column stays, and the node begins with a plan node.
        unsafe {
            let entry = pg_sys::makeTargetEntry(self.raw(), 1, column.as_ptr().cast_mut(), false);
            let plan = Plan {
                plan_node_id: id,
                plan_rows: 1.0,
                parallel_safe: true,
                targetlist: pg_sys::lappend(null_mut(), entry.cast()),
                ..Default::default()
            };
            self.make(NodeTag::T_Result, pg_sys::Result { plan, ..Default::default() })
        }
    }
}

struct Rewrite<F> {
    level: u32,
    new: F,
}

impl<'t, F: FnMut(Ref<'t, Expr>, u32) -> Option<Ref<'t, Expr>>> Rewrite<F> {
    fn part(&mut self, part: Ref<'t, Node>) -> Ref<'t, Node> {
        if let Some(expression) = part.cast::<Expr>()
            && let Some(new) = (self.new)(expression, self.level)
        {
            return new.node();
        }
        if self.level == LEVELS {
            return part;
        }
        self.level += 1;
        let (node, context) = (part.raw(), (&raw mut *self).cast());
        // SAFETY: the callback takes that context. On 15 the header declares it without arguments. The copy of a node is
        // not NULL.
        let copy = unsafe {
            #[cfg(feature = "pg15")]
            let copy = {
                type Callback = unsafe extern "C-unwind" fn(*mut Node, *mut c_void) -> *mut Node;
                type Declared = unsafe extern "C-unwind" fn() -> *mut Node;
                let callback = std::mem::transmute::<Callback, Declared>(rewrite::<F>);
                pg_sys::expression_tree_mutator(node, Some(callback), context)
            };
            #[cfg(not(feature = "pg15"))]
            let copy = pg_sys::expression_tree_mutator_impl(node, Some(rewrite::<F>), context);
            Ref(NonNull::new_unchecked(copy), PhantomData)
        };
        self.level -= 1;
        copy
    }
}

/// The callback of [`Rewrite::part`]. The context is a `Rewrite<F>`, and the node belongs to the tree of `'t`.
#[pg_guard]
unsafe extern "C-unwind" fn rewrite<'t, F: FnMut(Ref<'t, Expr>, u32) -> Option<Ref<'t, Expr>>>(
    node: *mut Node,
    context: *mut c_void,
) -> *mut Node {
    // SAFETY: as stated above. Nothing else uses the context while the callback runs.
    unsafe {
        let rewriting = &mut *context.cast::<Rewrite<F>>();
        Ref::at(node).map_or(null_mut(), |part| rewriting.part(part).raw())
    }
}

impl<'t> Ref<'t, pg_sys::PlannedStmt> {
    /// Adds an InitPlan for the value of the expression, which `row` returns: a sub-plan, and a parameter for its result.
    /// It is executed by the nodes among whose InitPlans it is.
    pub fn add_init_plan(self, row: Ref<'t, Plan>, expression: Ref<'t, Expr>) -> Ref<'t, pg_sys::SubPlan> {
        let node = expression.node().raw();
        // SAFETY: an expression, a list of plan nodes, a list of types, and a new list of the number of the parameter.
        unsafe {
            let data_type = pg_sys::exprType(node);
            let sub_plans = pg_sys::lappend((*self.raw()).subplans, row.raw().cast());
            (*self.raw()).subplans = sub_plans;
            let parameters = pg_sys::lappend_oid((*self.raw()).paramExecTypes, data_type);
            (*self.raw()).paramExecTypes = parameters;
            let init = pg_sys::SubPlan {
                subLinkType: pg_sys::SubLinkType::EXPR_SUBLINK,
                plan_id: (*sub_plans).length,
                firstColType: data_type,
                firstColTypmod: pg_sys::exprTypmod(node),
                firstColCollation: pg_sys::exprCollation(node),
                parallel_safe: true,
                setParam: pg_sys::lappend_int(null_mut(), (*parameters).length - 1),
                ..Default::default()
            };
            self.make(NodeTag::T_SubPlan, init)
        }
    }
}

impl<'t> Ref<'t, pg_sys::SubPlan> {
    /// The number of the parameter that gets the result; of the first, if there are several.
    pub fn parameter(self) -> c_int {
        // SAFETY: a list of numbers, or NULL. No list is empty.
        unsafe {
            let parameters = (*self.raw()).setParam;
            assert!(!parameters.is_null());
            (*(*parameters).elements).int_value
        }
    }

    /// The value of that parameter.
    pub fn value(self) -> Ref<'t, Expr> {
        // SAFETY: the type of the parameter, which is an expression.
        unsafe {
            let param = pg_sys::Param {
                paramkind: pg_sys::ParamKind::PARAM_EXEC,
                paramid: self.parameter(),
                paramtype: (*self.raw()).firstColType,
                paramtypmod: (*self.raw()).firstColTypmod,
                paramcollid: (*self.raw()).firstColCollation,
                location: -1,
                ..Default::default()
            };
            self.make(NodeTag::T_Param, param)
        }
    }

    pub fn set_name(self, name: &str) {
        // SAFETY: the bytes are copied.
        unsafe { (*self.raw()).plan_name = pg_sys::pnstrdup(name.as_ptr().cast(), name.len()) };
    }
}

impl<'t> Ref<'t, Plan> {
    /// Whether the node or one below it is executed again when the parameter changes.
    pub fn depends_on(self, parameter: c_int) -> bool {
        // SAFETY: a set, or NULL.
        unsafe { pg_sys::bms_is_member(parameter, (*self.raw()).allParam) }
    }

    /// The sets of a node can be those of another, and a set may move when it grows, so each is copied.
    pub fn add_dependency(self, parameter: c_int) {
        let with = |set| {
            // SAFETY: a set, or NULL.
            unsafe { pg_sys::bms_add_member(pg_sys::bms_copy(set), parameter) }
        };
        // SAFETY: fields of the node.
        unsafe {
            (*self.raw()).extParam = with((*self.raw()).extParam);
            (*self.raw()).allParam = with((*self.raw()).allParam);
        }
    }
}
