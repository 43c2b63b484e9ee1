//! Writes a call as Converse wants it.
//!
//! ```text
//! ChatRequest ─┬─ reasoning  max_tokens, thinking, effort ──┐
//!              ├─ format     response_format                ├─ they depend on each other, so they
//!              ├─ tools      tools, tool_choice, names      │  are decided in this order
//!              ├─ messages   system, turns, results, ids ◄──┘
//!              ├─ params     sampling, stop, hints, the provider's own words
//!              └─ cache      at most four marks
//! ```
//!
//! What is the same for Anthropic's models at their home is decided there:
//! [`anthropic`](crate::anthropic).

mod cache;
mod documents;
mod messages;
mod native;
mod params;
mod parts;
mod reasoning;
mod schema;
mod tools;
mod turns;

use bytes::Bytes;
use steeplechase_core::Error;

use self::cache::Marks;
use self::messages::Conversation;
use self::native::{Block, Body, Content, Contents};
use self::reasoning::Thinking;
use self::tools::Toolbox;
use super::{AnswerContext, Capabilities, Streams};
use crate::anthropic::context::Inner;
use crate::anthropic::request::format::Format;
use crate::anthropic::request::params::check;
use crate::bedrock::Family;
use crate::chat::ChatRequest;
use crate::chat::names::{Names, is_plain};
use crate::chat::notes::Notes;
use crate::json;

/// What a deployment has to say about a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestOptions<'a> {
    /// The provider's name for the model.
    pub model: &'a str,
    /// The limit of an answer to a call that has none. Without one the model says as much as it can.
    pub max_tokens: Option<u32>,
    /// Whether what cannot be said is left out, and not an error.
    pub drop_params: bool,
    /// Betas of Anthropic's to be used in each call.
    pub betas: Vec<String>,
    /// What the model takes.
    pub capabilities: Capabilities,
}

/// A request as it is sent, and what has to be known when the answer comes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Written {
    /// The body.
    pub body: Bytes,
    /// Whether it is for `converse-stream`, and not for `converse`. A call for a stream is not always:
    /// some models cannot.
    pub streams: bool,
    /// The fields of the call that were left out, or changed because they had to be.
    pub dropped: Vec<Box<str>>,
    /// With which the answer is read.
    pub context: AnswerContext,
}

/// Writes a call as a body for `POST /model/{model}/converse`, or `converse-stream`.
///
/// The same call gives the same bytes in every process, and a longer conversation gives bytes that
/// begin alike: providers cache by prefix, and bind their seals to it.
///
/// # Errors
///
/// A `400` that names the field if the call asks for what the model cannot do (code
/// `unsupported_parameter`; for parameters only, and not if
/// [`drop_params`](RequestOptions::drop_params) is set), or if the conversation makes no sense.
pub fn write_request(chat: &ChatRequest, options: &RequestOptions<'_>) -> Result<Written, Error> {
    let mut notes = Notes::new(options.drop_params);
    let capabilities = options.capabilities;
    let mut names = names(capabilities.family);
    let mut marks = Marks::new(capabilities.cache);

    let mut thinking = Thinking::new(chat, options, &mut notes)?;
    let mut additional = std::mem::take(&mut thinking.additional);
    let thinks = thinking.is_asked;
    let format = Format::new(chat, capabilities.common, thinks);
    let shape = (&format, thinks);
    let mut toolbox = Toolbox::new(chat, options, shape, &mut names, &marks, &mut notes)?;
    let keeps = thinking.keeps_blocks;
    let mut conversation =
        Conversation::new(chat, options, keeps, &mut names, &mut marks, &mut notes)?;
    conversation.end(options, thinks)?;
    toolbox.explain_history(&conversation, &mut names);
    let hints = toolbox.hints.drain(..).map(Block::text);
    conversation.system.extend(hints.map(Content::from));
    cache::limit(&mut toolbox.tools, &mut conversation, &mut notes);

    let streams = chat.stream && streams(capabilities.streams, toolbox.tools.is_empty());
    let inference_config =
        params::inference(chat, options, &thinking, &mut additional, &mut notes)?;
    additional.append(&mut toolbox.additional);
    let betas = thinking.betas.iter().map(|beta| (*beta).to_owned());
    let betas = betas.chain(toolbox.betas.drain(..));
    params::betas(chat, options, betas, &mut additional);
    let own = params::own(chat, streams, &mut additional, &mut notes)?;
    check(chat, &mut notes)?;
    let body = Body {
        messages: conversation.turns,
        system: Contents(conversation.system),
        inference_config,
        tool_config: toolbox.config(),
        additional_model_request_fields: additional,
        output_config: params::output_config(chat, &format),
        service_tier: params::service_tier(chat, &mut notes),
        own,
    };
    let body = json::body(&body)?;
    let context = Inner {
        renamed: names.into_renamed(),
        custom: toolbox.custom,
        json_tool: toolbox.json_tool,
        strip_fences: matches!(format, Format::Hint),
    };
    let seals = matches!(capabilities.family, Family::Claude | Family::Other);
    Ok(Written {
        body,
        streams,
        dropped: notes.into_dropped(),
        context: AnswerContext::new(context, seals, toolbox.unfolds),
    })
}

/// Names as the model takes them.
fn names(family: Family) -> Names {
    let names = Names::new(64, is_plain);
    if family == Family::Claude {
        return names;
    }
    names.starting_with(|byte| byte.is_ascii_alphabetic(), "t_")
}

const fn streams(streams: Streams, without_tools: bool) -> bool {
    match streams {
        Streams::Always => true,
        Streams::Never => false,
        Streams::WithoutTools => without_tools,
    }
}

// ===== impl RequestOptions =====

impl<'a> RequestOptions<'a> {
    /// Options for a model, by its name.
    ///
    /// # Defaults
    ///
    /// What cannot be said is an error. The capabilities are those
    /// [of the name](Capabilities::for_model).
    pub fn new(model: &'a str) -> Self {
        Self {
            model,
            max_tokens: None,
            drop_params: false,
            betas: Vec::new(),
            capabilities: Capabilities::for_model(model),
        }
    }
}
