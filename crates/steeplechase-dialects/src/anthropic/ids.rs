use std::borrow::Cow;

use crate::chat::ids::short_hash;
use crate::chat::names::is_plain;
use crate::chat::parse::messages::SEAL;

/// A name of a call in the characters that the provider takes. Two names never become one.
pub(super) fn native_id(id: &str) -> Cow<'_, str> {
    if !id.is_empty() && id.bytes().all(is_plain) {
        return Cow::Borrowed(id);
    }
    let clean = id.chars().map(|c| match u8::try_from(c) {
        Ok(byte) if is_plain(byte) => c,
        _ => '_',
    });
    let clean: String = clean.collect();
    Cow::Owned(format!("{clean}_{}", short_hash(id)))
}

/// A name of a call for a caller, with another provider's seal on the call in it, as the dialect has no
/// place for one. The seal is base64, in the alphabet that fits into a name.
pub(super) fn sealed_id<'i>(id: &'i str, seal: Option<&str>) -> Cow<'i, str> {
    let id = native_id(id);
    let Some(seal) = seal else { return id };
    let plain = seal.trim_end_matches('=').chars().map(|c| match c {
        '+' => '-',
        '/' => '_',
        c => c,
    });
    let plain: String = plain.collect();
    if plain.is_empty() || !plain.bytes().all(is_plain) {
        return id;
    }
    Cow::Owned(format!("{id}{SEAL}{plain}"))
}
