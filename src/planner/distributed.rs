//! Tells whether a query uses a table that Citus has distributed. Citus plans such a query by itself: it sends parts of the
//! query tree as SQL to other servers, and expects the tree as the rewriter has made it. There the policies are those of the
//! shards, whose servers mark the calls themselves.
#![allow(unsafe_code)]

use std::ffi::c_void;

use pgrx::pg_sys::{self, Node, NodeTag, Oid, Query};
use pgrx::prelude::*;

use super::tree::{LEVELS, tag, walk};
use crate::catalog::citus;

/// The state of the search.
struct Search {
    distributed: Vec<Oid>,
    level: u32,
}

/// # Safety
/// `query` is about to be planned.
pub unsafe fn uses_distributed_table(query: *mut Query) -> bool {
    let mut search = Search { distributed: citus::distributed_tables(), level: 0 };
    // SAFETY: as the caller promises.
    !search.distributed.is_empty() && unsafe { visit(query.cast(), (&raw mut search).cast()) }
}

/// What is nested too deeply to be examined counts as such a query, so it is left as it is.
#[pg_guard]
unsafe extern "C-unwind" fn visit(node: *mut Node, context: *mut c_void) -> bool {
    let search = context.cast::<Search>();
    // SAFETY: a node of the tree, or NULL; the context is the `Search`.
    unsafe {
        match tag(node) {
            None => return false,
            Some(NodeTag::T_RangeTblEntry) => {
                let entry = node.cast::<pg_sys::RangeTblEntry>();
                let distributed = &(*search).distributed;
                return (*entry).rtekind == pg_sys::RTEKind::RTE_RELATION
                    && distributed.contains(&(*entry).relid);
            }
            _ if (*search).level == LEVELS => return true,
            _ => {}
        }
        (*search).level += 1;
        let found = if (*node).type_ == NodeTag::T_Query {
            let flags = pg_sys::QTW_EXAMINE_RTES_BEFORE as i32;
            pg_sys::query_tree_walker(node.cast(), Some(visit), context, flags)
        } else {
            walk(node, visit, context)
        };
        (*search).level -= 1;
        found
    }
}
