use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode};
use steeplechase_core::deployment::Auth;
use steeplechase_core::{
    Attempts, Call, Chunk, Class, Deployment, Dialect, Error, Operation, Pricing, Scope,
};
use tokio::time::Instant;

use super::caller::{self, Caller};
use super::framing::Framing;
use super::headroom;
use super::judge::Judge;
use super::mock::{Mocked, WantedBy};
use super::provider::{self, Answering, Ask, Outgoing, Provider, ReadHeaded, ReadWhole};
use super::reader::flagged;
use crate::anthropic;
use crate::chat::{ChatRequest, ReadAnswer};
use crate::embed::EmbedRequest;
use crate::intake::is_own;
use crate::openai::{self, Rewrite, Verdict};
use crate::rerank::RerankRequest;
use crate::tokens::{Family, Gap};
use crate::{completions, responses};

/// A deployment, and all that can be known of its requests before there is a call.
pub(super) struct Target {
    deployment: Arc<Deployment>,
    provider: Result<Box<dyn Provider>, Error>,
    /// For who speaks the caller's dialect.
    rewrite: Rewrite,
    /// For who does not.
    neutral: Rewrite,
    /// `None` if it depends on the model that a caller names.
    family: Option<Family>,
}

/// How an answer is to be read, and for whom.
pub(super) struct Plan {
    pub(super) is_stream: bool,
    /// Whether a stream is to end with its usage.
    include_usage: bool,
    dialect: Dialect,
    pub(super) answer: Reading,
    pub(super) classify_event: fn(&[u8]) -> Error,
    pub(super) classify_exception: fn(&str, &[u8]) -> Error,
    /// What is booked if the provider does not say what was used.
    pub(super) gap: Gap,
    /// The parameters of the call that the provider was not told.
    dropped: Vec<Box<str>>,
    /// What is known about the price of this call, where the deployment's depends on the model.
    pub(super) pricing: Option<Pricing>,
}

/// What is done with an answer.
pub(super) enum Reading {
    Chat(Box<dyn ReadAnswer>, Caller),
    /// With the headers, once they are there.
    Headed(ReadHeaded, HeaderMap),
    Relay(Judge),
    Raw,
    Whole(ReadWhole),
}

/// A request to a provider, without what is done with its answer.
pub(super) struct Message {
    pub(super) uri: http::Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

// ===== impl Target =====

impl Target {
    pub(super) fn new(deployment: &Arc<Deployment>) -> Self {
        Self {
            provider: provider::of(deployment),
            rewrite: Rewrite::new(deployment),
            neutral: Rewrite::neutral(deployment),
            family: Some(deployment.upstream_model())
                .filter(|model| !model.contains('*'))
                .map(Family::of),
            deployment: Arc::clone(deployment),
        }
    }

