use std::collections::HashSet;

/// Which result is of which call, in a conversation that is being written for a provider that wants each call
/// answered, once, and in the turn after it.
///
/// Callers name calls as they like, and some name two of them alike. The provider's names are all different.
#[derive(Default)]
pub(crate) struct Pairing<'a> {
    /// The calls of the last turn of the assistant's.
    pending: Vec<Pending<'a>>,
    /// All names of calls so far.
    used: HashSet<String>,
}

/// A call that waits for its result.
struct Pending<'a> {
    caller: &'a str,
    native: String,
    is_answered: bool,
}

// ===== impl Pairing =====

impl<'a> Pairing<'a> {
    /// Notes a call, and gives it a name that has not been used in the conversation yet: `wish`, which is ASCII,
    /// or one like it of at most `longest` bytes.
    pub(crate) fn call(&mut self, caller: &'a str, wish: &str, longest: usize) -> String {
        let mut native = wish.to_owned();
        let mut count = 1;
        while !self.used.insert(native.clone()) {
            count += 1;
            let suffix = format!("_{count}");
            let keep = wish.len().min(longest.saturating_sub(suffix.len()));
            native = format!("{}{suffix}", &wish[..keep]);
        }
        self.pending.push(Pending {
            caller,
            native: native.clone(),
            is_answered: false,
        });
        native
    }

    /// The provider's name of the call that a result is of. `None` if nobody waits for it.
    pub(crate) fn answer(&mut self, caller: &str) -> Option<String> {
        let mut pending = self.pending.iter_mut();
        let call = pending.find(|call| call.caller == caller && !call.is_answered)?;
        call.is_answered = true;
        Some(call.native.clone())
    }

    /// The provider's names of the calls that wait for a result. They wait no longer.
    pub(crate) fn give_up(&mut self) -> impl Iterator<Item = String> + use<'a> {
        let pending = std::mem::take(&mut self.pending).into_iter();
        let missing = pending.filter(|call| !call.is_answered);
        missing.map(|call| call.native)
    }
}
