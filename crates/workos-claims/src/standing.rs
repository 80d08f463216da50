//! Whether the token of a session or the directory decides: whichever is newer.

use super::claims::Micros;
use super::session::Session;

/// What a directory says of users and organizations. An id that it does not know has not ended.
pub trait Directory {
    fn session_was_revoked(&self, id: &str) -> bool;
    fn user_has_ended(&self, id: &str) -> bool;
    fn organization_has_ended(&self, id: &str) -> bool;
    /// All memberships of the user in the organization, also those that have ended.
    fn memberships(&self, user: &str, organization: &str) -> Vec<Membership>;
    /// The role of the organization, also one that has ended; else that of the environment; `None` if it is unknown.
    fn role(&self, organization: &str, slug: &str) -> Option<Role>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub id: Box<str>,
    pub has_ended: bool,
    pub is_active: bool,
    pub created: Option<Micros>,
    /// When it was last changed or ended.
    pub changed: Micros,
    pub role: Option<Box<str>>,
    pub roles: Vec<Box<str>>,
}

pub struct Role {
    pub changed: Micros,
    /// Empty if the role has ended.
    pub permissions: Vec<Box<str>>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// The token decides.
    Token,
    /// The session does not count.
    Ended,
    /// The directory decides what the user may do in the organization.
    Directory(Rights),
}

/// What a user may do in an organization.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rights {
    pub role: Option<Box<str>>,
    pub roles: Vec<Box<str>>,
    pub permissions: Vec<Box<str>>,
}

impl Standing {
    pub fn of(session: Session<'_>, directory: &impl Directory) -> Standing {
        if session.id().is_some_and(|id| directory.session_was_revoked(id))
            || session.user_id().is_some_and(|id| directory.user_has_ended(id))
            || session.org_id().is_some_and(|id| directory.organization_has_ended(id))
        {
            return Standing::Ended;
        }
        let (Some(user), Some(organization)) = (session.user_id(), session.org_id()) else {
            return Standing::Token;
        };
        let memberships = directory.memberships(user, organization);
        let Some(changed) = memberships.iter().map(|membership| membership.changed).max() else {
            return Standing::Token;
        };
        // Whoever is added again has a new membership. Of those that have not ended, only the one created last counts.
        let live = memberships.into_iter().filter(|membership| !membership.has_ended);
        let live =
            live.max_by_key(|membership| (membership.created, membership.changed, membership.id.clone()));
        let roles = live.as_ref().map(|membership| &*membership.roles).unwrap_or_default();
        let known: Vec<Role> = roles.iter().filter_map(|slug| directory.role(organization, slug)).collect();
        let changed = known.iter().map(|role| role.changed).fold(changed, Micros::max);
        if session.issued_at().is_some_and(|issued| issued > changed) {
            return Standing::Token;
        }
        match live.filter(|membership| membership.is_active) {
            None => Standing::Ended,
            Some(Membership { role, roles, .. }) => {
                let mut permissions: Vec<Box<str>> = Vec::new();
                for permission in known.into_iter().flat_map(|role| role.permissions) {
                    if !permissions.contains(&permission) {
                        permissions.push(permission);
                    }
                }
                Standing::Directory(Rights { role, roles, permissions })
            }
        }
    }
}
