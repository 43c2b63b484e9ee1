use std::collections::HashMap;
use std::collections::HashSet;

/// Names for tools that the provider takes, one for each of the caller's.
///
/// The map is made for one call, in the order in which the names come up, so that it is the same each
/// time. Names that are fine are kept; [`reserve`](Self::reserve) them first, or they may be taken.
#[derive(Default)]
pub(super) struct Names {
    native: HashMap<String, String>,
    taken: HashSet<String>,
}

const MAX_LEN: usize = 128;

impl Names {
    /// Keeps a name, if it is fine.
    pub(super) fn reserve(&mut self, caller: &str) {
        if is_fine(caller) && self.taken.insert(caller.to_owned()) {
            self.native.insert(caller.to_owned(), caller.to_owned());
        }
    }

    /// The name to send for one of the caller's.
    pub(super) fn native(&mut self, caller: &str) -> String {
        if let Some(native) = self.native.get(caller) {
            return native.clone();
        }
        let native = self.free(&cleaned(caller));
        self.native.insert(caller.to_owned(), native.clone());
        native
    }

    /// A name for a tool of ours: the one wished for, or one like it.
    pub(super) fn free(&mut self, wish: &str) -> String {
        let mut name = wish.to_owned();
        let mut count = 1;
        while !self.taken.insert(name.clone()) {
            count += 1;
            let suffix = format!("_{count}");
            let keep = wish.len().min(MAX_LEN - suffix.len());
            name = format!("{}{suffix}", &wish[..keep]);
        }
        name
    }

    /// The caller's names, by those sent, where they differ.
    pub(super) fn into_renamed(self) -> HashMap<Box<str>, Box<str>> {
        let changed = self
            .native
            .into_iter()
            .filter(|(caller, native)| caller != native);
        changed
            .map(|(caller, native)| (native.into(), caller.into()))
            .collect()
    }
}

fn is_fine(name: &str) -> bool {
    (1..=MAX_LEN).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// The name with what is not allowed replaced. It is ASCII then.
fn cleaned(name: &str) -> String {
    let clean = name.chars().map(|c| match u8::try_from(c) {
        Ok(byte) if is_allowed(byte) => c,
        _ => '_',
    });
    clean.take(MAX_LEN).collect()
}

pub(super) const fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
