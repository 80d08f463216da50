//! Walks over the node trees of Postgres.
#![allow(unsafe_code)]

use std::ffi::c_void;

use pgrx::pg_sys::{self, List, Node, NodeTag};

pub type Walker = unsafe extern "C-unwind" fn(*mut Node, *mut c_void) -> bool;
pub type Mutator = unsafe extern "C-unwind" fn(*mut Node, *mut c_void) -> *mut Node;

/// The number of levels of nested nodes that are examined. Deeper nodes are left unchanged.
pub const LEVELS: u32 = 300;

/// Calls `walker` with each child of the node, until it returns true.
///
/// # Safety
/// `node` is a node of the tree, and `context` what the walker takes.
pub unsafe fn walk(node: *mut Node, walker: Walker, context: *mut c_void) -> bool {
    // SAFETY: as the caller promises.
    unsafe { pg_sys::expression_tree_walker(node, Some(walker), context) }
}

/// A copy of the node, in which each child is replaced by the result of `mutator`.
///
/// # Safety
/// As [`walk`].
pub unsafe fn mutate(node: *mut Node, mutator: Mutator, context: *mut c_void) -> *mut Node {
    // SAFETY: as the caller promises. A mutator takes these two arguments; the header of 15 declares it without them.
    unsafe {
        #[cfg(feature = "pg15")]
        {
            type Undeclared = unsafe extern "C-unwind" fn() -> *mut Node;
            let mutator = std::mem::transmute::<Mutator, Undeclared>(mutator);
            pg_sys::expression_tree_mutator(node, Some(mutator), context)
        }
        #[cfg(not(feature = "pg15"))]
        pg_sys::expression_tree_mutator_impl(node, Some(mutator), context)
    }
}

/// # Safety
/// `list` is a list of nodes, or NULL.
pub unsafe fn cells<'a>(list: *mut List) -> &'a mut [*mut Node] {
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
pub unsafe fn tag(node: *mut Node) -> Option<NodeTag> {
    // SAFETY: as the caller promises.
    unsafe { node.as_ref() }.map(|node| node.type_)
}

/// An empty node.
///
/// # Safety
/// `T` is the node of that tag.
pub unsafe fn make_node<T>(tag: NodeTag) -> *mut T {
    // SAFETY: as the caller promises.
    unsafe {
        let node: *mut Node = pg_sys::palloc0(size_of::<T>()).cast();
        (*node).type_ = tag;
        node.cast()
    }
}
