//! Checks: true or false, never NULL.

use std::collections::HashSet;

use pgrx::prelude::*;

use crate::current::session;
use crate::postgres::text::{Text, argument, arguments};
use workos_claims::session::Session;

/// Is there a session that passes?
#[inline]
pub fn check(passes: impl FnOnce(Session<'_>) -> bool) -> bool {
    session(|session| Some(passes(session))).unwrap_or(false)
}

fn listed<'a>(wanted: &[u8], mut list: impl Iterator<Item = &'a str>) -> bool {
    list.any(|element| element.as_bytes() == wanted)
}

/// Is one of the wanted in the list? The memory that this takes is bounded by the size of the claims, not by
/// that of the argument.
fn lists_any<'a>(list: impl Iterator<Item = &'a str>, wanted: &Option<Array<'_, &[u8]>>) -> bool {
    let list: HashSet<_> = list.map(str::as_bytes).collect();
    arguments(wanted).flatten().any(|wanted| list.contains(&*wanted))
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
fn workos_has_any_role(roles: Option<Array<'_, &[u8]>>) -> bool {
    check(|session| lists_any(session.roles(), &roles))
}

#[pg_extern(sql = false)]
fn workos_has_permission(permission: Option<Text<'_>>) -> bool {
    argument(permission).is_some_and(|wanted| check(|session| listed(&wanted, session.permissions())))
}

#[pg_extern(sql = false)]
fn workos_has_any_permission(permissions: Option<Array<'_, &[u8]>>) -> bool {
    check(|session| lists_any(session.permissions(), &permissions))
}

#[pg_extern(sql = false)]
fn workos_has_all_permissions(permissions: Option<Array<'_, &[u8]>>) -> bool {
    // A NULL among them is a permission that nobody has.
    let mut wanted = arguments(&permissions).peekable();
    if wanted.peek().is_none() || !wanted.all(|permission| permission.is_some()) {
        return false;
    }
    check(|session| {
        let list: HashSet<_> = session.permissions().map(str::as_bytes).collect();
        arguments(&permissions).flatten().all(|permission| list.contains(&*permission))
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
