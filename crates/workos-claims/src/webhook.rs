//! Checks the HMAC-SHA256 of a webhook, with the cryptography that also checks the signatures of tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};

/// Longer than any secret of an endpoint. The key is a copy of the secret.
pub const LONGEST_SECRET: usize = 1024;
const MAC: usize = 32;

/// Whether `mac` is the HMAC-SHA256 of `message` with `secret`. The time that it takes does not depend on where they
/// differ.
pub fn is_mac(secret: &[u8], message: &[u8], mac: &[u8]) -> bool {
    if secret.is_empty() || secret.len() > LONGEST_SECRET || mac.len() != MAC {
        return false;
    }
    let mac = URL_SAFE_NO_PAD.encode(mac);
    crypto::verify(&mac, message, &DecodingKey::from_secret(secret), Algorithm::HS256).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    /// RFC 4231, test case 2.
    const MAC_OF_JEFE: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const WHAT: &[u8] = b"what do ya want for nothing?";

    #[test]
    fn the_vectors_of_the_rfc() {
        assert!(is_mac(b"Jefe", WHAT, &bytes(MAC_OF_JEFE)));
        // Test case 6: a key longer than a block.
        let mac = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert!(is_mac(&[0xaa; 131], message, &bytes(mac)));
    }

    #[test]
    fn any_other_bit_is_refused() {
        let mac = bytes(MAC_OF_JEFE);
        for bit in 0..mac.len() * 8 {
            let mut other = mac.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_mac(b"Jefe", WHAT, &other));
        }
        assert!(!is_mac(b"Jefd", WHAT, &mac));
        assert!(!is_mac(b"Jefe", b"what do ya want for nothing!", &mac));
    }

    #[test]
    fn a_mac_of_another_length_is_refused() {
        let mac = bytes(MAC_OF_JEFE);
        assert!(!is_mac(b"Jefe", WHAT, &mac[..31]));
        assert!(!is_mac(b"Jefe", WHAT, &[mac.as_slice(), &[0]].concat()));
        assert!(!is_mac(b"Jefe", WHAT, b""));
    }

    #[test]
    fn no_secret_signs_nothing() {
        // The HMAC-SHA256 of an empty message with an empty key.
        let mac = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
        assert!(!is_mac(b"", b"", &bytes(mac)));
        assert!(!is_mac(&[b'a'; LONGEST_SECRET + 1], b"", &bytes(mac)));
    }
}
