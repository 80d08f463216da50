//! Tells whether a query uses a table that Citus has distributed. Citus plans such a query by itself: it sends parts of the
//! query tree as SQL to other servers, and expects the tree as the rewriter has made it. There the policies are those of the
//! shards, whose servers mark the calls themselves.

use pgrx::pg_sys::{Node, Oid, Query};

use super::tree::{LEVELS, Ref};
use crate::catalog::citus;

pub fn uses_distributed_table(query: Ref<'_, Query>) -> bool {
    let distributed = citus::distributed_tables();
    !distributed.is_empty() && visit(query.node(), 0, &distributed)
}

/// What is nested too deeply to be examined counts as such a query, so it is left as it is.
fn visit(node: Ref<'_, Node>, level: u32, distributed: &[Oid]) -> bool {
    if level == LEVELS {
        return true;
    }
    if let Some(query) = node.cast::<Query>()
        && query.tables().iter().any(|table| distributed.contains(&table.relation()))
    {
        return true;
    }
    node.any_child(|child| visit(child, level + 1, distributed))
}
