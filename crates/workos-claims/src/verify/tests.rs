use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use jsonwebtoken::EncodingKey;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::audience::Audiences;
use crate::issuer::{ANY, is_issuer};
use crate::jwks::{KeySet, Unfit};
use crate::session::Kind;

const ISSUER: &str = "https://api.workos.com/user_management/client_01A";
const NOW: i64 = 1_800_000_000;

/// A Unix time on the clock of Postgres.
fn at(seconds: i64) -> Micros {
    (seconds - 946_684_800) * 1_000_000
}

struct Key {
    signing: EncodingKey,
    n: String,
    e: String,
}

impl Key {
    fn generate(size: KeySize) -> Key {
        let pair = RsaKeyPair::generate(size).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // jsonwebtoken wants PKCS#1, which is the last octet string of PKCS#8.
        let signing = EncodingKey::from_rsa_der(pkcs1(der.as_ref()));
        let components = pair.public_key();
        let n = URL_SAFE_NO_PAD.encode(components.modulus().big_endian_without_leading_zero());
        let e = URL_SAFE_NO_PAD.encode(components.exponent().big_endian_without_leading_zero());
        Key { signing, n, e }
    }

    fn jwk(&self, kid: &str) -> Value {
        json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": self.n, "e": self.e, "x5t#S256": "odd"})
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        self.sign(&header.to_string(), &claims.to_string(), Algorithm::RS256)
    }

    fn sign(&self, header: &str, claims: &str, algorithm: Algorithm) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = crypto::sign(message.as_bytes(), &self.signing, algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

fn pkcs1(pkcs8: &[u8]) -> &[u8] {
    let start = pkcs8.windows(4).position(|w| w == [0x02, 0x01, 0x00, 0x02]).unwrap();
    let header = pkcs8[..start].iter().rposition(|&byte| byte == 0x30).unwrap();
    &pkcs8[header..]
}

static OURS: LazyLock<Key> = LazyLock::new(|| Key::generate(KeySize::Rsa2048));
static OTHER: LazyLock<Key> = LazyLock::new(|| Key::generate(KeySize::Rsa3072));

fn issuers() -> Issuers {
    let ours = json!({"keys": [OURS.jwk("k1"), {"kty": "EC", "kid": "ec", "crv": "P-256"}]}).to_string();
    let other = json!({"keys": [OTHER.jwk("k1"), OURS.jwk("k2")]}).to_string();
    Issuers::new([(ISSUER, &*ours), ("https://api.workos.com", &*other), ("https://broken.example", "{}")])
}

fn header() -> Value {
    json!({"alg": "RS256", "kid": "k1"})
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "user_1", "sid": "session_1", "jti": "j", "org_id": "org_1",
        "role": "member", "permissions": ["a"], "iat": NOW, "exp": NOW + 300,
    })
}

/// The claims with some of them changed. `null` removes a claim.
fn with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            _ => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// The user of a token at `NOW`, or why the token is refused.
fn user(token: impl AsRef<[u8]>) -> Result<String, Refusal> {
    let verified = verify(token.as_ref(), &issuers())?;
    verified.session_at(at(NOW)).map(|session| session.user_id().unwrap().into())
}

fn accepts(changes: Value) {
    assert_eq!(user(OURS.token(&header(), &with(changes.clone()))).as_deref(), Ok("user_1"), "{changes}");
}

fn refuses(changes: Value, why: Refusal) {
    assert_eq!(user(OURS.token(&header(), &with(changes.clone()))), Err(why), "{changes}");
}

fn refuses_header(header: Value, why: Refusal) {
    assert_eq!(user(OURS.token(&header, &claims())), Err(why), "{header}");
}

#[test]
fn a_valid_token_works_whatever_else_it_carries() {
    accepts(json!({}));
    accepts(json!({"email": "a@b.c", "n": 1e308, "big": 123456789012345678901234567890f64,
        "t": true, "o": {"aud": 1}, "l": [1, null], "urn:app:plan": "x", "iat": null, "nbf": NOW}));
    for header in [
        json!({"alg": "RS256", "kid": "k1", "typ": "JWT"}),
        json!({"alg": "RS256", "kid": "k1", "typ": "at+jwt", "cty": 5}),
        json!({"alg": "RS256"}),
    ] {
        assert_eq!(user(OURS.token(&header, &claims())).as_deref(), Ok("user_1"), "{header}");
    }
    let token = OURS.token(&header(), &claims());
    let verified = verify(token.as_bytes(), &issuers()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&verified.payload).unwrap(), claims());
    assert_eq!(verified.session_at(at(NOW)).unwrap().role(), Some("member"));
}

