//! The kind of a token. Only a user session gives a user identity, so the identity can be read only through
//! [`Session`], which only [`Session::of`] can create.

use super::claims::{Claims, Micros};
use super::standing::Rights;

/// The kinds of token that WorkOS signs with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Widget,
    Application,
    Session,
    Oauth,
    Other,
}

impl Kind {
    /// Computed once, when claims are read, and stored in [`Claims::kind`].
    pub fn of(claims: &Claims) -> Kind {
        let sub = claims.sub.as_deref().unwrap_or_default();
        let sid = claims.sid.as_deref().unwrap_or_default();
        if sid.starts_with("widget_session_") {
            Kind::Widget
        } else if sub.starts_with("client_") {
            Kind::Application
        } else if !sub.starts_with("user_") {
            Kind::Other
        } else if claims.has_scope {
            Kind::Oauth
        } else if sid.starts_with("session_") {
            Kind::Session
        } else if sid.is_empty() {
            // An ID token, which WorkOS signs with the same key.
            Kind::Other
        } else {
            Kind::Oauth
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Kind::Widget => "widget",
            Kind::Application => "application",
            Kind::Session => "session",
            Kind::Oauth => "oauth",
            Kind::Other => "other",
        }
    }
}

/// These are Postgres roles. Supabase and PostgREST use them as values of the claim `role`.
const POSTGRES_ROLES: [&str; 3] = ["anon", "authenticated", "service_role"];

/// A signed-in user: the claims of a session token, and the rights that a directory says, if it decides.
#[derive(Clone, Copy)]
pub struct Session<'a>(&'a Claims, Option<&'a Rights>);

impl<'a> Session<'a> {
    pub fn of(claims: &'a Claims) -> Option<Session<'a>> {
        (claims.kind == Kind::Session).then_some(Session(claims, None))
    }

    /// The same with these roles and permissions instead of those in the token.
    pub fn with_rights(self, rights: Option<&'a Rights>) -> Session<'a> {
        Session(self.0, rights)
    }

    pub fn user_id(self) -> Option<&'a str> {
        self.0.sub.as_deref()
    }

    pub fn id(self) -> Option<&'a str> {
        self.0.sid.as_deref()
    }

    pub fn org_id(self) -> Option<&'a str> {
        self.0.org_id.as_deref()
    }

    /// The role in the organization: `user_role`, else the only element of `roles`, else the `role` of a
    /// verified token.
    pub fn role(self) -> Option<&'a str> {
        let only = |roles: Option<&'a [Box<str>]>| match roles {
            Some([role]) => Some(&**role),
            _ => None,
        };
        if let Some(rights) = self.1 {
            return workos_role(rights.role.as_deref()).or_else(|| workos_role(only(Some(&rights.roles))));
        }
        let only = only(self.0.roles.as_deref());
        workos_role(self.0.user_role.as_deref())
            .or_else(|| workos_role(only))
            .or_else(|| workos_role(self.0.role.as_deref()))
    }

    /// `roles`, and [`Session::role`] if it is not among them.
    pub fn roles(self) -> impl Iterator<Item = &'a str> + Clone {
        let listed = elements(self.1.map_or(self.0.roles.as_deref(), |rights| Some(&rights.roles)));
        listed.clone().chain(self.role().filter(move |role| !listed.clone().any(|r| r == *role)))
    }

    pub fn permissions(self) -> impl Iterator<Item = &'a str> + Clone {
        elements(self.1.map_or(self.0.permissions.as_deref(), |rights| Some(&rights.permissions)))
    }

    pub fn entitlements(self) -> impl Iterator<Item = &'a str> + Clone {
        elements(self.0.entitlements.as_deref())
    }

    pub fn feature_flags(self) -> impl Iterator<Item = &'a str> + Clone {
        elements(self.0.feature_flags.as_deref())
    }

    /// Another person acts as the user, whether or not the token names that person.
    pub fn is_impersonated(self) -> bool {
        self.0.has_actor
    }

    pub fn impersonator(self) -> Option<&'a str> {
        self.0.actor.as_deref()
    }

    pub fn issued_at(self) -> Option<Micros> {
        self.0.iat
    }

    pub fn expires_at(self) -> Option<Micros> {
        self.0.exp
    }

    pub fn authenticated_at(self) -> Option<Micros> {
        self.0.auth_time
    }
}

/// What a token must have been granted to give an identity. A gate that names nothing lets nobody through.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'g> {
    /// Compared as bytes, so that the caller need not know whether they are UTF-8.
    pub scope: Option<&'g [u8]>,
    pub client: Option<&'g [u8]>,
}

impl Gate<'_> {
    fn admits(self, claims: &Claims) -> bool {
        let names_something = self.scope.is_some() || self.client.is_some();
        let client_id = claims.client_id.as_deref().map(str::as_bytes);
        names_something
            && self.scope.is_none_or(|scope| claims.scopes().any(|granted| granted.as_bytes() == scope))
            && (self.client.is_none() || self.client == client_id)
    }
}

/// An application that acts for a user, with what a gate asks for. The token is for an audience of ours.
#[derive(Clone, Copy)]
pub struct Delegated<'a>(&'a Claims);

impl<'a> Delegated<'a> {
    /// `ours` tells whether the audience of the claims is accepted: [`super::audience::Audiences::include`].
    pub fn of(claims: &'a Claims, ours: bool, gate: Gate<'_>) -> Option<Delegated<'a>> {
        (claims.kind == Kind::Oauth && ours && gate.admits(claims)).then_some(Delegated(claims))
    }

    pub fn user_id(self) -> Option<&'a str> {
        self.0.sub.as_deref()
    }

    pub fn org_id(self) -> Option<&'a str> {
        self.0.org_id.as_deref()
    }
}

/// The claims of a machine-to-machine token.
#[derive(Clone, Copy)]
pub struct Application<'a>(&'a Claims);

impl<'a> Application<'a> {
    pub fn of(claims: &'a Claims) -> Option<Application<'a>> {
        (claims.kind == Kind::Application).then_some(Application(claims))
    }

    /// Only with what a gate asks for, and for an audience of ours.
    pub fn granted(claims: &'a Claims, ours: bool, gate: Gate<'_>) -> Option<Application<'a>> {
        Application::of(claims).filter(|_| ours && gate.admits(claims))
    }

    pub fn id(self) -> Option<&'a str> {
        self.0.sub.as_deref()
    }

    pub fn org_id(self) -> Option<&'a str> {
        self.0.org_id.as_deref()
    }
}

/// The scopes of a token that was issued to an application; none for other kinds.
pub fn scopes(claims: &Claims) -> impl Iterator<Item = &str> + Clone {
    let of_an_application = matches!(claims.kind, Kind::Oauth | Kind::Application);
    claims.scopes().filter(move |_| of_an_application)
}

fn workos_role(role: Option<&str>) -> Option<&str> {
    role.filter(|role| !role.is_empty() && !POSTGRES_ROLES.contains(role))
}

fn elements(list: Option<&[Box<str>]>) -> impl Iterator<Item = &str> + Clone {
    list.into_iter().flatten().map(|element| &**element)
}