    /// Takes note of what the provider says of its own limits, success or not.
    pub(super) fn listen(&self, headers: &HeaderMap) {
        // They are a model's, and nobody knows which of them the next call is for.
        if self.family.is_none() {
            return;
        }
        let headroom = headroom::read(headers);
        if !headroom.is_empty() {
            let limits = self.deployment.limits();
            limits.provider_says(&headroom, Instant::now());
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

    /// What the call gets in place of an answer, if it has asked for that, or the deployment never asks.
    pub(super) fn mock(&self, call: &Call, extensions: &Extensions) -> Option<Mocked> {
        let controls = Attempts::get(extensions).and_then(Attempts::controls);
        let of_call = controls.as_ref().and_then(|it| it.mock.as_ref());
        let (mock, wanted_by) = match (of_call, self.deployment.mock()) {
            (Some(mock), _) => (mock, WantedBy::Call),
            (None, mock) => (mock?, WantedBy::Deployment),
        };
        let mocked = Mocked::new(mock, wanted_by, call, |error| self.blame(error));
        Some(mocked)
    }

    /// Writes the request for a call, if it may be made at its price.
    pub(super) fn prepare(
        &self,
        call: &Call,
        caller: &HeaderMap,
    ) -> Result<(Message, Plan), Error> {
        let pricing = match self.deployment.pricing() {
            by_model @ Pricing::ByModel(_) => Some(by_model.of(&self.rewrite.model(call)?)),
            Pricing::Denied => Some(Pricing::Denied),
            _ => None,
        };
        if let Some(Pricing::Denied) = pricing {
            let message = format!(
                "the model `{}` has no price, and calls without one are refused",
                call.model()
            );
            return Err(Error::new(Class::Unsupported, message).with_code("model_not_priced"));
        }
        let (message, mut plan) = self.write(call, caller)?;
        plan.pricing = pricing;
        Ok((message, plan))
    }

    fn write(&self, call: &Call, caller: &HeaderMap) -> Result<(Message, Plan), Error> {
        let provider = &**self.provider.as_ref().map_err(Error::clone)?;
        let model = self.rewrite.model(call)?;
        let ask = Ask {
            call,
            deployment: &self.deployment,
            model: &model,
            caller,
        };
        let (mut outgoing, chat) = match provider.relay(&ask, &self.rewrite) {
            Some(outgoing) => (outgoing?, None),
            None => self
                .translate(provider, &ask)
                .map_err(|error| caller::renamed(call.dialect(), error))?,
        };
        if let Some(chat) = &chat {
            caller::dropped(call.dialect(), chat, &mut outgoing.dropped);
        }
        let family = self.family.unwrap_or_else(|| Family::of(&model));
        let gap = Gap::of(call, family);
        let answer = match (outgoing.answer, chat) {
            (Answering::Chat(reader), Some(chat)) => {
                let dialect = call.dialect();
                let provider = self.deployment.dialect();
                let caller = Caller {
                    dialect,
                    chat,
                    provider,
                };
                Reading::Chat(reader, caller)
            }
            (Answering::Chat(_), None) => return Err(ask.unsupported()),
            (Answering::Headed(read), _) => Reading::Headed(read, HeaderMap::new()),
            (Answering::Relay(mut judge), _) => {
                judge.weigh(gap.weights());
                Reading::Relay(judge)
            }
            (Answering::Raw, _) => Reading::Raw,
            (Answering::Whole(read), _) => Reading::Whole(read),
        };
        let Outgoing {
            uri,
            headers,
            body,
            mut dropped,
            ..
        } = outgoing;
        let mut message = Message { uri, headers, body };
        self.authorize(&mut message)?;
        // What is for us was not meant for the provider.
        dropped.retain(|name| !is_own(name));
        let head = call.head();
        let is_chat = call.operation() == Operation::Chat;
        let plan = Plan {
            is_stream: head.stream
                && matches!(answer, Reading::Chat(..) | Reading::Relay(_))
                && is_chat,
            include_usage: head.include_usage,
            dialect: call.dialect(),
            answer,
            classify_event: provider.classify_event(),
            classify_exception: provider.classify_exception(),
            gap,
            dropped,
            pricing: None,
        };
        Ok((message, plan))
    }

    /// Writes the request for a call by way of the neutral form.
    fn translate(
        &self,
        provider: &dyn Provider,
        ask: &Ask<'_>,
    ) -> Result<(Outgoing, Option<Arc<ChatRequest>>), Error> {
        let call = ask.call;
        let parse = |raw: &Bytes| caller::parse(call.dialect(), call.operation(), raw);
        match call.operation() {
            Operation::Chat => {
                // The typed form is shared by all attempts, so it is without this deployment's
                // parameters.
                let chat = if self.neutral.has_params() {
                    Arc::new(parse(&self.neutral.write(call)?)?)
                } else {
                    caller::chat(call)?
                };
                let chat = chat.for_provider(self.deployment.dialect());
                Ok((provider.chat(&chat, ask)?, Some(chat)))
            }
            Operation::CountTokens => {
                let chat = call.typed(parse)?;
                Ok((provider.count_tokens(&chat, ask)?, None))
            }
            Operation::Embeddings => {
                let request = EmbedRequest::parse(&self.neutral.write(call)?)?;
                Ok((provider.embed(&request, ask)?, None))
            }
            Operation::Rerank => {
                let request = RerankRequest::parse(&self.neutral.write(call)?)?;
                Ok((provider.rerank(request, ask)?, None))
            }
            _ => Err(ask.unsupported()),
        }
    }

    /// Shows who calls, if that is made for each request.
    fn authorize(&self, message: &mut Message) -> Result<(), Error> {
        let Auth::Each(authorize) = self.deployment.auth() else {
            return Ok(());
        };
        let Message { uri, headers, body } = message;
        authorize.authorize(&Method::POST, uri, headers, body)
    }

    /// Classifies an answer with a status that is no success.
    pub(super) fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        if status.is_redirection() || status.is_informational() {
            let detail = format!("the provider answered {status}, and redirects are not followed");
            return Error::new(Class::Server, "the provider failed").with_detail(detail);
        }
        match &self.provider {
            Ok(provider) => provider.classify(status, headers, body),
            Err(error) => error.clone(),
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
    /// Takes note of the head of the answer.
    pub(super) fn head(&mut self, headers: &HeaderMap) {
        match &mut self.answer {
            Reading::Chat(reader, _) => reader.head(headers),
            Reading::Headed(_, kept) => kept.clone_from(headers),
            Reading::Raw | Reading::Relay(_) | Reading::Whole(_) => {}
        }
    }

    /// Whether a stream can be read that comes this way. What is handed on as it is has to be in the
    /// caller's framing.
    pub(super) fn takes(&self, framing: Framing) -> bool {
        framing == Framing::ServerSent || matches!(self.answer, Reading::Chat(..))
    }

    /// Reads a whole answer. One to a call for a stream becomes a stream: some providers do not know
    /// how to, and the answer is there.
    ///
    /// What the provider does not say of the usage is estimated. A caller is told of it if the answer is
    /// written anew.
    pub(super) fn read(&self, body: Bytes) -> Result<Chunk, Error> {
        match &self.answer {
            Reading::Chat(reader, caller) => {
                let mut answer = reader.read(&body)?;
                if answer.usage.is_blank() {
                    let missing = self.gap.fill(Some(&answer.usage), self.gap.weigh(&answer));
                    answer.usage = missing.unwrap_or(answer.usage);
                }
                Ok(if self.is_stream {
                    caller.streamed(&answer)
                } else {
                    caller.whole(answer)
                })
            }
            Reading::Relay(judge) => {
                let whole = self.fill(judge.whole(body, self.gap.weights())?);
                if self.is_stream {
                    return self.unroll(&whole);
                }
                Ok(whole)
            }
            Reading::Headed(read, headers) => Ok(self.fill(read(headers, &body)?)),
            Reading::Raw => Ok(Chunk::whole(body)),
            Reading::Whole(read) => Ok(self.fill(read(&body)?)),
        }
    }

    /// Adds to a whole answer the usage that the provider has not told.
    fn fill(&self, whole: Chunk) -> Chunk {
        match self.gap.fill(whole.usage(), whole.said()) {
            Some(usage) => whole.and_usage(usage),
            None => whole,
        }
    }

    /// Makes a stream of a whole answer that is in the caller's dialect.
    fn unroll(&self, whole: &Chunk) -> Result<Chunk, Error> {
        let verdict = Verdict {
            content: whole.is_content(),
            end: whole.is_end(),
            usage: whole.usage().copied(),
        };
        let stream = match self.dialect {
            Dialect::Anthropic => anthropic::caller::unroll(whole.data())?,
            Dialect::Completions => completions::unroll(whole.data(), self.include_usage)?,
            Dialect::OpenAi => openai::unroll(whole.data(), self.include_usage)?,
            Dialect::Responses => responses::unroll(whole.data())?,
            _ => {
                let message = "the provider's answer is not what was asked for";
                return Err(Error::new(Class::Server, message)
                    .with_detail("instead of a stream of events there came a whole answer"));
            }
        };
        Ok(flagged(stream, verdict))
    }

    /// The caller's dialect.
    pub(super) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The parameters that were dropped, as a header.
    pub(super) fn dropped(&self) -> Option<HeaderValue> {
        if self.dropped.is_empty() {
            return None;
        }
        HeaderValue::from_str(&self.dropped.join(", ")).ok()
    }
}
