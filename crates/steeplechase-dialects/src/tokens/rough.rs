//! A first look at the prompt of a call that nobody has parsed yet.

use memchr::memchr;
use steeplechase_core::Tally;

use super::weights::JSON;
use crate::json::text_len;

/// Up to so many bytes all are looked at, and of more as many.
const LOOK: usize = 4096;

/// The bytes that are looked at in one place.
const WINDOW: usize = 256;

/// What a picture may have, or anything else that is not text.
const ATTACHMENT: Tally = Tally::from_tokens(1_000);

/// Whether a top-level field of a call is a part of the prompt, in any dialect.
pub(crate) fn is_prompt(name: &str) -> bool {
    matches!(
        name,
        "contents"
            | "documents"
            | "functions"
            | "input"
            | "instructions"
            | "messages"
            | "prompt"
            | "query"
            | "system"
            | "systemInstruction"
            | "system_instruction"
            | "tools"
    )
}

/// About how many tokens a part of a prompt has, from the JSON of it, whatever the model.
///
/// It takes about a microsecond, however long the part is: of a long one sixteen places are looked at. If there
/// are pictures in it, or text that is written in escapes, it takes as long as a look at all of it.
pub(crate) fn rough(json: &str) -> Tally {
    let json = json.as_bytes();
    if let Some(tokens) = numbers(json) {
        return tokens;
    }
    if json.len() <= LOOK {
        return if is_plain(json) {
            JSON.tally(json)
        } else {
            careful(json)
        };
    }
    let places = LOOK / WINDOW;
    let step = (json.len() - WINDOW) / (places - 1);
    let mut windows = (0..places).map(|place| &json[place * step..place * step + WINDOW]);
    let mut seen = Tally::ZERO;
    let is_plain = windows.all(|window| {
        seen += JSON.tally(window);
        is_plain(window) && !is_base64(window)
    });
    if !is_plain {
        return careful(json);
    }
    let share = u128::from(seen.thousandths()) * json.len() as u128 / LOOK as u128;
    Tally::from_thousandths(u64::try_from(share).unwrap_or(u64::MAX))
}

/// How many tokens there are, if they are all that there is: `[1,2,3]`, or several such lists.
fn numbers(json: &[u8]) -> Option<Tally> {
    let inside = json.iter().find(|b| !b" \t\r\n[".contains(b))?;
    if !json.starts_with(b"[") || !inside.is_ascii_digit() {
        return None;
    }
    let commas = memchr::memchr_iter(b',', json).count();
    Some(Tally::from_tokens(commas as u64 + 1))
}

/// Whether there are no escapes of characters, and no pictures.
fn is_plain(json: &[u8]) -> bool {
    let mut backslashes = memchr::memchr_iter(b'\\', json);
    let has_escape = backslashes.any(|at| json.get(at + 1) == Some(&b'u'));
    !has_escape && memchr::memmem::find(json, b"base64").is_none()
}

/// Looks at each text of the JSON.
fn careful(json: &[u8]) -> Tally {
    let mut between = 0;
    let mut texts = Tally::ZERO;
    let mut rest = json;
    while let Some(start) = memchr(b'"', rest) {
        between += JSON.sum(&rest[..=start]);
        rest = &rest[start + 1..];
        let len = text_len(rest).unwrap_or(rest.len());
        texts += if is_attachment(&rest[..len]) {
            ATTACHMENT
        } else {
            JSON.tally_json(&rest[..len])
        };
        // What comes between begins with the quote after the text.
        let Some(after) = rest.get(len + 1..) else {
            rest = b"";
            break;
        };
        between += JSON.sum(b"\"");
        rest = after;
    }
    between += JSON.sum(rest);
    texts + Tally::from_thousandths(u64::try_from(between).unwrap_or(0))
}

/// Whether a text is none that a model reads as one: a picture, a sound, a document.
fn is_attachment(text: &[u8]) -> bool {
    let (_, data) = text
        .strip_prefix(b"data:")
        .and_then(|url| Some(url.split_at(memchr(b',', url)? + 1)))
        .unwrap_or((b"", text));
    data.len() >= WINDOW && is_base64(&data[..WINDOW])
}

/// Whether there is nothing that is not in base64.
fn is_base64(text: &[u8]) -> bool {
    text.iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/=-_".contains(b))
}
