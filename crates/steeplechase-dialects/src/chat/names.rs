use std::collections::HashMap;
use std::collections::HashSet;

/// Names for tools that the provider takes, one for each of the caller's.
///
/// The map is made for one call, in the order in which the names come up, so that it is the same each
/// time. Names that are fine are kept; [`reserve`](Self::reserve) them first, or they may be taken.
pub(crate) struct Names {
    max_len: usize,
    is_allowed: fn(u8) -> bool,
    /// Which of those may come first.
    is_first: fn(u8) -> bool,
    /// What comes before those that may not.
    prefix: &'static str,
    native: HashMap<String, String>,
    taken: HashSet<String>,
}

impl Names {
    /// Names of at most `max_len` bytes, all of which are allowed. Only bytes of ASCII can be, and `_`
    /// has to be.
    pub(crate) fn new(max_len: usize, is_allowed: fn(u8) -> bool) -> Self {
        Self {
            max_len,
            is_allowed,
            is_first: |_| true,
            prefix: "_",
            native: HashMap::new(),
            taken: HashSet::new(),
        }
    }

    /// Allows only some bytes at the start. Where another is, `prefix` is put before it.
    pub(crate) fn starting_with(mut self, is_first: fn(u8) -> bool, prefix: &'static str) -> Self {
        self.is_first = is_first;
        self.prefix = prefix;
        self
    }

    /// Keeps a name, if it is fine.
    pub(crate) fn reserve(&mut self, caller: &str) {
        if self.is_fine(caller) && self.taken.insert(caller.to_owned()) {
            self.native.insert(caller.to_owned(), caller.to_owned());
        }
    }

    /// The name to send for one of the caller's.
    pub(crate) fn native(&mut self, caller: &str) -> String {
        let wish = self.cleaned(caller);
        self.native_as(caller, &wish)
    }

    /// The name to send for one of the caller's, which is this one if no other has it.
    pub(crate) fn native_as(&mut self, caller: &str, wish: &str) -> String {
        if let Some(native) = self.native.get(caller) {
            return native.clone();
        }
        let native = self.free(wish);
        self.native.insert(caller.to_owned(), native.clone());
        native
    }

    /// A name for a tool of ours: the one wished for, or one like it.
    pub(crate) fn free(&mut self, wish: &str) -> String {
        let mut name = wish.to_owned();
        let mut count = 1;
        while !self.taken.insert(name.clone()) {
            count += 1;
            let suffix = format!("_{count}");
            let keep = wish.len().min(self.max_len - suffix.len());
            name = format!("{}{suffix}", &wish[..keep]);
        }
        name
    }

    /// The caller's names, by those sent, where they differ.
    pub(crate) fn into_renamed(self) -> HashMap<Box<str>, Box<str>> {
        let changed = self
            .native
            .into_iter()
            .filter(|(caller, native)| caller != native);
        changed
            .map(|(caller, native)| (native.into(), caller.into()))
            .collect()
    }

    fn is_fine(&self, name: &str) -> bool {
        (1..=self.max_len).contains(&name.len())
            && name.bytes().all(self.is_allowed)
            && name.bytes().next().is_some_and(self.is_first)
    }

    /// The name with what is not allowed replaced. It is ASCII then.
    fn cleaned(&self, name: &str) -> String {
        let clean = name.chars().map(|c| match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() && (self.is_allowed)(byte) => c,
            _ => '_',
        });
        let clean: String = clean.take(self.max_len).collect();
        if clean.bytes().next().is_some_and(self.is_first) {
            return clean;
        }
        let keep = clean.len().min(self.max_len - self.prefix.len());
        format!("{}{}", self.prefix, &clean[..keep])
    }
}

/// Letters, digits, `_` and `-`: what most providers take.
pub(crate) const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
