//! Names: short hashes that tell two names apart, and new names for answers.

use std::fmt::Write;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use sha2::Digest;
use sha2::Sha256;

/// The first eight hexadecimal digits of the SHA-256 of a text.
///
/// It goes into names that had to be changed, so that two of them stay two. It has to be the same in
/// every process and every version: providers bind their seals to the text of a conversation.
pub(crate) fn short_hash(text: &str) -> String {
    hex(&Sha256::digest(text)[..4])
}

/// All of the SHA-256 of a text, in hexadecimal digits.
pub(crate) fn long_hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// A name for an answer whose provider has given it none.
pub(crate) fn mint(prefix: &str) -> String {
    static MINTED: AtomicU64 = AtomicU64::new(0);
    let count = MINTED.fetch_add(1, Ordering::Relaxed);
    let nanos = since_epoch().as_nanos();
    let digest = Sha256::digest(format!("{}:{nanos}:{count}", std::process::id()));
    format!("{prefix}{}", hex(&digest[..12]))
}

/// The seconds since the epoch, as answers carry them.
pub(crate) fn now() -> u64 {
    since_epoch().as_secs()
}

fn since_epoch() -> std::time::Duration {
    // A clock before 1970 is no reason to fail.
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