#[test]
fn only_rs256_chosen_by_the_key() {
    use Refusal::WrongAlgorithm;
    for algorithm in [Algorithm::RS512, Algorithm::PS256, Algorithm::RS384] {
        let header = json!({"alg": algorithm, "kid": "k1"}).to_string();
        assert_eq!(user(OURS.sign(&header, &claims().to_string(), algorithm)), Err(WrongAlgorithm));
        // The same token with `alg` RS256 in its header is refused, too.
        let token = OURS.sign(&self::header().to_string(), &claims().to_string(), algorithm);
        assert_eq!(user(token), Err(Refusal::BadSignature));
    }
    for alg in ["none", "None", "NONE", "rs256", "ES256", "HS256", ""] {
        refuses_header(json!({"alg": alg, "kid": "k1"}), WrongAlgorithm);
    }
    refuses_header(json!({"kid": "k1"}), WrongAlgorithm);
    refuses_header(json!({"kid": "k1", "alg": ["RS256"]}), WrongAlgorithm);

    let unsigned = |header: &str| {
        let payload = URL_SAFE_NO_PAD.encode(claims().to_string());
        format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header))
    };
    assert_eq!(user(unsigned(r#"{"alg":"none","kid":"k1"}"#)), Err(WrongAlgorithm));
    assert_eq!(user(unsigned(r#"{"alg":"RS256","kid":"k1"}"#)), Err(Refusal::BadSignature));

    // The public key is used as the secret of an HMAC, in the formats in which the key is published.
    for secret in [OURS.n.clone(), OURS.jwk("k1").to_string()] {
        for alg in ["HS256", "RS256"] {
            let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "kid": "k1"}).to_string());
            let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims().to_string()));
            let hmac = EncodingKey::from_secret(secret.as_bytes());
            let signature = crypto::sign(message.as_bytes(), &hmac, Algorithm::HS256).unwrap();
            let why = if alg == "HS256" { WrongAlgorithm } else { Refusal::BadSignature };
            assert_eq!(user(format!("{message}.{signature}")), Err(why));
        }
    }
}

#[test]
fn the_key_is_one_of_the_issuer() {
    refuses_header(json!({"alg": "RS256", "kid": "k2"}), Refusal::UnknownKey);
    refuses_header(json!({"alg": "RS256", "kid": "K1"}), Refusal::UnknownKey);
    refuses_header(json!({"alg": "RS256", "kid": "ec"}), Refusal::UnknownKey);
    refuses_header(json!({"alg": "RS256", "kid": ""}), Refusal::UnknownKey);
    refuses_header(json!({"alg": "RS256", "kid": 1}), Refusal::UnknownKey);
    refuses_header(json!({"alg": "RS256", "kid": null}), Refusal::UnknownKey);
    // A key with the same `kid`, but of another issuer, in both directions.
    assert_eq!(user(OTHER.token(&header(), &claims())), Err(Refusal::BadSignature));
    let other = with(json!({"iss": "https://api.workos.com"}));
    assert_eq!(user(OTHER.token(&header(), &other)).as_deref(), Ok("user_1"));
    assert_eq!(user(OURS.token(&header(), &other)), Err(Refusal::BadSignature));
    assert_eq!(user(OURS.token(&json!({"alg": "RS256", "kid": "k2"}), &other)).as_deref(), Ok("user_1"));
    // The token has no `kid`, and the issuer has two keys.
    assert_eq!(user(OTHER.token(&json!({"alg": "RS256"}), &other)), Err(Refusal::UnknownKey));
    // Keys inside the token.
    for extra in ["jku", "x5u", "jwk", "x5c"] {
        let brought = json!({"alg": "RS256", "kid": "k1", extra: OTHER.jwk("k1")});
        assert_eq!(user(OTHER.token(&brought, &claims())), Err(Refusal::BadSignature), "{extra}");
        assert_eq!(
            user(OURS.token(&brought, &claims())).as_deref(),
            Ok("user_1"),
            "{extra} is not looked at"
        );
    }
    refuses(json!({"iss": "https://broken.example"}), Refusal::UnknownKey);
}

