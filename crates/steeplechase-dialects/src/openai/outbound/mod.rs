//! Chats for providers who speak `OpenAI`'s dialect, from callers who do not.
//!
//! ```text
//! ChatRequest ──write_request──► body ──────► POST /chat/completions
//!                   │
//!             AnswerContext   names, which tools take free text, how many answers
//!                   │
//!          Answer ◄──┼─ read_answer ◄───────── whole answer
//!        Event … ◄──┴─ Decoder ◄───────────── events
//! ```
//!
//! Those who speak this dialect speak it with an accent each. What is peculiar to a provider, or to a model,
//! is in [`Quirks`]; what is read is read as any of them may have written it.
//!
//! # What is lost
//!
//! | Said                                     | Becomes                                          |
//! |------------------------------------------|--------------------------------------------------|
//! | cache marks                              | nothing, unless the provider is known to take them |
//! | sealed thoughts                          | nothing, or a text, where it is known to be taken |
//! | a picture in the result of a tool        | a picture in the user's next message             |
//! | the result of no call                    | the user's words                                 |
//! | a call without a result                  | one with a result that says so                   |
//! | a plain text as a document               | words                                            |
//! | a tool that takes free text              | a tool with one field, where it has none         |
//! | Anthropic's tools, and what came of them | nothing, or words                                |

mod calls;
mod choice;
mod chunk;
mod context;
mod conversation;
mod decoder;
mod effort;
mod finish;
mod ids;
mod models;
mod native;
mod params;
mod parts;
mod quirks;
mod said;
mod shape;
mod tools;
mod whole;
mod write;

#[cfg(test)]
mod tests;

pub(super) use self::context::as_it_was_asked;
pub(super) use self::ids::nine_id;
pub(super) use self::write::{Outbound, Written};
