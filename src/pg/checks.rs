//! Checks: true or false, never NULL.

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
    argument(role).is_some_and(|role| has_role(&role))
}

#[pg_extern(sql = false)]
fn workos_has_any_role(roles: Option<Array<'_, &[u8]>>) -> bool {
    arguments(&roles).flatten().any(|role| has_role(&role))
}

#[pg_extern(sql = false)]
fn workos_has_permission(p: Option<Text<'_>>) -> bool {
    argument(p).is_some_and(|p| has_permission(&p))
}

#[pg_extern(sql = false)]
fn workos_has_any_permission(p: Option<Array<'_, &[u8]>>) -> bool {
    arguments(&p).flatten().any(|p| has_permission(&p))
}

#[pg_extern(sql = false)]
fn workos_has_all_permissions(p: Option<Array<'_, &[u8]>>) -> bool {
    let mut wanted = arguments(&p).peekable();
    wanted.peek().is_some() && wanted.all(|p| p.is_some_and(|p| has_permission(&p)))
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

fn has_role(role: &[u8]) -> bool {
    check(|session| listed(role, session.roles()))
}

fn has_permission(p: &[u8]) -> bool {
    check(|session| listed(p, session.permissions()))
}
