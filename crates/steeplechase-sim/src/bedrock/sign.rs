//! Signatures, fourth version: who has the secret key, and whether what came in is what was signed.
//!
//! ```text
//! secret ─► date ─► region ─► service ─► "aws4_request" ─► key ─┐
//! request ─► canonical request ─► hash ─► text to sign ─────────┴─► signature
//! ```
//!
//! The clock is not looked at: a signature does not expire here, however old it is.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};

use crate::aws::Aws;
use crate::percent;
use crate::refusal::Refusal;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "bedrock";

/// What an `Authorization` header says.
struct Signed<'h> {
    access_key: &'h str,
    date: &'h str,
    region: &'h str,
    service: &'h str,
    headers: Vec<&'h str>,
    signature: &'h str,
}

/// Refuses a request that has not been signed with these credentials, as it is.
pub(super) fn verify(parts: &Parts, body: &[u8], aws: &Aws) -> Result<(), Refusal> {
    let authorization = text(&parts.headers, AUTHORIZATION.as_str()).unwrap_or_default();
    let signed = Signed::read(authorization).ok_or_else(|| {
        refused(
            "IncompleteSignatureException",
            "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.",
        )
    })?;
    if signed.access_key != aws.access_key {
        return Err(unknown_client());
    }
    let token = text(&parts.headers, "x-amz-security-token");
    if token != aws.session_token.as_ref().map(|token| token.0.as_str()) {
        return Err(unknown_client());
    }
    let time = text(&parts.headers, "x-amz-date").filter(|time| is_time(time));
    let time = time.ok_or_else(|| {
        refused(
            "IncompleteSignatureException",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    })?;
    signed.check_scope(time, aws)?;
    signed.check_headers(&parts.headers)?;
    let hash = hex(&Sha256::digest(body));
    if text(&parts.headers, "x-amz-content-sha256").is_some_and(|given| given != hash) {
        return Err(invalid(
            "The value for the 'X-Amz-Content-Sha256' header does not match the computed hash.",
        ));
    }

    let request = canonical(parts, &signed.headers, &hash);
    let scope = format!("{}/{}/{SERVICE}/aws4_request", signed.date, signed.region);
    let request_hash = hex(&Sha256::digest(request));
    let to_sign = format!("{ALGORITHM}\n{time}\n{scope}\n{request_hash}");
    let mut key = mac(format!("AWS4{}", aws.secret_key.0).as_bytes(), signed.date);
    for part in [signed.region, SERVICE, "aws4_request"] {
        key = mac(&key, part);
    }
    if hex(&mac(&key, &to_sign)) == signed.signature {
        Ok(())
    } else {
        Err(invalid(
            "The request signature we calculated does not match the signature you provided. Check \
             your AWS Secret Access Key and signing method. Consult the service documentation for \
             details.",
        ))
    }
}

/// Nobody knows these credentials.
pub(super) fn unknown_client() -> Refusal {
    refused(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
}

pub(super) fn refused(code: &'static str, message: &str) -> Refusal {
    Refusal::bad(message)
        .status(StatusCode::FORBIDDEN)
        .code(code)
}

fn invalid(message: &str) -> Refusal {
    refused("InvalidSignatureException", message)
}

impl<'h> Signed<'h> {
    fn read(authorization: &'h str) -> Option<Self> {
        let fields = authorization.strip_prefix(ALGORITHM)?;
        let field = |name: &str| {
            let mut fields = fields.split(',').map(str::trim);
            fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
        };
        let mut credential = field("Credential")?.split('/');
        let signed = Self {
            access_key: credential.next()?,
            date: credential.next()?,
            region: credential.next()?,
            service: credential.next()?,
            headers: field("SignedHeaders")?.split(';').collect(),
            signature: field("Signature")?,
        };
        (credential.next() == Some("aws4_request") && credential.next().is_none()).then_some(signed)
    }

    fn check_scope(&self, time: &str, aws: &Aws) -> Result<(), Refusal> {
        if !time.starts_with(self.date) {
            return Err(invalid(
                "Date in Credential scope does not match the date of the request.",
            ));
        }
        if self.region != aws.region {
            return Err(invalid("Credential should be scoped to a valid region."));
        }
        if self.service != SERVICE {
            return Err(invalid(
                "Credential should be scoped to correct service: 'bedrock'.",
            ));
        }
        Ok(())
    }

    /// The host and all headers of AWS have to be signed.
    fn check_headers(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if !self.headers.is_sorted() {
            return Err(invalid("'SignedHeaders' must be in order."));
        }
        let needed = headers.keys().map(http::HeaderName::as_str);
        let needed = needed.filter(|name| name.starts_with("x-amz-"));
        for name in needed.chain([HOST.as_str()]) {
            if !self.headers.contains(&name) {
                let message =
                    format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.");
                return Err(invalid(&message));
            }
        }
        Ok(())
    }
}

/// The request as it is signed.
fn canonical(parts: &Parts, signed: &[&str], body_hash: &str) -> String {
    // What is on the wire is encoded once more.
    let path = percent::encode_path(parts.uri.path());
    let query = parts.uri.query().unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| {
            if pair.contains('=') {
                pair.to_owned()
            } else {
                format!("{pair}=")
            }
        })
        .collect();
    pairs.sort_unstable();

    let mut request = format!("{}\n{path}\n{}\n", parts.method, pairs.join("&"));
    for name in signed {
        let values = parts.headers.get_all(*name).iter();
        let values = values.filter_map(|value| value.to_str().ok()).map(plain);
        let mut value = values.collect::<Vec<_>>().join(",");
        if value.is_empty() && *name == "host" {
            // Over HTTP/2, and in memory, the host is in the address.
            value = parts
                .uri
                .authority()
                .map_or_else(String::new, ToString::to_string);
        }
        // Writing to a text cannot fail.
        let _ = writeln!(request, "{name}:{value}");
    }
    let _ = write!(request, "\n{}\n{body_hash}", signed.join(";"));
    request
}

/// A value without spaces around it, and with single ones within.
fn plain(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Such as `20260102T030405Z`.
fn is_time(time: &str) -> bool {
    let bytes = time.as_bytes();
    bytes.len() == 16
        && bytes[8] == b'T'
        && bytes[15] == b'Z'
        && [&bytes[..8], &bytes[9..15]]
            .concat()
            .iter()
            .all(u8::is_ascii_digit)
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
            // Writing to a text cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
