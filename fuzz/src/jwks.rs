//! Compares which keys of a set are used, and which sets are refused.

use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::RsaPublicKeyComponents;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::DecodingKeyKind;
use workos_claims::jwks::{KeySet, Unfit};

use crate::json::{Document, Json};

/// A key of a set, with the values in its JSON.
pub struct Key {
    pub kid: Option<String>,
    pub n: Vec<u8>,
    pub e: Vec<u8>,
}

pub fn fuzz(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match (KeySet::parse(text), read(text)) {
        (Ok(set), Ok(keys)) => compare(&set, &keys),
        (Err(why), Err(reasons)) => assert!(reasons.contains(&why), "{why:?}, not {reasons:?}"),
        (Ok(_), Err(reasons)) => panic!("accepted in spite of {reasons:?}"),
        (Err(why), Ok(_)) => panic!("{why:?} is no reason"),
    }
}

fn compare(set: &KeySet, keys: &[Key]) {
    assert_eq!(set.find(None).is_some(), keys.len() == 1);
    assert!(
        set.find(Some("no such")).is_none() || keys.iter().any(|key| key.kid.as_deref() == Some("no such"))
    );
    assert!(set.find(Some("")).is_none());
    for key in keys {
        let found = match &key.kid {
            Some(kid) => set.find(Some(kid)),
            None => set.find(None),
        };
        let Some(found) = found else {
            // A key without `kid` can be found only if it is the only key.
            assert!(key.kid.is_none() && keys.len() > 1);
            continue;
        };
        let DecodingKeyKind::RsaModulusExponent { n, e } = found.kind() else { panic!("of another kind") };
        assert_eq!((n, e), (&key.n, &key.e));
        // The cryptography library must not refuse the key later, when it is used.
        let usable: Result<PublicEncryptingKey, _> = RsaPublicKeyComponents { n, e }.try_into();
        assert!(usable.is_ok());
    }
}

/// The usable keys of a set, or every reason to refuse it.
fn read(text: &str) -> Result<Vec<Key>, Vec<Unfit>> {
    let document = Document::parse(text);
    let members = document.as_ref().and_then(|document| document.root.get("keys")).and_then(Json::elements);
    let Some(members) = members else { return Err(vec![Unfit::NotAKeySet]) };

    let mut reasons = Vec::new();
    let mut keys = Vec::new();
    for (i, member) in members.iter().enumerate() {
        if member.members().is_none() {
            reasons.push(Unfit::NotAKeySet);
        }
        let kid = member.string_claim("kid");
        if kid.is_some() && members[..i].iter().any(|other| other.string_claim("kid") == kid) {
            reasons.push(Unfit::RepeatedKid);
        }
        if member.get("d").is_some() {
            reasons.push(Unfit::PrivateKey);
        }
        if is_for_rs256_signatures(member) {
            let n = number(member, "n");
            let e = number(member, "e");
            reasons.extend(faults(n.as_deref(), e.as_deref()));
            keys.push(Key {
                kid: kid.map(str::to_owned),
                n: n.unwrap_or_default(),
                e: e.unwrap_or_default(),
            });
        }
    }
    if keys.is_empty() && reasons.is_empty() {
        reasons.push(Unfit::NoKey);
    }
    if reasons.is_empty() { Ok(keys) } else { Err(reasons) }
}

fn is_for_rs256_signatures(key: &Json<'_>) -> bool {
    let missing_or = |name, wanted| match key.get(name) {
        None => true,
        Some(value) => value.string() == Some(wanted),
    };
    let may_verify = match key.get("key_ops") {
        None => true,
        Some(operations) => operations.strings().is_some_and(|operations| operations.contains(&"verify")),
    };
    key.string_claim("kty") == Some("RSA")
        && missing_or("use", "sig")
        && missing_or("alg", "RS256")
        && may_verify
}

/// Big-endian, without leading zeros.
fn number(key: &Json<'_>, name: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD.decode(key.string_claim(name)?.as_bytes()).ok()?;
    Some(bytes.into_iter().skip_while(|&byte| byte == 0).collect())
}

/// The modulus must be odd and have 2048 to 8192 bits. The exponent must be odd, at least 3, and have at most 33 bits.
fn faults(n: Option<&[u8]>, e: Option<&[u8]>) -> Vec<Unfit> {
    let mut faults = Vec::new();
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    match n {
        None => faults.push(Unfit::BrokenKey),
        Some(n) => {
            let (length, top) = (n.len(), n.first().copied().unwrap_or_default());
            if length < 256 || length == 256 && top < 0x80 {
                faults.push(Unfit::WeakKey);
            }
            if length > 1024 || !odd(n) {
                faults.push(Unfit::BrokenKey);
            }
        }
    }
    let value = e.filter(|e| e.len() <= 8).map(|e| e.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)));
    if !value.is_some_and(|e| e % 2 == 1 && (3..1 << 33).contains(&e)) {
        faults.push(Unfit::BrokenKey);
    }
    faults
}
