use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde::de::IgnoredAny;
use steeplechase_core::{Call, Chunk, Class, Deployment, Dialect, Error, Operation, Scope};

use super::reader::flagged;
use super::stream::truncated;
use super::wire::Wire;
use crate::anthropic::{self, AnswerContext, RequestOptions};
use crate::chat::ChatRequest;
use crate::intake::is_own;
use crate::openai::{self, Rewrite, Verdict};

/// A deployment, and all that can be known of its requests before there is a call.
pub(super) struct Target {
    deployment: Arc<Deployment>,
    wire: Result<Wire, Error>,
    rewrite: Rewrite,
}

/// A request to the provider, and how its answer is to be read.
pub(super) struct Outgoing {
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) plan: Plan,
}

/// How an answer is to be read.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) is_stream: bool,
    /// Whether a stream is to end with its usage.
    pub(super) include_usage: bool,
    /// How many choices the answer is to have.
    pub(super) choices: u32,
    pub(super) language: Language,
    /// The parameters of the call that the provider was not told.
    pub(super) dropped: Vec<Box<str>>,
}

/// What is spoken by the provider to a caller that speaks OpenAI's dialect.
#[derive(Debug)]
pub(super) enum Language {
    Anthropic(AnswerContext),
    Same,
}

// ===== impl Target =====

impl Target {
    pub(super) fn new(deployment: &Arc<Deployment>) -> Self {
        Self {
            wire: Wire::new(deployment),
            rewrite: Rewrite::new(deployment),
            deployment: Arc::clone(deployment),
        }
    }

    /// Says of an error that it is this deployment's.
    pub(super) fn blame(&self, error: Error) -> Error {
        let error = error.with_deployment(Arc::clone(self.deployment.id_handle()));
        // A deployment of all of a provider's models says nothing of the others by refusing one, which
        // the caller has named.
        let is_of_one = matches!(error.class(), Class::NotFound | Class::RateLimited)
            || error
                .upstream()
                .is_some_and(|said| said.status == StatusCode::FORBIDDEN);
        if is_of_one && self.deployment.upstream_model().contains('*') {
            return error.with_scope(Scope::Request);
        }
        error
    }

    /// Writes the request for a call.
    pub(super) fn write(&self, call: &Call) -> Result<Outgoing, Error> {
        let wire = self.wire.as_ref().map_err(Error::clone)?;
        match (call.dialect(), self.deployment.dialect(), call.operation()) {
            (Dialect::OpenAi, Dialect::OpenAi, operation) => {
                let uri = match operation {
                    Operation::Embeddings => wire.embeddings.as_ref(),
                    _ => Some(&wire.chat),
                };
                let rewritten = self.rewrite.rewrite(call)?;
                Ok(Outgoing {
                    uri: uri.ok_or_else(|| self.unsupported(call))?.clone(),
                    headers: wire.headers.clone(),
                    body: rewritten.body,
                    plan: Plan {
                        is_stream: call.head().stream && operation == Operation::Chat,
                        include_usage: call.head().include_usage,
                        choices: rewritten.choices,
                        language: Language::Same,
                        dropped: rewritten.dropped,
                    },
                })
            }
            (Dialect::OpenAi, Dialect::Anthropic, Operation::Chat) => self.anthropic(call, wire),
            _ => Err(self.unsupported(call)),
        }
    }

    fn anthropic(&self, call: &Call, wire: &Wire) -> Result<Outgoing, Error> {
        // The typed form is shared by all attempts, so it is without this deployment's parameters.
        let chat = if self.rewrite.has_params() {
            Arc::new(ChatRequest::parse(&self.rewrite.write(call)?)?)
        } else {
            call.typed(ChatRequest::parse)?
        };
        let model = self.rewrite.model(call)?;
        let mut options = RequestOptions::new(&model);
        options.default_max_tokens = self.deployment.default_max_tokens();
        options.drop_params = self.deployment.drop_params();
        let mut written = anthropic::write_request(&chat, &options)?;
        // What is for us was not meant for the provider.
        written.dropped.retain(|name| !is_own(name));
        let mut headers = wire.headers.clone();
        let ours = headers.get_all(anthropic::BETA_HEADER);
        let ours = ours.iter().filter_map(|value| value.to_str().ok());
        if let Some(betas) = anthropic::merge_betas(ours, &written.betas) {
            headers.insert(anthropic::BETA_HEADER, betas);
        }
        Ok(Outgoing {
            uri: wire.chat.clone(),
            headers,
            body: written.body,
            plan: Plan {
                is_stream: call.head().stream,
                include_usage: call.head().include_usage,
                choices: 1,
                language: Language::Anthropic(written.context),
                dropped: written.dropped,
            },
        })
    }

    fn unsupported(&self, call: &Call) -> Error {
        let operation = call.operation().as_str();
        let message = format!("the model `{}` does not do {operation}", call.model());
        let detail = format!(
            "{operation} from {} to {} cannot be translated",
            call.dialect().as_str(),
            self.deployment.dialect().as_str(),
        );
        Error::new(Class::Unsupported, message).with_detail(detail)
    }

    /// Classifies an answer with a status that is no success.
    pub(super) fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        if status.is_redirection() || status.is_informational() {
            let detail = format!("the provider answered {status}, and redirects are not followed");
            return Error::new(Class::Server, "the provider failed").with_detail(detail);
        }
        match self.deployment.dialect() {
            Dialect::Anthropic => anthropic::classify(status, headers, body),
            _ => openai::classify(status, headers, body),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("deployment", &self.deployment.id())
            .finish_non_exhaustive()
    }
}

// ===== impl Plan =====

impl Plan {
    /// Reads a whole answer. One to a call for a stream becomes a stream: some providers do not know
    /// how to, and the answer is there.
    pub(super) fn read(&self, body: Bytes) -> Result<Chunk, Error> {
        let whole = match &self.language {
            Language::Same => openai::read_answer(body)?,
            Language::Anthropic(context) => {
                let (body, usage) = anthropic::read_answer(&body, context, None)
                    .map_err(|error| if is_cut(&body) { truncated() } else { error })?;
                openai::read_answer(body)?.and_usage(usage)
            }
        };
        if !self.is_stream {
            return Ok(whole);
        }
        let verdict = Verdict {
            content: whole.is_content(),
            end: whole.is_end(),
            usage: whole.usage().copied(),
        };
        let stream = openai::unroll(whole.data(), self.include_usage)?;
        Ok(flagged(stream, verdict))
    }

    /// The parameters that were dropped, as a header.
    pub(super) fn dropped(&self) -> Option<HeaderValue> {
        if self.dropped.is_empty() {
            return None;
        }
        HeaderValue::from_str(&self.dropped.join(", ")).ok()
    }
}

/// Whether JSON ends before its end.
fn is_cut(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_err_and(|error| error.is_eof())
}
