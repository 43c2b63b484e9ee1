//! What a dialect has to know to be spoken to a provider.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use steeplechase_core::call::Forward;
use steeplechase_core::deployment::Platform;
use steeplechase_core::{Call, Chunk, Class, Deployment, Dialect, Error, Operation};

use super::judge::Judge;
use crate::chat::{ChatRequest, ReadAnswer};
use crate::embed::EmbedRequest;
use crate::openai::Rewrite;
use crate::rerank::RerankRequest;
use crate::{anthropic, azure, bedrock, cohere, gemini, openai};

/// One deployment's provider, and all that can be known of its requests before there is a call.
///
/// ```text
///  Call ──► relay                in the provider's dialect already: bytes, spliced
///       └─► chat, embed, rerank  from the neutral form
/// ```
pub(crate) trait Provider: fmt::Debug + Send + Sync {
    /// The request for a call that is in the provider's own dialect. `None` if it is not.
    fn relay(&self, ask: &Ask<'_>, rewrite: &Rewrite) -> Option<Result<Outgoing, Error>>;

    /// The request for a chat.
    fn chat(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error>;

    /// The request for vectors.
    fn embed(&self, request: &EmbedRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        _ = request;
        Err(ask.unsupported())
    }

    /// The request that puts documents in order.
    fn rerank(&self, request: RerankRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        _ = request;
        Err(ask.unsupported())
    }

    /// The request for the number of tokens of a chat. Its answer is in the caller's dialect, and whole.
    fn count_tokens(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        _ = chat;
        Err(ask.unsupported())
    }

    /// Classifies an answer with a status that is no success.
    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error;

    /// What classifies an error in the place of an event.
    fn classify_event(&self) -> fn(&[u8]) -> Error;

    /// What classifies an exception, which the framing of the stream tells from an event, by its name.
    fn classify_exception(&self) -> fn(&str, &[u8]) -> Error {
        |name, _| {
            let detail = format!("there was the exception `{name}` in the stream");
            Error::new(Class::Server, "the provider broke off its answer").with_detail(detail)
        }
    }
}

/// What is asked of a provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) call: &'a Call,
    pub(crate) deployment: &'a Deployment,
    /// The provider's name for the model.
    pub(crate) model: &'a str,
    /// The headers of the caller's request. They are not passed on, but for what a dialect says in
    /// headers.
    pub(crate) caller: &'a HeaderMap,
    pub(crate) allowed: Allowed<'a>,
}

/// The parameters that are passed on though the provider is not known to take them: those that the operator names,
/// and those that the call does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowed<'a> {
    pub(crate) deployment: &'a [Box<str>],
    pub(crate) call: &'a [Arc<str>],
}

/// A request to a provider, and how its answer is to be read.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The parameters of the call that the provider is not told.
    pub(crate) dropped: Vec<Box<str>>,
    pub(crate) answer: Answering,
}

/// How an answer is to be read.
pub(crate) enum Answering {
    /// It is a chat, and becomes one in the caller's dialect.
    Chat(Box<dyn ReadAnswer>),
    /// As [`Whole`](Self::Whole), where some of the answer is in its headers.
    Headed(ReadHeaded),
    /// It is in the caller's dialect.
    Relay(Judge),
    /// It is passed on as it is, whatever it is.
    Raw,
    /// It is whole and no chat, and this makes of it what the caller is answered.
    Whole(ReadWhole),
}

pub(crate) type ReadHeaded = Box<dyn Fn(&HeaderMap, &[u8]) -> Result<Chunk, Error> + Send + Sync>;

pub(crate) type ReadWhole = Box<dyn Fn(&[u8]) -> Result<Chunk, Error> + Send + Sync>;

/// The provider of a deployment.
///
/// # Errors
///
/// What is wrong with its settings.
pub(super) fn of(deployment: &Deployment) -> Result<Box<dyn Provider>, Error> {
    Ok(match deployment.dialect() {
        Dialect::Anthropic if *deployment.platform() == Platform::Vertex => {
            Box::new(anthropic::VertexProvider::new(deployment)?)
        }
        Dialect::Anthropic => Box::new(anthropic::Provider::new(deployment)?),
        Dialect::Bedrock => Box::new(bedrock::Provider::new(deployment)?),
        Dialect::Cohere => Box::new(cohere::Provider::new(deployment)?),
        Dialect::Gemini => Box::new(gemini::Provider::new(deployment)?),
        Dialect::OpenAi => match deployment.platform() {
            Platform::Azure { .. } => Box::new(azure::Provider::new(deployment)?),
            _ => Box::new(openai::Provider::new(deployment)?),
        },
        other => {
            let detail = format!("there is no provider that speaks `{}`", other.as_str());
            return Err(super::wire::misconfigured(detail));
        }
    })
}

/// Whether the caller is told the thoughts of the model as a part of what it says. Other dialects than `OpenAI`'s chat
/// have a place for them that is known.
pub(crate) fn merges_reasoning(ask: &Ask<'_>) -> bool {
    ask.deployment.merge_reasoning()
        && ask.call.operation() == Operation::Chat
        && ask.call.dialect() == Dialect::OpenAi
}

// ===== impl Ask =====

impl Ask<'_> {
    /// That the provider does not do this kind of call.
    pub(crate) fn unsupported(&self) -> Error {
        let path = self.call.forward().map(Forward::path);
        let operation = path.unwrap_or(self.call.operation().as_str());
        let message = format!("the model `{}` does not do {operation}", self.call.model());
        let detail = format!(
            "{operation} from {} to {} cannot be translated",
            self.call.dialect().as_str(),
            self.deployment.dialect().as_str(),
        );
        Error::new(Class::Unsupported, message).with_detail(detail)
    }
}

// ===== impl Allowed =====

impl Allowed<'_> {
    pub(crate) fn has(&self, param: &str) -> bool {
        self.deployment.iter().any(|name| **name == *param)
            || self.call.iter().any(|name| **name == *param)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.deployment.is_empty() && self.call.is_empty()
    }
}

// ===== impl Answering =====

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chat(reader) => f.debug_tuple("Chat").field(reader).finish(),
            Self::Headed(_) => f.write_str("Headed"),
            Self::Relay(judge) => f.debug_tuple("Relay").field(judge).finish(),
            Self::Raw => f.write_str("Raw"),
            Self::Whole(_) => f.write_str("Whole"),
        }
    }
}
