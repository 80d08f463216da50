//! Signing keys: a JSON Web Key Set (RFC 7517), reduced to the keys that can check a WorkOS signature.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::value::RawValue;

use super::json::{self, Object};

/// Why a text cannot be trusted as a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    NotAKeySet,
    /// No key in it can check an RS256 signature.
    NoKey,
    /// It holds a private key, which must not be stored in a database.
    PrivateKey,
    WeakKey,
    /// The modulus or the exponent of a key is invalid.
    BrokenKey,
    RepeatedKid,
}

/// The RSA signature keys of a set.
#[derive(Default)]
pub struct KeySet(Vec<Key>);

struct Key {
    kid: Option<Box<str>>,
    key: DecodingKey,
}

impl KeySet {
    pub fn parse(text: &str) -> Result<KeySet, Unfit> {
        let set = serde_json::from_str(text).ok().and_then(json::object).ok_or(Unfit::NotAKeySet)?;
        let members = set.get("keys").and_then(|keys| elements(keys)).ok_or(Unfit::NotAKeySet)?;
        let mut keys = Vec::new();
        let mut kids = BTreeSet::new();
        for member in members {
            let member = json::object(member).ok_or(Unfit::NotAKeySet)?;
            let kid = member.get("kid").and_then(|kid| json::string(kid));
            if kid.as_ref().is_some_and(|kid| !kids.insert(kid.clone())) {
                return Err(Unfit::RepeatedKid);
            }
            if member.contains_key("d") {
                return Err(Unfit::PrivateKey);
            }
            if verifies_rs256(&member) {
                keys.push(Key { kid, key: rsa(&member)? });
            }
        }
        if keys.is_empty() { Err(Unfit::NoKey) } else { Ok(KeySet(keys)) }
    }

    /// The key with this `kid`. A token without `kid` is accepted only if the set has exactly one key.
    pub fn find(&self, kid: Option<&str>) -> Option<&DecodingKey> {
        match (kid, self.0.as_slice()) {
            (None, [only]) => Some(&only.key),
            (None, _) => None,
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)).map(|key| &key.key),
        }
    }
}

fn elements(array: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(array.get()).ok()
}

/// A set may hold keys for other uses and algorithms. They are ignored.
fn verifies_rs256(key: &Object<'_>) -> bool {
    let absent_or =
        |name, wanted| key.get(name).is_none_or(|value| json::string(value).as_deref() == Some(wanted));
    let operations = key.get("key_ops").map(|operations| json::strings(operations).unwrap_or_default());
    key.get("kty").and_then(|kty| json::string(kty)).as_deref() == Some("RSA")
        && absent_or("use", "sig")
        && absent_or("alg", "RS256")
        && operations.is_none_or(|operations| operations.iter().any(|operation| **operation == *"verify"))
}

fn rsa(key: &Object<'_>) -> Result<DecodingKey, Unfit> {
    let number = |name| -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(&*json::string(key.get(name)?)?).ok()?;
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        Some(bytes[zeros..].to_vec())
    };
    let (Some(n), Some(e)) = (number("n"), number("e")) else { return Err(Unfit::BrokenKey) };
    if bits(&n) < 2048 {
        return Err(Unfit::WeakKey);
    }
    // With an exponent of 1 every signature would be valid. The cryptography library refuses an exponent of more than
    // 33 bits and a modulus of more than 8192 bits at each use; it is better to report them now.
    if bits(&n) > 8192 || !odd(&n) || !odd(&e) || !(2..=33).contains(&bits(&e)) {
        return Err(Unfit::BrokenKey);
    }
    Ok(DecodingKey::from_rsa_raw_components(&n, &e))
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last % 2 == 1)
}
