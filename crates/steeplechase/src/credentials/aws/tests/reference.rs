//! The same signature, written from the description of the algorithm and with nothing of AWS's.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// What is signed, in the pieces that the description names.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// As it is sent.
    pub(super) path: &'a str,
    /// Sorted by name, names in lower case.
    pub(super) headers: Vec<(&'a str, &'a str)>,
    pub(super) body: &'a [u8],
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    /// `20260304T050607Z`.
    pub(super) time: &'a str,
    pub(super) secret: &'a str,
}

impl Signed<'_> {
    pub(super) fn signature(&self) -> String {
        let mut headers = String::new();
        for (name, value) in &self.headers {
            writeln!(headers, "{name}:{}", value.trim()).unwrap();
        }
        let names: Vec<_> = self.headers.iter().map(|(name, _)| *name).collect();
        let request = format!(
            "{}\n{}\n\n{headers}\n{}\n{}",
            self.method,
            encoded(self.path),
            names.join(";"),
            hex(&Sha256::digest(self.body)),
        );
        let date = &self.time[..8];
        let scope = [date, self.region, self.service, "aws4_request"];
        let text = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            self.time,
            scope.join("/"),
            hex(&Sha256::digest(&request)),
        );
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for word in scope {
            key = hmac(&key, word.as_bytes());
        }
        hex(&hmac(&key, text.as_bytes()))
    }
}

/// The path encoded once more, as it is encoded already.
fn encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
    }
    out
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut inner = Sha256::new();
    inner.update(block.map(|byte| byte ^ 0x36));
    inner.update(text);
    let mut outer = Sha256::new();
    outer.update(block.map(|byte| byte ^ 0x5c));
    outer.update(inner.finalize());
    outer.finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap();
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}
