use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use steeplechase_core::deployment::Auth;
use steeplechase_core::{Call, Class, Controls, Deployment, Error, Operation, Pricing, Scope};
use tokio::time::Instant;

use super::caller::{self, Caller};
use super::headroom;
use super::mending::mending;
use super::mock::{Mocked, WantedBy};
use super::params::{self, Translated};
use super::plan::{Plan, Reading};
use super::provider::{self, Allowed, Answering, Ask, Outgoing, Provider, merges_reasoning};
use crate::chat::ChatRequest;
use crate::embed::EmbedRequest;
use crate::intake::is_own;
use crate::openai::Rewrite;
use crate::rerank::RerankRequest;
use crate::tokens::{Family, Gap};

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

    pub(super) const fn deployment(&self) -> &Arc<Deployment> {
        &self.deployment
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
    pub(super) fn mock(&self, call: &Call, controls: Option<&Controls>) -> Option<Mocked> {
        let of_call = controls.and_then(|it| it.mock.as_ref());
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
        controls: Option<&Controls>,
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
        let (message, mut plan) = self.write(call, caller, controls)?;
        plan.pricing = pricing;
        Ok((message, plan))
    }

    fn write(
        &self,
        asked: &Call,
        caller: &HeaderMap,
        controls: Option<&Controls>,
    ) -> Result<(Message, Plan), Error> {
        let provider = &**self.provider.as_ref().map_err(Error::clone)?;
        let model = self.rewrite.model(asked)?;
        let left = params::left_out(asked, &self.deployment, controls)?;
        let (call, mut left_out) = match &left {
            Some((left, names)) => (left, names.clone()),
            None => (asked, Vec::new()),
        };
        let ask = Ask {
            call,
            deployment: &self.deployment,
            model: &model,
            caller,
            allowed: Allowed {
                deployment: self.deployment.allowed_params(),
                call: controls.map_or(&[], |controls| &controls.allowed_params),
            },
        };
        let (outgoing, chat) = self.outgoing(provider, &ask, controls)?;
        let family = self.family.unwrap_or_else(|| Family::of(&model));
        let gap = Gap::of(call, family);
        let answer = self.reading(outgoing.answer, chat, &ask, &gap)?;
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
        dropped.append(&mut left_out);
        // A stream that the provider is not asked for is made of its whole answer.
        let head = asked.head();
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

    /// The request for a call, and what was asked, if the answer has to be read for it.
    fn outgoing(
        &self,
        provider: &dyn Provider,
        ask: &Ask<'_>,
        controls: Option<&Controls>,
    ) -> Result<Translated, Error> {
        let call = ask.call;
        let (mut outgoing, chat) = match provider.relay(ask, &self.rewrite) {
            Some(outgoing) => {
                let outgoing = outgoing?;
                // What was sent as it came may have to be read for the caller all the same.
                let is_read = matches!(outgoing.answer, Answering::Chat(_));
                let chat = is_read.then(|| caller::chat(call)).transpose()?;
                (outgoing, chat)
            }
            None => params::passing(ask, |ask| self.translate(provider, ask))
                .map_err(|error| caller::renamed(call.dialect(), error))?,
        };
        if let Some(chat) = &chat {
            params::leave_out(&mut outgoing, &self.deployment, controls);
            caller::dropped(call.dialect(), chat, &mut outgoing.dropped);
        }
        Ok((outgoing, chat))
    }

    /// How the answer is to be read.
    fn reading(
        &self,
        answer: Answering,
        chat: Option<Arc<ChatRequest>>,
        ask: &Ask<'_>,
        gap: &Gap,
    ) -> Result<Reading, Error> {
        Ok(match (answer, chat) {
            (Answering::Chat(reader), Some(chat)) => {
                let dialect = ask.call.dialect();
                let provider = self.deployment.dialect();
                let caller = Caller {
                    dialect,
                    chat,
                    provider,
                    merges: merges_reasoning(ask),
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
        })
    }

    /// Writes the request for a call by way of the neutral form.
    fn translate(&self, provider: &dyn Provider, ask: &Ask<'_>) -> Result<Translated, Error> {
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
                if self.deployment.modify_params() {
                    let (outgoing, chat) = mending(chat, |chat| provider.chat(chat, ask))?;
                    return Ok((outgoing, Some(chat)));
                }
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
