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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Claims;

    #[derive(Default)]
    struct Known {
        ended: Vec<&'static str>,
        memberships: Vec<Membership>,
        roles: Vec<(&'static str, Micros, &'static str)>,
    }

    impl Directory for Known {
        fn session_was_revoked(&self, id: &str) -> bool {
            self.ended.contains(&id)
        }
        fn user_has_ended(&self, id: &str) -> bool {
            self.ended.contains(&id)
        }
        fn organization_has_ended(&self, id: &str) -> bool {
            self.ended.contains(&id)
        }
        fn memberships(&self, user: &str, organization: &str) -> Vec<Membership> {
            assert_eq!((user, organization), ("user_1", "org_1"));
            self.memberships.clone()
        }
        fn role(&self, organization: &str, slug: &str) -> Option<Role> {
            assert_eq!(organization, "org_1");
            let (_, changed, permissions) = self.roles.iter().find(|role| role.0 == slug)?;
            Some(Role {
                changed: *changed,
                permissions: permissions.split_whitespace().map(Box::from).collect(),
            })
        }
    }

    /// The clock of Postgres begins with this second of the Unix clock.
    const EPOCH: i64 = 946_684_800;

    fn membership(
        id: &str,
        created: Option<Micros>,
        changed: Micros,
        status: &str,
        roles: &str,
    ) -> Membership {
        let roles: Vec<Box<str>> = roles.split_whitespace().map(Box::from).collect();
        Membership {
            id: id.into(),
            has_ended: status == "ended",
            is_active: status == "active",
            created,
            changed,
            role: roles.first().cloned(),
            roles,
        }
    }

    /// What decides for a token that was issued in that second.
    fn standing(issued: Option<i64>, known: &Known) -> Standing {
        let iat = issued.map_or(String::new(), |at| format!(r#","iat":{}"#, EPOCH + at));
        let claims = format!(r#"{{"sub":"user_1","sid":"session_1","org_id":"org_1"{iat}}}"#);
        let claims = Claims::parse(&claims).unwrap().unwrap();
        Standing::of(Session::of(&claims).unwrap(), known)
    }

    fn granted(standing: Standing) -> Option<String> {
        match standing {
            Standing::Directory(rights) => {
                Some(format!("{:?} {:?} {:?}", rights.role, rights.roles, rights.permissions))
            }
            _ => None,
        }
    }

    #[test]
    fn what_has_ended_is_final() {
        for ended in ["session_1", "user_1", "org_1"] {
            let known = Known { ended: vec![ended], ..Known::default() };
            assert_eq!(standing(Some(9_000), &known), Standing::Ended);
            assert_eq!(standing(None, &known), Standing::Ended);
        }
        assert_eq!(standing(None, &Known { ended: vec!["user_2"], ..Known::default() }), Standing::Token);
    }

    #[test]
    fn the_newer_decides() {
        let second = 1_000_000;
        for (status, changed) in
            [("ended", 5 * second), ("inactive", 5 * second), ("inactive", 5 * second + 1)]
        {
            let known =
                Known { memberships: vec![membership("om", None, changed, status, "")], ..Known::default() };
            assert_eq!(standing(Some(6), &known), Standing::Token);
            for old in [Some(4), Some(5), None] {
                assert_eq!(standing(old, &known), Standing::Ended, "{status} {changed}");
            }
        }
        assert_eq!(standing(None, &Known::default()), Standing::Token);
    }

    #[test]
    fn the_last_change_of_a_role_counts() {
        let mut known =
            Known { memberships: vec![membership("om", None, 0, "active", "a b ghost")], ..Known::default() };
        known.roles = vec![("a", 2_000_000, "p q"), ("b", 5_000_000, "q r"), ("other", 9_000_000, "x")];
        assert_eq!(standing(Some(6), &known), Standing::Token);
        let wanted = r#"Some("a") ["a", "b", "ghost"] ["p", "q", "r"]"#;
        assert_eq!(granted(standing(Some(5), &known)).as_deref(), Some(wanted));
        assert_eq!(granted(standing(None, &known)).as_deref(), Some(wanted));
    }

    #[test]
    fn of_several_memberships_the_one_created_last_counts() {
        let roles = |memberships| granted(standing(None, &Known { memberships, ..Known::default() }));
        let old = membership("om_1", Some(1), 9, "active", "old");
        let wanted = r#"Some("new") ["new"] []"#;
        for created in [None, Some(0)] {
            let older = Membership { created, ..old.clone() };
            let newer = membership("om_0", Some(1), 2, "active", "new");
            assert_eq!(roles(vec![older.clone(), newer.clone()]).as_deref(), Some(wanted));
            assert_eq!(roles(vec![newer, older]).as_deref(), Some(wanted));
        }
        let pending = membership("om_0", Some(2), 2, "pending", "new");
        assert_eq!(roles(vec![pending.clone(), old.clone()]), None);
        assert_eq!(
            roles(vec![Membership { has_ended: true, ..pending }, old]).as_deref(),
            Some(r#"Some("old") ["old"] []"#)
        );
    }
}