#[test]
fn the_issuer_is_trusted_to_the_letter() {
    accepts(json!({"iss": format!("{ISSUER}/")}));
    for iss in [
        format!("{ISSUER}//"),
        format!("{ISSUER}a"),
        format!(" {ISSUER}"),
        ISSUER.to_uppercase(),
        ISSUER.replace("https", "http"),
        ISSUER.replace("client_01A", "client_01"),
        ISSUER.replace("client_01A", "client_01a"),
        "https://api.workos.com/user_management".into(),
        "https://api.workos.com.evil.example".into(),
    ] {
        refuses(json!({"iss": iss}), Refusal::UnknownIssuer);
    }
    for iss in [json!(null), json!([ISSUER]), json!(""), json!(1), json!({"iss": ISSUER})] {
        refuses(json!({"iss": iss}), Refusal::LacksClaim);
    }
    let nobody = Issuers::default();
    let token = OURS.token(&header(), &claims());
    assert_eq!(verify(token.as_bytes(), &nobody).unwrap_err(), Refusal::UnknownIssuer);
}

#[test]
fn any_issuer_stands_alone() {
    let keys = json!({"keys": [OURS.jwk("k1")]}).to_string();
    assert!(Issuers::new([(ANY, "{}")]).any());
    assert!(!Issuers::new([(ANY, "{}"), (ISSUER, &*keys)]).any());
    assert!(!Issuers::new([(ISSUER, &*keys)]).any());
    assert!(!Issuers::new([]).any());
    assert!(!Issuers::default().any());
    // Nor is it an issuer by whose keys a token is verified.
    let token = OURS.token(&header(), &with(json!({"iss": ANY})));
    let named = Issuers::new([(ANY, &*keys)]);
    assert_eq!(verify(token.as_bytes(), &named).unwrap_err(), Refusal::UnknownIssuer);
}

#[test]
fn only_in_its_time() {
    for exp in [json!(NOW - 29), json!(NOW + 1), json!(NOW as f64 + 0.5)] {
        accepts(json!({"exp": exp}));
    }
    for exp in [json!(NOW - 31), json!(NOW - 30), json!(0), json!(-1), json!(NOW as f64 - 30.5)] {
        refuses(json!({"exp": exp}), Refusal::Expired);
    }
    for exp in [json!(null), json!((NOW + 300).to_string()), json!("never"), json!([NOW + 300]), json!(true)]
    {
        refuses(json!({"exp": exp}), Refusal::LacksClaim);
    }
    refuses(json!({"exp": 1e300}), Refusal::LacksClaim);
    accepts(json!({"nbf": NOW + 29}));
    accepts(json!({"iat": NOW + 29}));
    refuses(json!({"nbf": NOW + 31}), Refusal::NotYetValid);
    refuses(json!({"iat": NOW + 31}), Refusal::NotYetValid);
    refuses(json!({"nbf": "soon"}), Refusal::NotYetValid);
    refuses(json!({"sub": null}), Refusal::LacksClaim);
    refuses(json!({"sub": ""}), Refusal::LacksClaim);

    let token = OURS.token(&header(), &claims());
    let verified = verify(token.as_bytes(), &issuers()).unwrap();
    assert!(verified.at(at(NOW + 329)).is_ok());
    assert_eq!(verified.at(at(NOW + 330)).unwrap_err(), Refusal::Expired);
    assert_eq!(verified.at(at(NOW - 31)).unwrap_err(), Refusal::NotYetValid);
}

