//! Tokens from a server on loopback, and where credentials are found.

mod found;
mod server;
mod tokens;

use serde_json::{Value, json};

/// A key of nobody's, made for these tests.
const KEY: &str = include_str!("key.pem");

/// The key of a service account whose tokens are had at `token_uri`.
fn account(token_uri: &str) -> Value {
    json!({
        "type": "service_account",
        "project_id": "p1",
        "private_key": KEY,
        "client_email": "sa@p1.test",
        "token_uri": token_uri,
    })
}

/// A user's login.
fn login() -> Value {
    json!({
        "type": "authorized_user",
        "client_id": "client-1",
        "client_secret": "hunter2",
        "refresh_token": "refresh-1",
        "quota_project_id": "p2",
    })
}
