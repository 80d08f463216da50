//! Compares which tokens are accepted, and at which times.
//!
//! Each input is used twice: as a token, and as the parts of a token that is then signed, so that the checks after the
//! signature are reached. The parts are lines: the header, the payload, and then changes to the signed token, four bytes
//! each.

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};

use crate::claims::{AUDIENCES, Source, audience, compare, expired_and_early, instant, kind, moments};
use crate::json::{Document, Json};
use workos_claims::audience::Audiences;
use workos_claims::issuer::Issuers;
use workos_claims::verify::{LONGEST, Refusal, Verified, verify};

/// A key for fuzzing only, because its private half is public. It is fixed, so that stored inputs stay valid.
static KEY: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::from_der(include_bytes!("../test-key-for-fuzzing-only.der")).unwrap());

struct Trusted {
    url: &'static str,
    /// The application at the end of the URL.
    client_id: Option<&'static str>,
    /// The `kid` of each key, and whether it is [`KEY`] or a key that signs nothing.
    keys: &'static [(Option<&'static str>, bool)],
}

const TRUSTED: [Trusted; 4] = [
    Trusted {
        url: "https://api.workos.com/user_management/client_01A",
        client_id: Some("client_01A"),
        keys: &[(Some("k1"), true), (Some("k2"), false)],
    },
    Trusted { url: "https://api.workos.com", client_id: None, keys: &[(Some("k1"), true)] },
    Trusted { url: "https://auth.example/client_", client_id: Some("client_"), keys: &[(None, true)] },
    Trusted { url: "https://keyless.example", client_id: None, keys: &[] },
];

static ISSUERS: LazyLock<Issuers> = LazyLock::new(|| {
    let sets = TRUSTED.map(|trusted| (trusted.url, jwks(&trusted)));
    Issuers::new(sets.iter().map(|(url, jwks)| (*url, &**jwks))).accepting(Audiences::new(AUDIENCES))
});

fn modulus(ours: bool) -> Vec<u8> {
    if ours { PublicKeyComponents::from(KEY.public()).n } else { vec![0xff; 256] }
}

