//! Writes a call as Anthropic's Messages API wants it.
//!
//! ```text
//! ChatRequest ─┬─ thinking   max_tokens, thinking, effort ──┐
//!              ├─ format     response_format                ├─ they depend on each other, so they
//!              ├─ tools      tools, tool_choice, names      │  are decided in this order
//!              ├─ messages   system, turns, results, ids ◄──┘
//!              ├─ params     sampling, stop, hints
//!              └─ cache      at most four marks
//! ```

mod cache;
pub(crate) mod format;
pub(crate) mod messages;
pub(crate) mod native;
pub(crate) mod params;
pub(crate) mod parts;
pub(crate) mod schema;
pub(crate) mod server;
pub(crate) mod thinking;
pub(crate) mod tools;

use bytes::Bytes;
use steeplechase_core::Error;

use self::format::Format;
use self::messages::Conversation;
use self::native::Block;
use self::native::Body;
use self::thinking::Plan;
use self::tools::Toolbox;
use super::AnswerContext;
use super::Capabilities;
use super::context::Inner;
use crate::chat::ChatRequest;
use crate::chat::names::Names;
use crate::chat::names::is_plain;
use crate::chat::notes::Notes;
use crate::json;

/// What a deployment has to say about a request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, not a state"
)]
pub struct RequestOptions<'a> {
    /// The provider's name for the model.
    pub model: &'a str,
    /// The `max_tokens` of a call that has none.
    pub default_max_tokens: u32,
    /// Whether what cannot be said is left out, and not an error.
    pub drop_params: bool,
    /// Whether a last message of the assistant's is followed by a request to continue it, where the
    /// model would refuse it otherwise.
    pub append_user_continue: bool,
    /// Whether thinking is left out, blocks and all: for a second try after
    /// [`THINKING_REJECTED`](super::THINKING_REJECTED).
    pub without_thinking: bool,
    /// Whether tools are left to conform as they can: for a second try after
    /// [`STRICT_REJECTED`](super::STRICT_REJECTED).
    pub without_strict: bool,
    /// What the model takes.
    pub capabilities: Capabilities,
}

/// A request as it is sent, and what has to be known when the answer comes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Written {
    /// The body.
    pub body: Bytes,
    /// The fields of the call that were left out, or changed because they had to be.
    pub dropped: Vec<Box<str>>,
    /// The betas that the body uses, for the `anthropic-beta` header.
    pub betas: Vec<&'static str>,
    /// With which the answer is read.
    pub context: AnswerContext,
}

/// Writes a call as a body for `POST /v1/messages`.
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
    let mut betas = Vec::new();

    let mut plan = Plan::new(chat, options, &mut notes, &mut betas)?;
    let mut names = Names::new(128, is_plain);
    let format = Format::new(chat, options.capabilities, plan.is_asked);
    let mut toolbox = Toolbox::new(chat, options, &format, &plan, &mut names, &mut notes)?;
    let mut conversation =
        Conversation::new(chat, options, &plan, &mut names, &mut notes, &mut betas)?;
    let hints = toolbox.hints.drain(..).map(Block::text);
    conversation.system.extend(hints);
    toolbox.explain_history(&conversation, &mut names);
    betas.append(&mut toolbox.betas);
    cache::limit(&mut toolbox.tools, &mut conversation, &mut notes);
    format.write(&mut plan.output_config);

    let body = Body {
        model: options.model,
        max_tokens: plan.max_tokens,
        system: conversation.system,
        messages: conversation.turns,
        tools: toolbox.tools,
        tool_choice: toolbox.choice,
        stop_sequences: params::stop(chat, &mut notes),
        stream: chat.stream,
        sampling: params::sampling(chat, options.capabilities, plan.is_asked, &mut notes)?,
        thinking: plan.thinking,
        output_config: plan.output_config,
        metadata: params::metadata(chat, &mut notes),
        service_tier: params::service_tier(chat, &mut notes),
        own: params::own(chat, &mut notes, &mut betas),
    };
    params::check(chat, &mut notes)?;
    let body = json::body(&body)?;
    betas.sort_unstable();
    betas.dedup();
    Ok(Written {
        body,
        dropped: notes.into_dropped(),
        betas,
        context: AnswerContext::new(Inner {
            renamed: names.into_renamed(),
            custom: toolbox.custom,
            json_tool: toolbox.json_tool,
            strip_fences: matches!(format, Format::Hint),
        }),
    })
}

// ===== impl RequestOptions =====

impl<'a> RequestOptions<'a> {
    /// Options for a model, by its name.
    ///
    /// # Defaults
    ///
    /// 4096 tokens for a call that does not say how many, which every model can do. What cannot be
    /// said is an error. The capabilities are those [of the name](Capabilities::for_model).
    pub fn new(model: &'a str) -> Self {
        Self {
            model,
            default_max_tokens: 4096,
            drop_params: false,
            append_user_continue: false,
            without_thinking: false,
            without_strict: false,
            capabilities: Capabilities::for_model(model),
        }
    }
}
