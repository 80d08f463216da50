//! verify-bench ISSUER KEY_SET TOKEN: what one verification costs, and the check of its signature alone.

use std::hint::black_box;
use std::time::Instant;

use jsonwebtoken::{Algorithm, crypto};
use workos_claims::issuer::Issuers;
use workos_claims::verify::verify;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, key_set, token] = &arguments[..] else { panic!("usage: verify-bench ISSUER KEY_SET TOKEN") };
    let issuers = Issuers::new([(&**issuer, &**key_set)]);
    assert!(verify(token.as_bytes(), &issuers).is_ok(), "the token is not accepted");
    let (signed, signature) = token.rsplit_once('.').expect("a token has dots");
    let key = issuers.find(issuer).and_then(|issuer| issuer.keys.find(None)).expect("one key");

    print("verification", || verify(token.as_bytes(), &issuers).is_ok());
    print("of which the signature", || {
        crypto::verify(signature, signed.as_bytes(), key, Algorithm::RS256).is_ok_and(|good| good)
    });
}

/// The best of twenty times a thousand turns.
fn print(about: &str, work: impl Fn() -> bool) {
    let turn = || {
        let start = Instant::now();
        for _ in 0..1000 {
            assert!(black_box(work()));
        }
        start.elapsed()
    };
    let best = (0..20).map(|_| turn()).min().unwrap_or_default();
    println!("{about}: {:.1} µs", best.as_secs_f64() * 1e6 / 1000.0);
}
