//! All organizations of the current user, as the directory says. A token names one.

use pgrx::prelude::*;

use workos_claims::claims::Micros;

use crate::catalog::directory;
use crate::current::{session, token_session};
use crate::errors::{self, Error};
use crate::postgres::text::{Text, Varlena, argument};

#[pg_extern(sql = false)]
fn workos_org_ids() -> Option<Varlena> {
    of_user(Some(()), |_| Some(("all", Varlena::text(""))))
}

#[pg_extern(sql = false)]
fn workos_org_ids_with_permission(permission: Option<Text<'_>>) -> Option<Varlena> {
    of_user(permission, |permission| Some(("permission", slug(permission)?)))
}

#[pg_extern(sql = false)]
fn workos_org_ids_with_role(role: Option<Text<'_>>) -> Option<Varlena> {
    of_user(role, |role| Some(("role", slug(role)?)))
}

/// The argument in the encoding of the server; `None` for what is longer than any claim can be, or no text of that
/// encoding. No role and no permission has such a name.
pub fn slug(text: Text<'_>) -> Option<Varlena> {
    let slug = argument(Some(text))?;
    std::str::from_utf8(&slug).ok().map(Varlena::text)
}

/// NULL without a session, and for the argument NULL. Without a directory it is an error, whoever asks. `question` says
/// what the directory is asked for: `None` is what no organization has.
fn of_user<T>(
    argument: Option<T>,
    question: impl FnOnce(T) -> Option<(&'static str, Varlena)>,
) -> Option<Varlena> {
    let directory = directory::find();
    let signed_in = session(|session| session.user_id().map(|_| ())).is_some();
    let argument = argument.filter(|_| signed_in)?;
    Some(match question(argument) {
        Some((which, slug)) => directory.org_ids(which, slug),
        None => Varlena::text_array(std::iter::empty()),
    })
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