fn jwks(trusted: &Trusted) -> String {
    let key = |&(kid, ours): &(Option<&str>, bool)| {
        let kid = kid.map(|kid| format!(r#""kid":"{kid}","#)).unwrap_or_default();
        format!(r#"{{"kty":"RSA",{kid}"e":"AQAB","n":"{}"}}"#, BASE64URL_NOPAD.encode(&modulus(ours)))
    };
    format!(r#"{{"keys":[{}]}}"#, trusted.keys.iter().map(key).collect::<Vec<_>>().join(","))
}

pub fn fuzz(data: &[u8]) {
    let _ = check(data);

    let mut lines = data.splitn(3, |&byte| byte == b'\n');
    let [header, payload] = [lines.next().unwrap_or_default(), lines.next().unwrap_or_default()];
    let changes = lines.next().unwrap_or_default();
    let message = format!("{}.{}", BASE64URL_NOPAD.encode(header), BASE64URL_NOPAD.encode(payload));

    // Signing takes longer than everything else. A token that is refused before the signature check does not need a valid
    // signature.
    let forged = format!("{message}.{}", BASE64URL_NOPAD.encode(&[1; 256]));
    if !matches!(check(forged.as_bytes()), Err(Refusal::BadSignature)) {
        return;
    }
    let mut signature = [0; 256];
    let random = ring::rand::SystemRandom::new();
    KEY.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).unwrap();
    let signed = format!("{message}.{}", BASE64URL_NOPAD.encode(&signature)).into_bytes();
    let verified = check(&signed);
    if let Ok(verified) = &verified {
        assert_eq!(verified.payload.as_bytes(), payload);
    }

    let changed = change(&signed, changes);
    if changed != signed {
        assert!(check(&changed).is_err());
    }
}

fn change(token: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut token = token.to_vec();
    for change in changes.chunks_exact(4) {
        let at = usize::from(u16::from_be_bytes([change[1], change[2]])) % token.len().max(1);
        match change[0] % 5 {
            _ if token.is_empty() => {}
            0 => token[at] ^= change[3],
            1 => token[at] = change[3],
            2 => token.insert(at, change[3]),
            3 => drop(token.drain(at..(at + usize::from(change[3])).min(token.len()))),
            _ => token.extend(std::iter::repeat_n(b'A', usize::from(change[3]) * 80)),
        }
    }
    token
}

/// The result of the core, after it was checked.
fn check(token: &[u8]) -> Result<Verified, Refusal> {
    let answer = verify(token, &ISSUERS);
    let reasons = reasons(token);
    match &answer {
        Err(why) => assert!(reasons.contains(why), "{why:?}, not {reasons:?}"),
        Ok(_) => assert!(reasons.is_empty(), "accepted in spite of {reasons:?}"),
    }
    if let Ok(verified) = &answer {
        check_times(verified, &Document::parse(&verified.payload).unwrap());
    }
    answer
}

fn check_times(verified: &Verified, payload: &Document<'_>) {
    compare(&verified.claims, payload, Source::Token);
    for now in moments(&payload.root) {
        let (expired, early) = expired_and_early(&payload.root, now, Source::Token);
        let (Some(expired), Some(early)) = (expired, early) else { continue };
        let refusal = match (expired, early) {
            (true, _) => Some(Refusal::Expired),
            (_, true) => Some(Refusal::NotYetValid),
            _ => None,
        };
        assert_eq!(verified.at(now).err(), refusal);
        let of_ours = audience(&payload.root).iter().any(|aud| AUDIENCES.contains(aud));
        let no_delegate = match (kind(&payload.root), of_ours) {
            ("oauth", true) => None,
            ("oauth", false) => Some(Refusal::WrongAudience),
            _ => Some(Refusal::NotDelegated),
        };
        assert_eq!(verified.ours, of_ours);
        assert_eq!(verified.delegated_user_at(now).err(), refusal.or(no_delegate));
        let no_session = (kind(&payload.root) != "session").then_some(Refusal::NotASession);
        assert_eq!(verified.session_at(now).err(), refusal.or(no_session));
    }
}

/// Every reason to refuse a token. The core may return any of them.
fn reasons(token: &[u8]) -> Vec<Refusal> {
    let mut reasons = Vec::new();
    if token.len() > LONGEST {
        return vec![Refusal::TooLong];
    }
    let segments: Vec<_> = token.split(|&byte| byte == b'.').collect();
    let [header, payload, signature] = segments[..] else {
        reasons.push(Refusal::Malformed);
        return reasons;
    };
    let [header, payload] = [header, payload]
        .map(|segment| BASE64URL_NOPAD.decode(segment).ok().and_then(|bytes| String::from_utf8(bytes).ok()));
    let [header, payload] = [&header, &payload].map(|text| unambiguous(text.as_deref()?));
    let signature = BASE64URL_NOPAD.decode(signature).ok();
    if header.is_none() || payload.is_none() || signature.is_none() {
        reasons.push(Refusal::Malformed);
    }
    let Some(header) = header.map(|header| header.root) else { return reasons };
    if header.string_claim("alg") != Some("RS256") {
        reasons.push(Refusal::WrongAlgorithm);
    }
    if header.get("crit").is_some() {
        reasons.push(Refusal::Critical);
    }
    let Some(payload) = payload.map(|payload| payload.root) else { return reasons };
    let exp = instant(&payload, "exp").filter(|exp| !exp.is_beyond_last());
    if payload.string_claim("iss").is_none() || payload.string_claim("sub").is_none() || exp.is_none() {
        reasons.push(Refusal::LacksClaim);
    }
    let Some(issuer) = issuer(&payload) else {
        reasons.push(Refusal::UnknownIssuer);
        return reasons;
    };
    let of_an_application = ["oauth", "application"].contains(&kind(&payload));
    let for_others =
        payload.get("aud").is_some() && !audience(&payload).iter().any(|aud| AUDIENCES.contains(aud));
    if for_others && (issuer.client_id.is_none() || of_an_application) {
        reasons.push(Refusal::WrongAudience);
    }
    reasons.extend(issuer.client_id.into_iter().flat_map(|client_id| misdirected(&payload, client_id)));

    let Some(n) = key(&header, issuer) else {
        reasons.push(Refusal::UnknownKey);
        return reasons;
    };
    if let Some(signature) = signature {
        let signed = &token[..token.iter().rposition(|&byte| byte == b'.').unwrap()];
        let key = PublicKeyComponents { n: &*n, e: &[1, 0, 1] };
        if key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, &signature).is_err() {
            reasons.push(Refusal::BadSignature);
        }
    }
    reasons
}

/// An object without duplicate names, and without strings that Postgres cannot store.
fn unambiguous(text: &str) -> Option<Document<'_>> {
    let document = Document::parse(text)?;
    (document.root.members().is_some() && document.odd.is_none() && !document.root.doubled_name())
        .then_some(document)
}

/// One slash at the end is ignored.
fn issuer(payload: &Json<'_>) -> Option<&'static Trusted> {
    let iss = payload.string_claim("iss")?;
    TRUSTED.iter().find(|trusted| iss == trusted.url || iss == format!("{}/", trusted.url))
}

/// The modulus of the key that the header names. The header need not name it if there is only one.
fn key(header: &Json<'_>, issuer: &Trusted) -> Option<Vec<u8>> {
    let (_, ours) = match header.get("kid") {
        None if issuer.keys.len() == 1 => issuer.keys.first(),
        None => None,
        Some(_) => {
            let kid = header.string_claim("kid")?;
            issuer.keys.iter().find(|(name, _)| *name == Some(kid))
        }
    }?;
    Some(modulus(*ours))
}

/// Whether `aud` or `client_id` names another application.
fn misdirected(payload: &Json<'_>, client_id: &str) -> Vec<Refusal> {
    let mut reasons = Vec::new();
    if let Some(aud) = payload.get("aud") {
        let names_us =
            aud.string() == Some(client_id) || aud.strings().is_some_and(|all| all.contains(&client_id));
        reasons.extend((!names_us).then_some(Refusal::WrongAudience));
    }
    if let Some(id) = payload.get("client_id") {
        reasons.extend((id.string() != Some(client_id)).then_some(Refusal::WrongClient));
    }
    reasons
}
