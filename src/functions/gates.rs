//! Gates: the id of the organization if the session has the permission or role, else NULL. So one index condition also
//! checks the permission.

use pgrx::prelude::*;

use crate::current::session;
use crate::postgres::text::{Text, Varlena, argument};

#[pg_extern(sql = false)]
fn workos_org_with_permission(permission: Option<Text<'_>>) -> Option<Varlena> {
    let wanted = argument(permission)?;
    session(|session| {
        session
            .permissions()
            .any(|p| p.as_bytes() == &*wanted)
            .then(|| session.org_id().map(Varlena::text))
            .flatten()
    })
}

#[pg_extern(sql = false)]
fn workos_org_with_role(role: Option<Text<'_>>) -> Option<Varlena> {
    let wanted = argument(role)?;
    session(|session| {
        session
            .roles()
            .any(|role| role.as_bytes() == &*wanted)
            .then(|| session.org_id().map(Varlena::text))
            .flatten()
    })
}