#[test]
fn for_this_application() {
    accepts(json!({"aud": "client_01A", "client_id": "client_01A"}));
    accepts(json!({"aud": ["https://x.example", "client_01A"]}));
    for aud in [
        json!("client_02"),
        json!(["client_02", "client_01"]),
        json!([]),
        json!(""),
        json!(7),
        json!({"client_01A": true}),
        json!(["client_01A", 7]),
        json!([["client_01A"]]),
    ] {
        refuses(json!({"aud": aud}), Refusal::WrongAudience);
    }
    for id in [json!("client_02"), json!(""), json!(["client_01A"])] {
        refuses(json!({"client_id": id}), Refusal::WrongClient);
    }
    // If the issuer's URL has no client id, `client_id` is not checked.
    let legacy = with(json!({"iss": "https://api.workos.com", "client_id": "client_02"}));
    assert_eq!(user(OTHER.token(&header(), &legacy)).as_deref(), Ok("user_1"));
    // `null` in the header is a value, and it is not a known `kid`.
    let token = OURS.sign(
        &header().to_string(),
        &claims().to_string().replace(r#""jti""#, r#""aud":null,"jti""#),
        Algorithm::RS256,
    );
    assert_eq!(user(token), Err(Refusal::WrongAudience));
}

/// What a token of an issuer whose URL names no application is worth, where these audiences are accepted.
fn for_audience(accepted: &[&str], changes: Value) -> Result<(), Refusal> {
    let mut claims = with(json!({"iss": "https://api.workos.com"}));
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let issuers = issuers().accepting(Audiences::new(accepted.iter().copied()));
    verify(OTHER.token(&header(), &claims).as_bytes(), &issuers).map(|_| ())
}

#[test]
fn for_an_accepted_audience() {
    const OURS: &str = "https://db.example/mcp";
    let kinds = [
        json!({}),
        json!({"sid": "consent", "scope": "read"}),
        json!({"sub": "client_1", "scope": "read"}),
        json!({"sid": "widget_session_1"}),
        json!({"sub": "someone"}),
    ];
    let with_aud = |kind: &Value, aud: &Value| {
        let mut changes = kind.clone();
        changes["aud"] = aud.clone();
        changes
    };
    for kind in &kinds {
        // Without an audience, no token is for another one.
        assert_eq!(for_audience(&[], kind.clone()), Ok(()), "{kind}");
        assert_eq!(for_audience(&[OURS], kind.clone()), Ok(()), "{kind}");
        for aud in [json!(OURS), json!(["x", OURS])] {
            assert_eq!(for_audience(&[OURS, "y"], with_aud(kind, &aud)), Ok(()), "{kind} {aud}");
            assert_eq!(for_audience(&[], with_aud(kind, &aud)), Err(Refusal::WrongAudience), "{kind} {aud}");
        }
        for aud in [
            json!("x"),
            json!([]),
            json!(""),
            json!(null),
            json!(7),
            json!([OURS, 7]),
            json!({OURS: 1}),
            json!("https://db.example/mcp/"),
        ] {
            assert_eq!(
                for_audience(&[OURS], with_aud(kind, &aud)),
                Err(Refusal::WrongAudience),
                "{kind} {aud}"
            );
        }
    }
    // Where the URL names an application, a token of another kind must be for an accepted audience, too, once there is one.
    let own = |accepted: &[&str], changes: Value| {
        let issuers = issuers().accepting(Audiences::new(accepted.iter().copied()));
        let token = self::OURS.token(&header(), &with(changes));
        verify(token.as_bytes(), &issuers).map(|verified| verified.ours)
    };
    assert_eq!(own(&[], json!({"aud": "client_01A", "scope": "read"})), Ok(false));
    assert_eq!(own(&[OURS], json!({"aud": "client_01A", "scope": "read"})), Err(Refusal::WrongAudience));
    assert_eq!(own(&[OURS, "client_01A"], json!({"aud": "client_01A", "scope": "read"})), Ok(true));
    assert_eq!(own(&[OURS], json!({"aud": "client_01A"})), Ok(false));
    assert_eq!(own(&[OURS], json!({"aud": OURS})), Err(Refusal::WrongAudience));
}

#[test]
fn an_application_signs_in_for_a_user() {
    let signs_in = |changes: Value| {
        let issuers = issuers().accepting(Audiences::new(["client_01A"]));
        let verified = verify(OURS.token(&header(), &with(changes)).as_bytes(), &issuers)?;
        verified.delegated_user_at(at(NOW)).map(|user| user.map(str::to_owned))
    };
    assert_eq!(signs_in(json!({"aud": "client_01A", "scope": "read"})), Ok(Some("user_1".into())));
    assert_eq!(
        signs_in(json!({"aud": "client_01A", "scope": "read", "exp": NOW - 31})),
        Err(Refusal::Expired)
    );
    assert_eq!(signs_in(json!({"scope": "read"})), Err(Refusal::WrongAudience));
    for other in
        [json!({}), json!({"sub": "client_1"}), json!({"sid": null}), json!({"sub": "x", "scope": "read"})]
    {
        let mut changes = other.clone();
        changes["aud"] = json!("client_01A");
        assert_eq!(signs_in(changes), Err(Refusal::NotDelegated), "{other}");
    }
    // It is no session, whatever it has been granted.
    refuses(json!({"aud": "client_01A", "scope": "read"}), Refusal::NotASession);
}

#[test]
fn only_a_session_is_a_user() {
    refuses(json!({"sub": "client_1", "sid": null}), Refusal::NotASession);
    refuses(json!({"sid": "widget_session_1"}), Refusal::NotASession);
    refuses(json!({"scope": "openid"}), Refusal::NotASession);
    refuses(json!({"sid": null}), Refusal::NotASession);
    refuses(json!({"sid": "consent_1"}), Refusal::NotASession);
    refuses(json!({"sub": "0b6f0a33-3a5c-4a6c-8d3a-4f0a3c0f7b11"}), Refusal::NotASession);
    // These tokens are valid. Only their kind is not a session.
    let machine = OURS.token(&header(), &with(json!({"sub": "client_1", "sid": null})));
    assert_eq!(
        Kind::of(verify(machine.as_bytes(), &issuers()).unwrap().at(at(NOW)).unwrap()),
        Kind::Application
    );
}

#[test]
fn exactly_three_clean_segments() {
    use Refusal::Malformed;
    let token = OURS.token(&header(), &claims());
    let [header, payload, signature] = segments(&token).unwrap();
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!(".{payload}.{signature}"),
        format!("{token}="),
        format!("{token}=="),
        format!("{token}\n"),
        format!(" {token}"),
        format!("Bearer {token}"),
        format!("{header}.\n{payload}.{signature}"),
        format!("{header}=.{payload}.{signature}"),
        token.replace('.', " . "),
        format!("{token}\0"),
        format!("{token}\u{e9}"),
    ] {
        assert_eq!(user(&bad), Err(Malformed), "{bad:?}");
    }
    assert_eq!(user([b"\xff", token.as_bytes()].concat()), Err(Malformed));

    // Standard base64 differs from base64url in two characters, so the token must contain these.
    let odd = OURS.token(&self::header(), &with(json!({"x": "?>?>?~~~"})));
    assert!(odd.contains(['-', '_']));
    let standard = odd.replace('-', "+").replace('_', "/");
    assert_eq!(user(standard), Err(Malformed));

    for (header, payload) in [
        ("[]", claims().to_string()),
        ("null", claims().to_string()),
        ("{", claims().to_string()),
        (r#"{"alg":"RS256","alg":"RS256","kid":"k1"}"#, claims().to_string()),
        (r#"{"alg":"none","kid":"k1","alg":"RS256"}"#, claims().to_string()),
        (r#"{"alg":"RS256","kid":"k1"}"#, "[]".into()),
        (r#"{"alg":"RS256","kid":"k1"}"#, "null".into()),
        (r#"{"alg":"RS256","kid":"k1"}"#, "\"x\"".into()),
        (r#"{"alg":"RS256","kid":"k1"}"#, claims().to_string() + "{}"),
        (r#"{"alg":"RS256","kid":"k1"}"#, claims().to_string().replacen('{', r#"{"sub":"user_0","#, 1)),
        (r#"{"alg":"RS256","kid":"k1"}"#, claims().to_string().replace("user_1", r"user_1\u0000")),
        (r#"{"alg":"RS256","kid":"k1"}"#, claims().to_string().replace("user_1", r"user_1\ud800")),
        (r#"{"alg":"RS256","kid":"k1"}"#, claims().to_string().replacen('{', r#"{"s\u0075b":"x","#, 1)),
    ] {
        assert_eq!(user(OURS.sign(header, &payload, Algorithm::RS256)), Err(Malformed), "{header} {payload}");
    }
    for crit in [json!(["exp"]), json!([]), json!(null)] {
        refuses_header(json!({"alg": "RS256", "kid": "k1", "crit": crit}), Refusal::Critical);
    }
}

#[test]
fn at_most_16_kib() {
    // The length of base64 grows in steps of more than one byte, so both the header and the payload are padded.
    let of_length = |length: usize| {
        let sized = |fill: usize, typ: usize| {
            let header = json!({"alg": "RS256", "kid": "k1", "typ": "t".repeat(typ)});
            OURS.token(&header, &with(json!({"x": "x".repeat(fill)})))
        };
        let fill = (length - sized(0, 0).len()) * 3 / 4 - 4;
        let sizes = (0..9).flat_map(|more| (0..4).map(move |typ| (fill + more, typ)));
        sizes.map(|(fill, typ)| sized(fill, typ)).find(|token| token.len() == length).unwrap()
    };
    assert_eq!(user(of_length(LONGEST)).as_deref(), Ok("user_1"));
    assert_eq!(user(of_length(LONGEST + 1)), Err(Refusal::TooLong));
}

#[test]
fn no_bit_can_be_flipped() {
    let token = OURS.token(&header(), &claims()).into_bytes();
    let issuers = issuers();
    for at in 0..token.len() {
        for bit in 0..8 {
            let mut flipped = token.clone();
            flipped[at] ^= 1 << bit;
            assert!(verify(&flipped, &issuers).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_set_of_keys_to_trust() {
    let unfit = |keys: Value| KeySet::parse(&json!({ "keys": keys }).to_string()).err();
    let changed = |name: &str, value: Value| {
        let mut key = OURS.jwk("k1");
        key[name] = value;
        key
    };
    let number = |bytes: &[u8]| json!(URL_SAFE_NO_PAD.encode(bytes));

    assert_eq!(unfit(json!([OURS.jwk("k1"), OTHER.jwk("k2")])), None);
    assert_eq!(unfit(json!([OURS.jwk("k1"), {"kty": "oct", "kid": "h", "k": "c2VjcmV0"}])), None);
    for not_a_set in ["", "[]", "null", "7", "{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#, r#"{"keys":null}"#] {
        assert_eq!(KeySet::parse(not_a_set).err(), Some(Unfit::NotAKeySet), "{not_a_set}");
    }
    for unusable in [
        json!([]),
        json!([{"kty": "oct", "kid": "h", "k": "c2VjcmV0"}]),
        json!([{"kty": "EC", "crv": "P-256"}]),
        json!([changed("use", json!("enc"))]),
        json!([changed("use", json!(1))]),
        json!([changed("alg", json!("RS512"))]),
        json!([changed("alg", json!("HS256"))]),
        json!([changed("kty", json!("oct"))]),
        json!([changed("key_ops", json!(["sign"]))]),
    ] {
        assert_eq!(unfit(unusable.clone()), Some(Unfit::NoKey), "{unusable}");
    }
    assert_eq!(unfit(json!([changed("key_ops", json!(["verify"]))])), None);
    for (name, value) in [
        ("n", number(&[0xff; 256])),
        ("n", number(&[0xff; 1024])),
        ("e", number(&[3])),
        ("e", number(&[1, 0, 0, 0, 1])),
        ("e", number(&[0, 0, 3])),
    ] {
        assert_eq!(unfit(json!([changed(name, value.clone())])), None, "{name} {value}");
    }
    let mut weak = vec![0xff; 128];
    assert_eq!(unfit(json!([changed("n", number(&weak))])), Some(Unfit::WeakKey));
    weak.splice(0..0, [0; 256]);
    assert_eq!(unfit(json!([changed("n", number(&weak))])), Some(Unfit::WeakKey), "zeros are no strength");
    let mut bits_2047 = vec![0xff; 256];
    bits_2047[0] = 0x7f;
    assert_eq!(
        unfit(json!([OURS.jwk("k1"), changed("n", number(&bits_2047)).clone()])),
        Some(Unfit::RepeatedKid)
    );
    assert_eq!(unfit(json!([changed("n", number(&bits_2047))])), Some(Unfit::WeakKey));
    let mut even = vec![0xff; 256];
    even[255] = 0xfe;
    for (name, value) in [
        ("n", number(&even)),
        ("n", number(&[0xff; 1025])),
        ("n", json!("not base64!")),
        ("n", json!(null)),
        ("e", number(&[1])),
        ("e", number(&[0])),
        ("e", number(&[2])),
        ("e", number(&[])),
        ("e", number(&[3, 0, 0, 0, 1])),
        ("n", number(&[1; 1025])),
        ("e", json!(65537)),
    ] {
        assert_eq!(unfit(json!([changed(name, value.clone())])), Some(Unfit::BrokenKey), "{name} {value}");
    }
    assert_eq!(unfit(json!([OURS.jwk("k"), OTHER.jwk("k")])), Some(Unfit::RepeatedKid));
    assert_eq!(unfit(json!([OURS.jwk("k"), {"kty": "EC", "kid": "k"}])), Some(Unfit::RepeatedKid));
    assert_eq!(unfit(json!([changed("d", json!("AQAB"))])), Some(Unfit::PrivateKey));
}

#[test]
fn names_of_issuers() {
    for good in [
        ISSUER,
        "https://api.workos.com",
        "http://localhost:4100/x",
        "https://auth.example/user_management/client_1",
    ] {
        assert!(is_issuer(good), "{good}");
    }
    for bad in [
        "",
        "https://",
        "https:///",
        "https://a/",
        "api.workos.com",
        "ftp://a",
        " https://a",
        "https://a b",
        "https://ä",
    ] {
        assert!(!is_issuer(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_pass(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verify(&bytes, &Issuers::default()).is_err());
    }

    #[test]
    fn no_three_segments_make_it_panic_or_pass(header in ".{0,60}", payload in ".{0,200}", signature in ".{0,60}") {
        let token = [header, payload, signature].map(|s| URL_SAFE_NO_PAD.encode(s)).join(".");
        prop_assert!(verify(token.as_bytes(), &issuers()).is_err());
    }

    #[test]
    fn any_text_is_a_key_set_or_not(text in ".{0,300}") {
        prop_assert!(KeySet::parse(&text).is_err());
    }

    /// Signed texts of many shapes: jsonwebtoken accepts each text that is accepted here, and reads the same claims.
    #[test]
    fn nothing_is_accepted_that_another_reader_refuses(
        at in 0usize..400,
        inserted in r#"(["{}\[\]:,\\u0a1. \n]|sub|"sub":"user_2",|"exp":1,|"iss":"x",|null){0,3}"#,
        removed in 0usize..4,
        in_header in prop::bool::weighted(0.3),
    ) {
        let (mut header, mut payload) = (header().to_string(), claims().to_string());
        let text = if in_header { &mut header } else { &mut payload };
        let at = at % text.len();
        text.replace_range(at..(at + removed).min(text.len()), &inserted);
        let token = OURS.sign(&header, &payload, Algorithm::RS256);
        if let Ok(verified) = verify(token.as_bytes(), &issuers()) {
            let mut rules = jsonwebtoken::Validation::new(Algorithm::RS256);
            rules.set_required_spec_claims(&["iss", "sub", "exp"]);
            rules.set_issuer(&[ISSUER, &format!("{ISSUER}/")]);
            rules.validate_aud = false;
            rules.validate_exp = false;
            let key = jsonwebtoken::DecodingKey::from_rsa_components(&OURS.n, &OURS.e).unwrap();
            let read = jsonwebtoken::decode::<Value>(&token, &key, &rules);
            prop_assert!(read.is_ok(), "{header} {payload}: {read:?}");
            let other = read.unwrap().claims;
            prop_assert_eq!(other["sub"].as_str(), verified.claims.sub.as_deref());
            prop_assert_eq!(other["org_id"].as_str().filter(|id| !id.is_empty()), verified.claims.org_id.as_deref());
        }
    }
}
