//! Conversations that a provider refuses for who speaks first or last, made such that it takes them by words that nobody
//! has said. An operator has to ask for it.

use std::sync::Arc;

use steeplechase_core::Error;

use crate::chat::stand_in::PLACEHOLDER;
use crate::chat::{ChatRequest, Message, Role};

/// What the user says after a last message of the assistant's.
const CONTINUE: &str = "Continue.";

/// Writes a chat, and if its provider refuses who speaks first or last, a chat in which it is the user. Says which chat
/// it was.
pub(super) fn mending<T>(
    mut chat: Arc<ChatRequest>,
    write: impl Fn(&ChatRequest) -> Result<T, Error>,
) -> Result<(T, Arc<ChatRequest>), Error> {
    loop {
        match write(&chat) {
            Ok(written) => return Ok((written, chat)),
            // After this neither is the assistant, so it ends.
            Err(error) => match mended(&chat, &error) {
                Some(mended) => chat = Arc::new(mended),
                None => return Err(error),
            },
        }
    }
}

/// A chat without what an error is about. `None` if the error is about something else.
fn mended(chat: &ChatRequest, error: &Error) -> Option<ChatRequest> {
    let messages = &chat.messages;
    let blamed = error.param()?;
    let first = messages.iter().position(|said| !said.role.is_system())?;
    if messages[first].role == Role::Assistant && blamed == format!("messages[{first}]") {
        let mut chat = chat.clone();
        chat.messages
            .insert(first, Message::text(Role::User, PLACEHOLDER));
        return Some(chat);
    }
    if messages.last()?.role == Role::Assistant && blamed == "messages" {
        let mut chat = chat.clone();
        chat.messages.push(Message::text(Role::User, CONTINUE));
        return Some(chat);
    }
    None
}
