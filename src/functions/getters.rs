//! Getters: the value of a claim, or NULL.

use pgrx::prelude::*;

use workos_claims::claims::{Claims, Micros};

use super::text_result::{Call, of_session};
use crate::current::{application, session, with_claims, with_jsonb};
use crate::postgres;
use crate::postgres::text::{Text, Varlena, argument};

#[pg_extern(sql = false)]
fn workos_user_id(call: Call<'_>) -> Option<Varlena> {
    of_session(call, |session| session.user_id())
}

#[pg_extern(sql = false)]
fn workos_session_id(call: Call<'_>) -> Option<Varlena> {
    of_session(call, |session| session.id())
}

#[pg_extern(sql = false)]
fn workos_org_id(call: Call<'_>) -> Option<Varlena> {
    of_session(call, |session| session.org_id())
}

#[pg_extern(sql = false)]
fn workos_user_role(call: Call<'_>) -> Option<Varlena> {
    of_session(call, |session| session.role())
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
fn workos_impersonator(call: Call<'_>) -> Option<Varlena> {
    of_session(call, |session| session.impersonator())
}

// Postgres stores a timestamptz as microseconds, so these return `Micros`.

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

/// The kind of any claims, in force or not; NULL for what is no claims object. For the doctor.
#[pg_extern(sql = false)]
fn workos_kind_of(claims: Option<Text<'_>>) -> Option<Varlena> {
    let claims = argument(claims)?;
    postgres::require_to_parse(claims.len());
    let claims = Claims::parse(std::str::from_utf8(&claims).ok()?).ok()??;
    Some(Varlena::text(claims.kind.name()))
}

#[pg_extern(sql = false)]
fn workos_application_id() -> Option<Varlena> {
    application(|application| application.id().map(Varlena::text))
}

#[pg_extern(sql = false)]
fn workos_application_org_id() -> Option<Varlena> {
    application(|application| application.org_id().map(Varlena::text))
}
