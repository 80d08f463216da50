//! All organizations of the current user, as the directory says. A token names one.

use pgrx::prelude::*;

use crate::catalog::directory;
use crate::current::session;
use crate::postgres::text::{Text, Varlena, argument};

#[pg_extern(sql = false)]
fn workos_org_ids() -> Option<Varlena> {
    org_ids("all", Some(Varlena::text("")))
}

#[pg_extern(sql = false)]
fn workos_org_ids_with_permission(permission: Option<Text<'_>>) -> Option<Varlena> {
    org_ids("permission", slug(permission))
}

#[pg_extern(sql = false)]
fn workos_org_ids_with_role(role: Option<Text<'_>>) -> Option<Varlena> {
    org_ids("role", slug(role))
}

/// The argument in the encoding of the server; `None` for NULL, and for what is longer than any slug can be.
pub fn slug(text: Option<Text<'_>>) -> Option<Varlena> {
    let slug = argument(text)?;
    std::str::from_utf8(&slug).ok().map(Varlena::text)
}

/// NULL without a session. Without a directory it is an error, whoever asks.
fn org_ids(which: &str, slug: Option<Varlena>) -> Option<Varlena> {
    let directory = directory::find();
    let signed_in = session(|session| session.user_id().map(|_| ())).is_some();
    let slug = slug.filter(|_| signed_in)?;
    Some(directory.org_ids(which, slug))
}
