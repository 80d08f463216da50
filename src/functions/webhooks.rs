//! The signature of a webhook, for workos.receive_webhook() of the extension pg_workos_directory.

use pgrx::prelude::*;

use workos_claims::webhook::is_mac;

#[pg_extern(sql = false)]
fn workos_is_mac(secret: &[u8], message: &[u8], mac: &[u8]) -> bool {
    is_mac(secret, message, mac)
}
