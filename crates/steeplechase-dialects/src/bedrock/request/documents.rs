use std::collections::HashSet;

use crate::chat::ids;

/// Names for documents, which the provider wants to be different in all of a conversation.
///
/// A name depends on what came before it and on nothing else, so that a longer conversation begins
/// alike: providers cache by prefix.
#[derive(Default)]
pub(super) struct Documents {
    used: HashSet<String>,
}

/// The most characters of a name, with room for a number.
const MAX_LEN: usize = 190;

impl Documents {
    /// A name for a document: its own in the characters that are allowed, or one made of its contents.
    pub(super) fn name(&mut self, own: Option<&str>, contents: &str) -> String {
        let wish = own.map(clean).filter(|name| !name.is_empty());
        let wish = wish.unwrap_or_else(|| format!("document-{}", ids::short_hash(contents)));
        let mut name = wish.clone();
        let mut count = 1;
        while !self.used.insert(name.clone()) {
            count += 1;
            name = format!("{wish} ({count})");
        }
        name
    }
}

/// A file's name without its extension, in letters, digits, hyphens, brackets and single spaces.
fn clean(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 5 && !stem.is_empty() => stem,
        _ => name,
    };
    let mut out = String::new();
    for c in stem.chars() {
        let c = match c {
            c if c.is_ascii_alphanumeric() || "-()[]".contains(c) => c,
            c if c.is_whitespace() => ' ',
            _ => '-',
        };
        let repeats = matches!(c, ' ' | '-') && out.ends_with(c);
        if !repeats && out.len() < MAX_LEN {
            out.push(c);
        }
    }
    let is_edge = |c: char| matches!(c, ' ' | '-');
    out.trim_matches(is_edge).to_owned()
}
