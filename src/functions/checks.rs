//! Checks: true or false, never NULL.

use std::collections::HashSet;

use pgrx::prelude::*;

use workos_claims::session::Session;

use crate::current::session;
use crate::postgres;
use crate::postgres::text::{Text, Texts, argument};

/// Is there a session that passes?
#[inline]
pub fn check(passes: impl FnOnce(Session<'_>) -> bool) -> bool {
    session(|session| Some(passes(session))).unwrap_or(false)
}

fn listed<'a>(wanted: &[u8], mut list: impl Iterator<Item = &'a str>) -> bool {
    list.any(|element| element.as_bytes() == wanted)
}

/// A list, to be asked often. The memory that this takes is bounded by the size of the claims, not by that of
/// the argument.
fn set<'a>(list: impl Iterator<Item = &'a str> + Clone) -> HashSet<&'a [u8]> {
    // 17 bytes for each element, in a table that is at least 7/16 full, and half of such a table while it grows.
    postgres::require(list.clone().count() * 64);
    list.map(str::as_bytes).collect()
}

/// Is one of the wanted in the list?
fn lists_any<'a>(list: impl Iterator<Item = &'a str> + Clone, wanted: &Texts<'_>) -> bool {
    let list = set(list);
    wanted.arguments().flatten().any(|wanted| list.contains(&*wanted))
}

/// The wanted, unless there are none but NULLs: then the answer is false, whatever the claims are.
fn any(wanted: Option<Texts<'_>>) -> Option<Texts<'_>> {
    wanted.filter(|wanted| wanted.arguments().flatten().next().is_some())
}

#[pg_extern(sql = false)]
fn workos_is_authenticated() -> bool {
    check(|_| true)
}

#[pg_extern(sql = false)]
fn workos_has_role(role: Option<Text<'_>>) -> bool {
    argument(role).is_some_and(|wanted| check(|session| listed(&wanted, session.roles())))
}

#[pg_extern(sql = false)]
fn workos_has_any_role(roles: Option<Texts<'_>>) -> bool {
    any(roles).is_some_and(|wanted| check(|session| lists_any(session.roles(), &wanted)))
}

#[pg_extern(sql = false)]
fn workos_has_permission(permission: Option<Text<'_>>) -> bool {
    argument(permission).is_some_and(|wanted| check(|session| listed(&wanted, session.permissions())))
}

#[pg_extern(sql = false)]
fn workos_has_any_permission(permissions: Option<Texts<'_>>) -> bool {
    any(permissions).is_some_and(|wanted| check(|session| lists_any(session.permissions(), &wanted)))
}

#[pg_extern(sql = false)]
fn workos_has_all_permissions(permissions: Option<Texts<'_>>) -> bool {
    let Some(wanted) = permissions else { return false };
    // A NULL among them is a permission that nobody has.
    let mut all = wanted.arguments().peekable();
    if all.peek().is_none() || !all.all(|permission| permission.is_some()) {
        return false;
    }
    check(|session| {
        let list = set(session.permissions());
        wanted.arguments().flatten().all(|permission| list.contains(&*permission))
    })
}

#[pg_extern(sql = false)]
fn workos_has_entitlement(entitlement: Option<Text<'_>>) -> bool {
    argument(entitlement).is_some_and(|wanted| check(|session| listed(&wanted, session.entitlements())))
}

#[pg_extern(sql = false)]
fn workos_has_feature_flag(flag: Option<Text<'_>>) -> bool {
    argument(flag).is_some_and(|wanted| check(|session| listed(&wanted, session.feature_flags())))
}

#[pg_extern(sql = false)]
fn workos_is_impersonated() -> bool {
    check(|session| session.is_impersonated())
}
