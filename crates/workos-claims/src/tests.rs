use proptest::prelude::*;
use serde_json::{Value, json};

use super::audience::Audiences;
use super::claims::{Claims, Micros};
use super::json::Broken;
use super::session::{Application, Delegated, Gate, Kind, Session, scopes};

fn claims(text: &str) -> Claims {
    Claims::parse(text).expect("well-formed").expect("an object")
}

fn broken(text: &str) -> Broken {
    Claims::parse(text).expect_err("broken")
}

fn with_session<R>(value: Value, read: impl FnOnce(Session<'_>) -> R) -> R {
    let mut value = value;
    value["sub"] = json!("user_1");
    value["sid"] = json!("session_1");
    read(Session::of(&claims(&value.to_string())).expect("a session"))
}

#[test]
fn null_is_nobody() {
    assert!(Claims::parse("null").unwrap().is_none());
    assert!(Claims::parse(" null\n").unwrap().is_none());
    assert_eq!(broken(""), Broken::NotJson);
    assert_eq!(broken("nullx"), Broken::NotJson);
}

#[test]
fn broken_texts() {
    assert_eq!(broken("{"), Broken::NotJson);
    assert_eq!(broken(r#"{"a":1}{"#), Broken::NotJson);
    assert_eq!(broken("\u{feff}{}"), Broken::NotJson);
    assert_eq!(broken("[]"), Broken::NotAnObject);
    assert_eq!(broken("\"null\""), Broken::NotAnObject);
    for (text, why) in [
        (r#"{"a":"\u0000"}"#, Broken::Nul),
        (r#"{"\u0000":1}"#, Broken::Nul),
        (r#"{"a":[{"b":"x\\\u0000"}]}"#, Broken::Nul),
        (r#"{"a":"\ud800"}"#, Broken::LoneSurrogate),
        (r#"{"a":"\uDBFF\\udc00"}"#, Broken::LoneSurrogate),
        (r#"{"a":"\udc00\ud800"}"#, Broken::LoneSurrogate),
        (r#"{"\ud800":1}"#, Broken::LoneSurrogate),
    ] {
        assert_eq!(broken(text), why, "{text}");
    }
    for text in [r#"{"a":"\\u0000"}"#, r#"{"a":"\\\\ud800"}"#, r#"{"a":"\ud83d\ude00"}"#, r#"{"a":"\"\/\b"}"#]
    {
        assert!(Claims::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn depth_and_size_take_no_stack() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(1 << 20), close.repeat(1 << 20));
    let texts = [
        "[".repeat(1 << 20),
        "{\"a\":".repeat(1 << 20),
        format!(r#"{{"sub":"user_1","x":{}}}"#, deep("[", "]")),
        format!(r#"{{"sub":"user_1","act":{}}}"#, deep("{\"sub\":", "}")),
        format!(r#"{{"sub":"user_1","roles":{}}}"#, deep("[", "]")),
        format!(r#"{{"sub":"user_{}"}}"#, "x".repeat(16 << 20)),
    ];
    // Less stack than any backend has.
    std::thread::Builder::new()
        .stack_size(128 << 10)
        .spawn(move || {
            for text in &texts {
                match Claims::parse(text) {
                    Ok(claims) => assert!(claims.unwrap().sub.unwrap().starts_with("user_")),
                    Err(why) => assert_eq!(why, Broken::NotJson),
                }
            }
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn kinds() {
    for (claims_text, kind) in [
        (r#"{"sub":"user_1","sid":"session_1"}"#, Kind::Session),
        (r#"{"sub":"user_1","sid":"session_1","scope":null}"#, Kind::Oauth),
        (r#"{"sub":"user_1","scope":"openid"}"#, Kind::Oauth),
        // An ID token has no `sid`. A `sid` that is not a string is treated as absent.
        (r#"{"sub":"user_1"}"#, Kind::Other),
        (r#"{"sub":"user_1","sid":""}"#, Kind::Other),
        (r#"{"sub":"user_1","sid":["session_1"]}"#, Kind::Other),
        (r#"{"sub":"user_1","sid":"consent"}"#, Kind::Oauth),
        (r#"{"sub":"user_1","sid":"widget_session_1"}"#, Kind::Widget),
        (r#"{"sub":"client_1"}"#, Kind::Application),
        (r#"{"sub":"User_1"}"#, Kind::Other),
        (r#"{}"#, Kind::Other),
    ] {
        let claims = claims(claims_text);
        assert_eq!((Kind::of(&claims), claims.kind), (kind, kind), "{claims_text}");
        assert_eq!(Session::of(&claims).is_some(), kind == Kind::Session, "{claims_text}");
        assert_eq!(Application::of(&claims).is_some(), kind == Kind::Application, "{claims_text}");
    }
}

const OURS: &str = "https://db.example/mcp";

/// A token of an application that acts for a user, with some claims changed.
fn delegated(changes: Value) -> Claims {
    let mut value = json!({"sub": "user_1", "sid": "app_consent_1", "org_id": "org_1", "client_id": "client_1",
        "aud": OURS, "scope": "read docs:write"});
    value.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims(&value.to_string())
}

fn gate<'g>(scope: impl Into<Option<&'g str>>, client: impl Into<Option<&'g str>>) -> Gate<'g> {
    Gate { scope: scope.into().map(str::as_bytes), client: client.into().map(str::as_bytes) }
}

#[test]
fn scopes_are_what_the_rfc_allows_or_none() {
    let listed = |scope: Value| {
        let claims = delegated(json!({"scope": scope}));
        scopes(&claims).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed(json!("a")), ["a"]);
    assert_eq!(listed(json!("a b a")), ["a", "b", "a"]);
    assert_eq!(listed(json!("documents:read *! ~")), ["documents:read", "*!", "~"]);
    for ill_formed in [
        json!(""),
        json!(" "),
        json!(" a"),
        json!("a "),
        json!("a  b"),
        json!("a\tb"),
        json!("a\tb c"),
        json!("a\nb"),
        json!("a\u{a0}b"),
        json!("a\u{3000}b"),
        json!("é"),
        json!("a \u{7f}"),
        json!("\"a\""),
        json!("a\\b"),
        json!(["a"]),
        json!(null),
        json!(1),
        json!(true),
        json!({"a": 1}),
    ] {
        assert_eq!(listed(ill_formed.clone()), Vec::<String>::new(), "{ill_formed}");
    }
    let many = (0..10_000).map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(listed(json!(many.join(" "))), many);
    // Only tokens that were issued to an application have scopes.
    assert_eq!(scopes(&delegated(json!({"sub": "client_1"}))).count(), 2);
    assert_eq!(scopes(&delegated(json!({"sid": "widget_session_1"}))).count(), 0);
    assert_eq!(scopes(&delegated(json!({"sub": "someone"}))).count(), 0);
}

#[test]
fn a_gate_compares_exactly_and_asks_for_something() {
    let claims = delegated(json!({}));
    let admits = |gate| Delegated::of(&claims, true, gate).map(|user| (user.user_id(), user.org_id()));
    let user = Some((Some("user_1"), Some("org_1")));
    for gate in
        [gate("read", None), gate("docs:write", None), gate(None, "client_1"), gate("read", "client_1")]
    {
        assert_eq!(admits(gate), user, "{gate:?}");
        // Not for an audience of ours.
        assert!(Delegated::of(&claims, false, gate).is_none());
        assert!(Session::of(&claims).is_none());
    }
    for gate in [
        gate(None, None),
        gate("", None),
        gate("rea", None),
        gate("ead", None),
        gate("READ", None),
        gate("read ", None),
        gate("read docs:write", None),
        gate("docs:write read", None),
        gate("docs:*", None),
        gate("docs", None),
        gate("*", None),
        gate(None, ""),
        gate(None, "client_"),
        gate(None, "client_10"),
        gate(None, "CLIENT_1"),
        gate("read", "client_2"),
        gate("write", "client_1"),
        gate("", "client_1"),
        gate("read", ""),
    ] {
        assert!(admits(gate).is_none(), "{gate:?}");
    }
    assert_eq!(Delegated::of(&delegated(json!({"client_id": 1})), true, gate(None, "1")).map(|_| ()), None);
    assert_eq!(
        Delegated::of(&delegated(json!({"org_id": null})), true, gate("read", None)).unwrap().org_id(),
        None
    );

    // Each kind has its own gates.
    let machine = delegated(json!({"sub": "client_1"}));
    assert!(Delegated::of(&machine, true, gate("read", None)).is_none());
    assert_eq!(Application::granted(&machine, true, gate("read", None)).unwrap().org_id(), Some("org_1"));
    assert!(Application::granted(&machine, false, gate("read", None)).is_none());
    assert!(Application::granted(&machine, true, gate("write", None)).is_none());
    assert!(Application::granted(&claims, true, gate("read", None)).is_none());
    let session = json!({"sub": "user_1", "sid": "session_1", "client_id": "client_1", "aud": OURS});
    assert!(Delegated::of(&self::claims(&session.to_string()), true, gate(None, "client_1")).is_none());
}

#[test]
fn audiences_to_the_letter() {
    let audiences = Audiences::new([OURS, "client_env"]);
    let none = Audiences::default();
    for ours in
        [json!(OURS), json!([OURS]), json!(["x", OURS]), json!("client_env"), json!([OURS, "client_env", ""])]
    {
        let claims = delegated(json!({"aud": ours}));
        assert!(audiences.include(&claims) && !audiences.exclude(&claims), "{ours}");
        assert!(!none.include(&claims) && !none.exclude(&claims), "{ours}");
    }
    for other in [
        json!("https://db.example/mcp/"),
        json!("https://db.example"),
        json!("HTTPS://db.example/mcp"),
        json!(""),
        json!([]),
        json!([""]),
        json!(null),
        json!(7),
        json!({OURS: true}),
        json!([OURS, 7]),
        json!([[OURS]]),
        json!([OURS, null]),
        json!(format!("{OURS} client_env")),
    ] {
        let claims = delegated(json!({"aud": other}));
        assert!(!audiences.include(&claims) && audiences.exclude(&claims), "{other}");
        // While no audience is accepted, it only gives no delegated identity.
        assert!(!none.include(&claims) && !none.exclude(&claims), "{other}");
        let machine = delegated(json!({"aud": other, "sub": "client_1"}));
        assert!(audiences.exclude(&machine));
        let session = claims_of_session(json!({"aud": other}));
        assert!(!audiences.exclude(&session), "a session is not for an audience");
    }
    let nobodys = claims(r#"{"sub":"user_1","scope":"read"}"#);
    assert!(!audiences.include(&nobodys) && !audiences.exclude(&nobodys));
}

fn claims_of_session(changes: Value) -> Claims {
    let mut value = json!({"sub": "user_1", "sid": "session_1"});
    value.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims(&value.to_string())
}

#[test]
fn names_of_kinds() {
    let kinds = [Kind::Widget, Kind::Application, Kind::Session, Kind::Oauth, Kind::Other];
    assert_eq!(kinds.map(Kind::name), ["widget", "application", "session", "oauth", "other"]);
}

#[test]
fn each_claim_of_a_session() {
    let second = 1_000_000;
    let all = json!({
        "iss": "https://api.workos.com", "org_id": "org_1", "user_role": "editor", "permissions": ["a", "b"],
        "entitlements": ["c"], "feature_flags": ["d", "e"], "act": {"sub": "staff@example.com"},
        "iat": UNIX_NOW, "exp": UNIX_NOW + 1, "auth_time": UNIX_NOW + 2,
    });
    assert_eq!(claims(&all.to_string()).iss.as_deref(), Some("https://api.workos.com"));
    with_session(all, |session| {
        assert_eq!((session.user_id(), session.id()), (Some("user_1"), Some("session_1")));
        assert_eq!(session.org_id(), Some("org_1"));
        assert_eq!(session.permissions().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(session.entitlements().collect::<Vec<_>>(), ["c"]);
        assert_eq!(session.feature_flags().collect::<Vec<_>>(), ["d", "e"]);
        assert_eq!(session.impersonator(), Some("staff@example.com"));
        assert!(session.is_impersonated());
        assert_eq!(session.issued_at(), Some(NOW));
        assert_eq!(session.expires_at(), Some(NOW + second));
        assert_eq!(session.authenticated_at(), Some(NOW + 2 * second));
    });
    with_session(json!({}), |session| {
        assert_eq!((session.org_id(), session.role(), session.impersonator()), (None, None, None));
        assert!(!session.is_impersonated());
        assert_eq!(session.roles().chain(session.permissions()).next(), None);
        assert_eq!(session.entitlements().chain(session.feature_flags()).next(), None);
        assert_eq!(
            (session.issued_at(), session.expires_at(), session.authenticated_at()),
            (None, None, None)
        );
    });
}

#[test]
fn somebody_acts_whatever_says_who() {
    for (act, impersonated) in [
        (json!(null), false),
        (json!(""), false),
        (json!("x"), true),
        (json!({}), true),
        (json!([]), true),
        (json!(false), true),
        (json!({"sub": 5}), true),
    ] {
        let about = act.to_string();
        with_session(json!({"act": act}), |session| {
            assert_eq!(session.is_impersonated(), impersonated, "{about}");
            assert_eq!(session.impersonator(), None, "{about}");
        });
    }
}

#[test]
fn an_application() {
    let machine = claims(r#"{"sub":"client_1","org_id":"org_1"}"#);
    let application = Application::of(&machine).expect("an application");
    assert_eq!((application.id(), application.org_id()), (Some("client_1"), Some("org_1")));
    let alone = claims(r#"{"sub":"client_1"}"#);
    assert_eq!(Application::of(&alone).expect("an application").org_id(), None);
}

#[test]
fn characters_beyond_ascii_in_escapes() {
    for (text, beyond) in [
        (r#"{"a":"\u0041\u007f"}"#, false),
        (r#"{"a":"\u0080"}"#, true),
        (r#"{"a":"\u00e9\u0041"}"#, true),
        (r#"{"a":"\ud83d\ude00"}"#, true),
        (r#"{"\u00e9":1}"#, true),
        (r#"{"a":"\\u00e9"}"#, false),
        ("{\"a\":\"\u{e9}\"}", false),
        ("{}", false),
    ] {
        assert_eq!(claims(text).escapes_beyond_ascii, beyond, "{text}");
    }
}

#[test]
fn role() {
    for (value, role, roles) in [
        (json!({"user_role": "a", "roles": ["b"]}), Some("a"), vec!["b", "a"]),
        (json!({"user_role": "a", "roles": ["a", "b"]}), Some("a"), vec!["a", "b"]),
        (json!({"roles": ["b"]}), Some("b"), vec!["b"]),
        (json!({"roles": ["a", "b"]}), None, vec!["a", "b"]),
        (json!({"roles": ["authenticated"]}), None, vec!["authenticated"]),
        (json!({"user_role": "service_role"}), None, vec![]),
        (json!({"role": "admin"}), None, vec![]),
    ] {
        let about = value.to_string();
        with_session(value, |session| {
            assert_eq!(session.role(), role, "{about}");
            assert_eq!(session.roles().collect::<Vec<_>>(), roles, "{about}");
        });
    }
}

/// 2026-01-01 on the clock of Postgres, and as a Unix time.
const NOW: Micros = 820_540_800_000_000;
const UNIX_NOW: i64 = 1_767_225_600;

#[test]
fn in_force() {
    let at = |text: &str, now| claims(text).in_force(now);
    let second = 1_000_000;
    let exp = format!(r#"{{"exp":{UNIX_NOW}}}"#);
    assert!(at(&exp, NOW));
    assert!(at(&exp, NOW + 30 * second - 1));
    assert!(!at(&exp, NOW + 30 * second));
    let nbf = format!(r#"{{"nbf":{UNIX_NOW}}}"#);
    assert!(at(&nbf, NOW));
    assert!(at(&nbf, NOW - 30 * second));
    assert!(!at(&nbf, NOW - 30 * second - 1));
    let both = format!(r#"{{"nbf":{UNIX_NOW},"exp":{UNIX_NOW}.25}}"#);
    assert!(at(&both, NOW));
    assert!(!at(&both, NOW + 31 * second));
    for bar in [
        r#"{"exp":null}"#,
        r#"{"exp":"9e9"}"#,
        r#"{"nbf":null}"#,
        r#"{"nbf":[0]}"#,
        r#"{"exp":-1e400}"#,
        r#"{"nbf":1e400}"#,
    ] {
        assert!(!at(bar, NOW), "{bar}");
    }
    for free in [r#"{}"#, r#"{"exp":1e400}"#, r#"{"nbf":-1e400}"#, r#"{"nbf":1e-400}"#, r#"{"iat":1e300}"#] {
        assert!(at(free, NOW), "{free}");
        assert!(at(free, Micros::MAX - 1), "{free}");
    }
}

#[test]
fn instants() {
    let iat = |number: &str| claims(&format!(r#"{{"iat":{number}}}"#)).iat;
    assert_eq!(iat(&UNIX_NOW.to_string()), Some(NOW));
    assert_eq!(iat("1767225600.000001"), Some(NOW + 1));
    assert_eq!(iat("1.7672256e9"), Some(NOW));
    assert_eq!(iat("946684800"), Some(0));
    assert_eq!(iat("9224318016000"), Some(Micros::MAX));
    assert_eq!(iat("9224318015999"), Some(9_223_371_331_198_999_552));
    assert_eq!(iat("-210866803200"), Some(-211_813_488_000_000_000));
    assert_eq!(iat("-210866803201"), Some(Micros::MIN));
    assert_eq!(iat("1e400"), Some(Micros::MAX));
    assert_eq!(iat("-1e400"), Some(Micros::MIN));
    assert_eq!(iat("\"1767225600\""), None);
    assert_eq!(iat("null"), None);
}

/// Any JSON value. Its strings and names include those that the core reads.
fn json_value() -> impl Strategy<Value = Value> {
    let string = prop_oneof![
        "[a-z_\\\\\"/\u{e9}\u{1F600}\n]{0,6}",
        "(user|client|session|widget_session)_[0-9]{0,3}",
        Just("null".to_owned())
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        string.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner).prop_map(Value::Object),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = serde_json::Map<String, Value>> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "sub",
            "sid",
            "org_id",
            "user_role",
            "roles",
            "permissions",
            "act",
            "scope",
            "exp",
            "nbf",
            "iat"
        ])
        .prop_map(str::to_owned),
        "[a-z\"\\\\\u{e9}]{0,4}",
    ];
    prop::collection::hash_map(name, value, 0..8).prop_map(|members| members.into_iter().collect())
}

/// The rule for a string claim, implemented with another parser.
fn string_claim(claims: &Value, name: &str) -> Option<String> {
    claims.get(name)?.as_str().filter(|s| !s.is_empty()).map(str::to_owned)
}

fn list_claim(claims: &Value, name: &str) -> Option<Vec<String>> {
    claims.get(name)?.as_array()?.iter().map(|e| e.as_str().map(str::to_owned)).collect()
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(s) => s.contains('\0'),
        Value::Array(elements) => elements.iter().any(holds_nul),
        Value::Object(members) => {
            members.iter().any(|(name, member)| name.contains('\0') || holds_nul(member))
        }
        _ => false,
    }
}

fn read_back(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn owned(text: &Option<Box<str>>) -> Option<String> {
    text.as_deref().map(str::to_owned)
}

fn owned_list(list: &Option<Vec<Box<str>>>) -> Option<Vec<String>> {
    list.as_ref().map(|list| list.iter().map(|e| e.to_string()).collect())
}

proptest! {
    /// Texts of the characters that matter for the syntax. Many of them are well-formed by chance.
    #[test]
    fn any_text_is_claims_or_broken(inside in r#"(("[a\\u0d8ce"]{0,9}"|[a-z0\[\]{}:,." ]{0,4})[:,]?){0,4}"#, wrapped: bool) {
        let text = if wrapped { format!("{{{inside}}}") } else { inside };
        let another = serde_json::from_str::<serde_json::Map<String, Value>>(&text);
        let well_formed = another.is_ok_and(|members| !holds_nul(&Value::Object(members)));
        prop_assert_eq!(Claims::parse(&text).is_ok_and(|claims| claims.is_some()), well_formed);
    }

    #[test]
    fn any_string_is_read_or_refused(inside in r#"(\\u(0000|d83d|de00|00e9|005c|0022)|\\\\|\\"|u0000|d800|x){0,8}"#) {
        let text = format!(r#"{{"org_id":"{inside}"}}"#);
        match serde_json::from_str::<Value>(&text) {
            Ok(value) if holds_nul(&value) => prop_assert_eq!(broken(&text), Broken::Nul),
            Ok(value) => prop_assert_eq!(owned(&claims(&text).org_id), string_claim(&value, "org_id")),
            // The error names the first problem in the text.
            Err(_) => prop_assert!(matches!(broken(&text), Broken::LoneSurrogate | Broken::Nul)),
        }
    }

    #[test]
    fn claims_are_what_another_parser_reads(members in object(json_value()), pretty: bool) {
        let value = Value::Object(members);
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let claims = claims(&text);
        prop_assert_eq!(owned(&claims.sub), string_claim(&value, "sub"));
        prop_assert_eq!(owned(&claims.sid), string_claim(&value, "sid"));
        prop_assert_eq!(owned(&claims.org_id), string_claim(&value, "org_id"));
        prop_assert_eq!(owned(&claims.user_role), string_claim(&value, "user_role"));
        prop_assert_eq!(owned_list(&claims.roles), list_claim(&value, "roles"));
        prop_assert_eq!(owned_list(&claims.permissions), list_claim(&value, "permissions"));
        prop_assert_eq!(owned(&claims.actor), value.get("act").and_then(|act| string_claim(act, "sub")));
        prop_assert_eq!(claims.has_scope, value.get("scope").is_some());
        prop_assert_eq!(claims.iat.is_some(), value.get("iat").is_some_and(Value::is_number));
        for (name, member) in value.as_object().unwrap() {
            let text = claims.text(name);
            match member {
                Value::Null => prop_assert_eq!(text, None),
                Value::String(s) => prop_assert_eq!(text, (!s.is_empty()).then_some(&**s)),
                // Both are parsed again, because this parser rounds numbers.
                other => prop_assert_eq!(read_back(text.unwrap()), read_back(&other.to_string())),
            }
        }
    }

    #[test]
    fn only_a_session_has_a_user(members in object(json_value())) {
        let value = Value::Object(members);
        let claims = claims(&value.to_string());
        let sub = string_claim(&value, "sub").unwrap_or_default();
        let sid = string_claim(&value, "sid");
        let is_session = sub.starts_with("user_") && value.get("scope").is_none() && sid.is_some_and(|sid| sid.starts_with("session_"));
        prop_assert_eq!(Session::of(&claims).is_some(), is_session);
        if let Some(session) = Session::of(&claims) {
            prop_assert_eq!(session.user_id(), Some(&*sub));
            prop_assert!(session.role().is_none_or(|role| session.roles().any(|r| r == role) && !role.is_empty() && role != "authenticated"));
        }
    }

    #[test]
    fn the_last_of_equal_names_wins(first in json_value(), last in json_value()) {
        let twice = claims(&format!(r#"{{"sub":{first},"sub":{last}}}"#));
        let once = claims(&format!(r#"{{"sub":{last}}}"#));
        prop_assert_eq!(&twice.sub, &once.sub);
        prop_assert_eq!(twice.in_force(NOW), once.in_force(NOW));
    }

    #[test]
    fn expired_claims_never_come_back(exp in any::<f64>(), now: Micros, later: Micros) {
        let claims = claims(&json!({"exp": exp}).to_string());
        let (now, later) = (now.min(later), now.max(later));
        prop_assert!(claims.in_force(now) || !claims.in_force(later));
    }
}

#[test]
fn now_is_on_the_same_clock() {
    let unix = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let issued = claims(&format!(r#"{{"iat":{unix}}}"#)).iat.unwrap();
    assert!((issued..issued + 60_000_000).contains(&crate::claims::now()));
}

#[test]
fn any_issuer_or_none() {
    use crate::issuer::Issuers;
    assert!(Issuers::new([("*", "{}")]).any());
    assert!(!Issuers::new([]).any());
    assert!(!Issuers::new([("-", "{}")]).any());
    assert!(!Issuers::new([("*", "{}"), ("-", "{}")]).any());
    let beside = Issuers::new([("*", "{}"), ("https://a.example", "{}")]);
    assert!(!beside.any() && beside.find("https://a.example").is_some());
    for row in ["*", "-"] {
        assert!(Issuers::new([(row, "{}")]).find(row).is_none());
    }
}
