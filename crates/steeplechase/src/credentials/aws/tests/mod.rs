//! Signatures against known answers and against another implementation; credentials against a server.

mod reference;
mod roles;
mod signatures;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use http::{HeaderMap, HeaderValue, Method, Uri};

use super::sign::{self, Scope};

/// The key of AWS's own examples.
const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn credentials(token: Option<&str>) -> Credentials {
    Credentials::new(ID, SECRET, token.map(str::to_owned), None, "tests")
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

/// Signs, and returns what `authorization` says.
fn sign(
    scope: Scope<'_>,
    token: Option<&str>,
    (method, uri): (&Method, &Uri),
    headers: &mut HeaderMap,
    body: &[u8],
) -> String {
    sign::add(scope, &credentials(token), (method, uri), headers, body).unwrap();
    headers["authorization"].to_str().unwrap().to_owned()
}
