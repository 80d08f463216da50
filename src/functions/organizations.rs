//! All organizations of the current user, as the directory says. A token names one.

use pgrx::prelude::*;

use workos_claims::claims::Micros;

use crate::catalog::directory;
use crate::current::{session, token_session};
use crate::errors::{self, Error};
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
fn slug(text: Option<Text<'_>>) -> Option<Varlena> {
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

/// What `workos_configure()` may be given: `newest` only where there is a directory.
#[pg_extern(sql = false)]
fn workos_check_membership(membership: Option<Text<'_>>) -> bool {
    match membership.map(Text::bytes) {
        Some(b"token") => true,
        Some(b"newest") => {
            directory::find();
            true
        }
        _ => errors::raise(Error::NotAMembership),
    }
}

/// The user, the session and the organization of the token, the last one empty if there is none: what the directory is
/// asked for.
#[pg_extern(sql = false)]
fn workos_token_session() -> Option<Varlena> {
    token_session(|session| {
        let ids = [session.user_id(), session.id(), session.org_id()];
        Some(Varlena::text_array(ids.into_iter().map(Option::unwrap_or_default)))
    })
}

#[pg_extern(sql = false)]
fn workos_token_issued_at() -> Option<Micros> {
    token_session(|session| session.issued_at())
}
