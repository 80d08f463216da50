//! Who and where: what a claim says, or NULL.

use pgrx::prelude::*;

use super::kept::Kept;
use super::source::{with_claims, with_jsonb};
use super::text::{Text, Varlena, argument};
use crate::token::claims::Micros;
use crate::token::session::{Application, Session};

/// Calls `read` with the session; `None` when there is none.
#[inline]
pub fn session<R>(read: impl FnOnce(Session<'_>) -> Option<R>) -> Option<R> {
    with_claims(|claims| claims.and_then(Session::of).and_then(read))
}

fn application<R>(read: impl FnOnce(Application<'_>) -> Option<R>) -> Option<R> {
    with_claims(|claims| claims.and_then(Application::of).and_then(read))
}

#[pg_extern(sql = false)]
fn workos_user_id() -> Kept {
    Kept(|session| session.user_id())
}

#[pg_extern(sql = false)]
fn workos_session_id() -> Kept {
    Kept(|session| session.id())
}

#[pg_extern(sql = false)]
fn workos_org_id() -> Kept {
    Kept(|session| session.org_id())
}

#[pg_extern(sql = false)]
fn workos_user_role() -> Kept {
    Kept(|session| session.role())
}

#[pg_extern(sql = false)]
fn workos_user_roles() -> Option<Varlena> {
    session(|session| Some(Varlena::text_array(session.roles())))
}

#[pg_extern(sql = false)]
fn workos_permissions() -> Option<Varlena> {
    session(|session| Some(Varlena::text_array(session.permissions())))
}

#[pg_extern(sql = false)]
fn workos_entitlements() -> Option<Varlena> {
    session(|session| Some(Varlena::text_array(session.entitlements())))
}

#[pg_extern(sql = false)]
fn workos_feature_flags() -> Option<Varlena> {
    session(|session| Some(Varlena::text_array(session.feature_flags())))
}

#[pg_extern(sql = false)]
fn workos_impersonator() -> Kept {
    Kept(|session| session.impersonator())
}

// A timestamptz is its microseconds.

#[pg_extern(sql = false)]
fn workos_issued_at() -> Option<Micros> {
    session(|session| session.issued_at())
}

#[pg_extern(sql = false)]
fn workos_expires_at() -> Option<Micros> {
    session(|session| session.expires_at())
}

#[pg_extern(sql = false)]
fn workos_authenticated_at() -> Option<Micros> {
    session(|session| session.authenticated_at())
}

#[pg_extern(sql = false)]
fn workos_claims() -> Option<Varlena> {
    with_jsonb(|jsonb| jsonb.map(Varlena::copy))
}

#[pg_extern(sql = false)]
fn workos_claim(name: Option<Text<'_>>) -> Option<Varlena> {
    let name = argument(name)?;
    let name = std::str::from_utf8(&name).ok()?;
    with_claims(|claims| claims?.text(name).map(Varlena::text))
}

#[pg_extern(sql = false)]
fn workos_token_kind() -> Option<Varlena> {
    with_claims(|claims| claims.map(|claims| Varlena::text(claims.kind.name())))
}

#[pg_extern(sql = false)]
fn workos_application_id() -> Option<Varlena> {
    application(|application| application.id().map(Varlena::text))
}

#[pg_extern(sql = false)]
fn workos_application_org_id() -> Option<Varlena> {
    application(|application| application.org_id().map(Varlena::text))
}
