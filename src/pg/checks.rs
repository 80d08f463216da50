//! Checks: true or false, never NULL.

use std::collections::HashSet;

use pgrx::prelude::*;

use super::getters::session;
use super::text::{Text, argument, arguments};
use crate::token::session::Session;

/// Is there a session that passes?
#[inline]
pub fn check(passes: impl FnOnce(Session<'_>) -> bool) -> bool {
    session(|session| Some(passes(session))).unwrap_or(false)
}

fn listed<'a>(wanted: &[u8], mut list: impl Iterator<Item = &'a str>) -> bool {
    list.any(|element| element.as_bytes() == wanted)
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
    let wanted: HashSet<_> = arguments(&roles).flatten().collect();
    check(|session| session.roles().any(|role| wanted.contains(role.as_bytes())))
}

#[pg_extern(sql = false)]
fn workos_has_permission(p: Option<Text<'_>>) -> bool {
    argument(p).is_some_and(|wanted| check(|session| listed(&wanted, session.permissions())))
}

#[pg_extern(sql = false)]
fn workos_has_any_permission(p: Option<Array<'_, &[u8]>>) -> bool {
    let wanted: HashSet<_> = arguments(&p).flatten().collect();
    check(|session| session.permissions().any(|p| wanted.contains(p.as_bytes())))
}

#[pg_extern(sql = false)]
fn workos_has_all_permissions(p: Option<Array<'_, &[u8]>>) -> bool {
    let wanted: Option<HashSet<_>> = arguments(&p).collect();
    // A NULL among them is a permission that nobody has.
    let Some(mut missing) = wanted.filter(|wanted| !wanted.is_empty()) else { return false };
    check(|session| {
        for p in session.permissions() {
            missing.remove(p.as_bytes());
        }
        missing.is_empty()
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
