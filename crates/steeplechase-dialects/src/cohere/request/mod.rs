//! Writes a call as the chat of the second version of the API wants it.
//!
//! ```text
//! ChatRequest ─┬─ tools      tools, tool_choice ──┐
//!              ├─ params     response_format ◄────┘ not together with tools
//!              │             sampling, thinking, hints
//!              └─ messages   turns, plans, results
//! ```

mod messages;
mod native;
mod params;
mod tools;

use bytes::Bytes;
use steeplechase_core::Error;

use self::native::Body;
use self::tools::Toolbox;
use super::AnswerContext;
use crate::chat::ChatRequest;
use crate::chat::notes::Notes;
use crate::json;

/// What a deployment has to say about a request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RequestOptions<'a> {
    /// The provider's name for the model.
    pub model: &'a str,
    /// Whether what cannot be said is left out, and not an error.
    pub drop_params: bool,
    /// Whether the model thinks before it speaks.
    pub thinks: bool,
}

/// A request as it is sent, and what has to be known when the answer comes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Written {
    /// The body.
    pub body: Bytes,
    /// The fields of the call that were left out, or changed because they had to be.
    pub dropped: Vec<Box<str>>,
    /// With which the answer is read.
    pub context: AnswerContext,
}

/// Writes a call as a body for `POST /v2/chat`.
///
/// # Errors
///
/// A `400` that names the field if the call asks for what the provider cannot do (code
/// `unsupported_parameter`; for parameters only, and not if
/// [`drop_params`](RequestOptions::drop_params) is set), or if the conversation makes no sense.
pub fn write_request(chat: &ChatRequest, options: &RequestOptions<'_>) -> Result<Written, Error> {
    let mut notes = Notes::new(options.drop_params);
    let Toolbox {
        tools,
        choice,
        is_strict,
    } = Toolbox::new(chat, &mut notes)?;
    let own = params::own(chat, &mut notes);
    let is_grounded = !tools.is_empty() || own.documents.is_some();
    let body = Body {
        model: options.model,
        messages: messages::turns(chat, &mut notes)?,
        strict_tools: is_strict,
        tool_choice: choice,
        response_format: params::format(chat, is_grounded, &mut notes)?,
        sampling: params::sampling(chat, &mut notes)?,
        thinking: params::thinking(chat, options.thinks, &mut notes),
        own,
        stream: chat.stream,
        tools,
    };
    params::check(chat, &mut notes)?;
    let body = json::body(&body)?;
    Ok(Written {
        body,
        dropped: notes.into_dropped(),
        context: AnswerContext::new(options.model),
    })
}

// ===== impl RequestOptions =====

impl<'a> RequestOptions<'a> {
    /// Options for a model, by its name.
    ///
    /// # Defaults
    ///
    /// What cannot be said is an error. A model thinks if its name says so.
    pub fn new(model: &'a str) -> Self {
        Self {
            model,
            drop_params: false,
            thinks: model.contains("reasoning"),
        }
    }
}
