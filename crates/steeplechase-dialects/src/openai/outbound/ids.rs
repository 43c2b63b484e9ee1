use std::borrow::Cow;

use sha2::Digest;
use sha2::Sha256;

use crate::chat::ids::short_hash;
use crate::chat::names::is_plain;

/// The longest name of a call that `OpenAI` takes.
const MAX_ID: usize = 40;

/// The longest name of a tool.
pub(super) const MAX_NAME: usize = 64;

/// A name of a call that `OpenAI` takes.
pub(super) fn short_id(id: &str) -> Cow<'_, str> {
    if id.chars().nth(MAX_ID).is_none() {
        return Cow::Borrowed(id);
    }
    let start: String = id.chars().take(31).collect();
    Cow::Owned(format!("{start}_{}", short_hash(id)))
}

/// A name of a call that Mistral takes: nine letters and digits.
pub(in crate::openai) fn nine_id(id: &str) -> Cow<'_, str> {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Cow::Borrowed(id);
    }
    let hash = Sha256::digest(id);
    let number = hash[..8].iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    let digits = std::iter::successors(Some(number), |n| Some(n / 62)).take(9);
    let letters = digits.map(|n| {
        let place = usize::try_from(n % 62).unwrap_or(0);
        char::from(LETTERS[place])
    });
    Cow::Owned(letters.collect())
}

/// A name of a tool as it would be sent, if no other has it.
pub(super) fn plain_name(name: &str) -> Option<String> {
    if name.bytes().all(is_plain) && name.len() <= MAX_NAME {
        return None;
    }
    let clean = name.chars().map(|c| match u8::try_from(c) {
        Ok(byte) if is_plain(byte) => c,
        _ => '_',
    });
    let clean: String = clean.collect();
    if clean.len() <= MAX_NAME {
        return Some(clean);
    }
    Some(format!("{}_{}", &clean[..55], short_hash(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_of_calls_are_cut_and_stay_apart() {
        assert_eq!(short_id("call_1"), "call_1");
        let forty = "x".repeat(40);
        assert_eq!(short_id(&forty), forty);
        let long = format!("toolu_{}", "b".repeat(48));
        assert_eq!(short_id(&long).len(), 40);
        assert!(short_id(&long).starts_with("toolu_bbbbbbbbbbbbbbbbbbbbbbbbb_"));
        assert_ne!(short_id(&long), short_id(&format!("{long}c")));
    }

    #[test]
    fn nine_letters_are_always_the_same_nine() {
        assert_eq!(nine_id("abcDEF123"), "abcDEF123");
        assert_eq!(nine_id("call_abc123"), "OANJQSxzk");
        assert_eq!(nine_id("toolu_01A"), "NANSnMZHz");
    }

    #[test]
    fn names_of_tools_are_plain_and_short() {
        assert_eq!(plain_name("look"), None);
        assert_eq!(plain_name("fs/read").as_deref(), Some("fs_read"));
        let long = "n".repeat(100);
        let short = plain_name(&long).unwrap();
        assert_eq!(short.len(), 64);
        assert!(short.starts_with(&format!("{}_", "n".repeat(55))));
    }
}
