//! Delegated access: what a token says that was issued to an application, which acts for a user or for itself. It gives an
//! identity only through a gate that names a scope, a client, or both, and only for an audience of ours.

use pgrx::prelude::*;

use workos_claims::session::{Gate, scopes};

use super::organizations::slug;
use crate::catalog::directory;
use crate::current::{delegated, granted_application, with_claims};
use crate::postgres::text::{Text, Varlena, argument};

/// Calls `read` with the gate of two arguments; `None` if both are NULL, and for one that is longer than any claim.
#[inline]
fn gate<R>(
    scope: Option<Text<'_>>,
    client: Option<Text<'_>>,
    read: impl FnOnce(Gate<'_>) -> Option<R>,
) -> Option<R> {
    let names = (scope.is_some(), client.is_some());
    let (scope, client) = (argument(scope), argument(client));
    if names == (false, false) || (scope.is_some(), client.is_some()) != names {
        return None;
    }
    read(Gate { scope: scope.as_deref(), client: client.as_deref() })
}

#[pg_extern(sql = false)]
fn workos_delegated_user_id(scope: Option<Text<'_>>, client: Option<Text<'_>>) -> Option<Varlena> {
    gate(scope, client, |gate| delegated(gate, |user| user.user_id().map(Varlena::text)))
}

#[pg_extern(sql = false)]
fn workos_delegated_org_id(scope: Option<Text<'_>>, client: Option<Text<'_>>) -> Option<Varlena> {
    gate(scope, client, |gate| delegated(gate, |user| user.org_id().map(Varlena::text)))
}

/// Without a directory it is an error, whoever asks.
#[pg_extern(sql = false)]
fn workos_delegated_org_id_with_permission(
    scope: Option<Text<'_>>,
    client: Option<Text<'_>>,
    permission: Option<Text<'_>>,
) -> Option<Varlena> {
    let directory = directory::find();
    let [scope_text, client_text] = [&scope, &client].map(|text| named(text.as_ref()));
    let permission = slug(permission?)?;
    let org_id = gate(scope, client, |gate| delegated(gate, |user| user.org_id().map(Varlena::text)))?;
    directory.delegate_may(scope_text?, client_text?, permission).then_some(org_id)
}

/// The argument in the encoding of the server; empty for NULL.
fn named(text: Option<&Text<'_>>) -> Option<Varlena> {
    match text {
        None => Some(Varlena::text("")),
        Some(text) => slug(*text),
    }
}

#[pg_extern(sql = false)]
fn workos_application_org_id_with_scope(scope: Option<Text<'_>>) -> Option<Varlena> {
    gate(scope, None, |gate| granted_application(gate, |application| application.org_id().map(Varlena::text)))
}

#[pg_extern(sql = false)]
fn workos_client_id() -> Option<Varlena> {
    with_claims(|claims| claims?.client_id.as_deref().map(Varlena::text))
}

#[pg_extern(sql = false)]
fn workos_scopes() -> Varlena {
    with_claims(|claims| match claims {
        Some(claims) => Varlena::text_array(scopes(claims)),
        None => Varlena::text_array(std::iter::empty()),
    })
}

#[pg_extern(sql = false)]
fn workos_has_scope(scope: Option<Text<'_>>) -> bool {
    argument(scope).is_some_and(|wanted| {
        with_claims(|claims| {
            claims.is_some_and(|claims| scopes(claims).any(|scope| scope.as_bytes() == &*wanted))
        })
    })
}
