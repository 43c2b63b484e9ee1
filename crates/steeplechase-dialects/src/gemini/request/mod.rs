//! Writes a call as the provider wants it.
//!
//! ```text
//! ChatRequest ─┬─ tools      tools, toolConfig, names ─────┐
//!              ├─ format     response_format: with tools or ├─ hints, at the end of the system text
//!              │             without                        │
//!              ├─ contents   systemInstruction, contents ◄──┘
//!              ├─ thinking   thinkingConfig
//!              └─ params     the rest of generationConfig, hints, what callers say in Google's words
//! ```

mod contents;
mod format;
mod media;
mod native;
mod own;
mod params;
mod parts;
mod results;
mod schema;
mod task;
mod thinking;
mod tools;

use bytes::Bytes;
use steeplechase_core::Error;

use self::contents::Conversation;
use self::format::Format;
use self::native::{Body, Config, Part, System};
pub(super) use self::task::task_type;
use self::tools::Toolbox;
use super::context::Inner;
use super::paths::bare;
use super::{AnswerContext, Capabilities, Host};
use crate::chat::ChatRequest;
use crate::chat::names::Names;
use crate::chat::notes::Notes;
use crate::json;

/// What a deployment has to say about a request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RequestOptions<'a> {
    /// The provider's name for the model.
    pub model: &'a str,
    /// Whose servers they are.
    pub host: Host,
    /// Whether what cannot be said is left out, and not an error.
    pub drop_params: bool,
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
    /// With which the answer is read.
    pub context: AnswerContext,
}

/// The longest name of a tool that every model takes.
const MAX_NAME: usize = 64;

/// Writes a call as a body for `:generateContent`. The model is not in it: its place is the URL.
///
/// The same call gives the same bytes in every process, and a longer conversation gives bytes that
/// begin alike: the provider caches by prefix.
///
/// # Errors
///
/// A `400` that names the field if the call asks for what the model cannot do (code
/// `unsupported_parameter`; for parameters only, and not if
/// [`drop_params`](RequestOptions::drop_params) is set), or if the conversation makes no sense.
pub fn write_request(chat: &ChatRequest, options: &RequestOptions<'_>) -> Result<Written, Error> {
    let mut notes = Notes::new(options.drop_params);
    let names = Names::new(MAX_NAME, is_allowed);
    let mut names = names.starting_with(|byte| byte.is_ascii_alphabetic() || byte == b'_', "_");

    let mut config = Config::default();
    let mut toolbox = Toolbox::new(chat, options, &mut names, &mut notes)?;
    let format = Format::new(chat, options.capabilities, !toolbox.tools.is_empty());
    format.write(&mut config, &mut notes);
    let conversation = Conversation::new(chat, options, &mut names, &mut notes)?;
    let Conversation {
        mut system,
        mut contents,
        resolution,
    } = conversation;
    system.extend(format.hint().map(Part::text));
    if !options.capabilities.system {
        contents::move_to_user(&mut system, &mut contents);
    }
    config.thinking = thinking::plan(chat, options.capabilities, &mut notes)?;
    config.media_resolution = resolution;
    params::write(chat, options, &mut config, &mut notes)?;
    let own = own::read(chat, options.host, &mut config, &mut notes);
    own.check(!system.is_empty(), !toolbox.tools.is_empty())?;

    let body = Body {
        system_instruction: (!system.is_empty()).then_some(System { parts: system }),
        contents,
        tools: std::mem::take(&mut toolbox.tools),
        tool_config: toolbox.config,
        generation_config: config,
        service_tier: params::service_tier(chat, &mut notes),
        labels: own.labels,
        own: own.body,
    };
    let body = json::body(&body)?;
    Ok(Written {
        body,
        dropped: notes.into_dropped(),
        context: AnswerContext::new(Inner {
            model: bare(options.model).into(),
            renamed: names.into_renamed(),
            custom: toolbox.custom,
            strip_fences: format.hint().is_some(),
        }),
    })
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':')
}

// ===== impl RequestOptions =====

impl<'a> RequestOptions<'a> {
    /// Options for a model, by its name.
    ///
    /// # Defaults
    ///
    /// What cannot be said is an error. The capabilities are those
    /// [of the name](Capabilities::for_model).
    pub fn new(model: &'a str, host: Host) -> Self {
        Self {
            model,
            host,
            drop_params: false,
            capabilities: Capabilities::for_model(model),
        }
    }
}
