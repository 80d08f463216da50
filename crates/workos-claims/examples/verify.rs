//! Verifies the access token on standard input, and prints the user, the organization and the roles.
//!
//! ```sh
//! cargo run --package workos-claims --example verify ISSUER KEY_SET <token.txt
//! ```
//!
//! ISSUER is the claim `iss` of your tokens, such as `https://api.workos.com/user_management/<client_id>`, and KEY_SET
//! a file with the response of `https://api.workos.com/sso/jwks/<client_id>`.

use std::error::Error;
use std::io::{self, Read};

use workos_claims::claims::now;
use workos_claims::issuer::Issuers;
use workos_claims::verify::verify;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, key_set] = &arguments[..] else { return Err("usage: verify ISSUER KEY_SET".into()) };
    let keys = std::fs::read_to_string(key_set)?;
    let issuers = Issuers::new([(&**issuer, &*keys)]);

    let mut token = String::new();
    io::stdin().read_to_string(&mut token)?;
    let verified = verify(token.trim().as_bytes(), &issuers).map_err(|why| format!("refused: {why:?}"))?;
    let session = verified.session_at(now()).map_err(|why| format!("refused: {why:?}"))?;
    println!("user: {}", session.user_id().unwrap_or("none"));
    println!("organization: {}", session.org_id().unwrap_or("none"));
    println!("roles: {}", session.roles().collect::<Vec<_>>().join(", "));
    println!("permissions: {}", session.permissions().collect::<Vec<_>>().join(", "));
    Ok(())
}
