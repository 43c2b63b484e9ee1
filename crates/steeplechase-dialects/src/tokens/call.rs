use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use steeplechase_core::{Call, Error};

use super::{Count, Tokenizer};
use crate::chat::ChatRequest;
use crate::translate;

/// What has been counted of a call, by the tokenizer and by whether it was to be counted or estimated. The
/// attempts of a call share it.
#[derive(Default)]
struct Counted(Mutex<Vec<((Tokenizer, bool), Count)>>);

/// How many tokens the prompt of a call for a chat has for a model, tools included.
///
/// It takes as long as a parse of the call and a count of its texts, the first time. The clones of the call
/// share what was found.
///
/// # Errors
///
/// The call cannot be read: the error names the field.
pub fn count_call(model: impl Into<Tokenizer>, call: &Call) -> Result<Count, Error> {
    let tokenizer = model.into();
    counted(call, (tokenizer, true), |chat| tokenizer.chat(chat))
}

/// About how many tokens the prompt of a call for a chat has for a model, tools included.
///
/// It takes as long as a parse of the call and a look at its texts, the first time. For less there is
/// [`Family::prompt`](super::Family::prompt).
///
/// # Errors
///
/// The call cannot be read: the error names the field.
pub fn estimate_call(model: impl Into<Tokenizer>, call: &Call) -> Result<Count, Error> {
    let tokenizer = model.into();
    counted(call, (tokenizer, false), |chat| {
        tokenizer.estimate_chat(chat)
    })
}

fn counted(
    call: &Call,
    key: (Tokenizer, bool),
    count: impl FnOnce(&ChatRequest) -> Count,
) -> Result<Count, Error> {
    let Ok(known) = call.typed(|_| Ok::<_, Infallible>(Counted::default()));
    if let Some(count) = known.get(key) {
        return Ok(count);
    }
    let chat: Arc<ChatRequest> = translate::chat(call)?;
    let count = count(&chat);
    known.keep(key, count);
    Ok(count)
}

// ===== impl Counted =====

impl Counted {
    fn get(&self, key: (Tokenizer, bool)) -> Option<Count> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counted = counted.iter();
        counted
            .find(|(known, _)| *known == key)
            .map(|(_, count)| *count)
    }

    fn keep(&self, key: (Tokenizer, bool), count: Count) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.push((key, count));
    }
}
