use http::{HeaderMap, StatusCode, Uri};
use steeplechase_core::{Deployment, Error, Operation};

use super::answer::Reader;
use super::{betas, body};
use crate::anthropic::{self, VERSION_HEADER};
use crate::chat::notes::unsupported;
use crate::chat::{ChatRequest, PartKind};
use crate::gemini;
use crate::openai::Rewrite;
use crate::translate::provider::{Answering, Ask, Outgoing, Provider};
use crate::translate::wire;

/// A deployment of one of Anthropic's models on Vertex AI.
#[derive(Debug)]
pub(crate) struct VertexProvider {
    /// Who writes requests to Anthropic.
    inner: anthropic::Provider,
    base: Uri,
}

/// What stands for a model where tokens are counted.
const COUNTER: &str = "count-tokens";

// ===== impl VertexProvider =====

impl VertexProvider {
    /// # Errors
    ///
    /// What is wrong with the deployment's settings.
    pub(crate) fn new(deployment: &Deployment) -> Result<Self, Error> {
        Ok(Self {
            inner: anthropic::Provider::new(deployment)?,
            base: deployment.base_url().clone(),
        })
    }

    /// Makes of a request to Anthropic one to Vertex AI.
    fn adapt(&self, outgoing: Outgoing, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let Outgoing {
            mut headers,
            body,
            mut dropped,
            answer,
            ..
        } = outgoing;
        let counts = ask.call.operation() == Operation::CountTokens;
        let adapted = body::adapt(&body, counts)?;
        dropped.extend(adapted.dropped);
        headers.remove(VERSION_HEADER);
        let search = adapted.searches.then_some(betas::WEB_SEARCH);
        dropped.extend(betas::adapt(&mut headers, ask.deployment.headers(), search));
        let model = if counts { COUNTER } else { ask.model };
        let model = gemini::encoded(model);
        let verb = if ask.call.head().stream && !counts {
            "streamRawPredict"
        } else {
            "rawPredict"
        };
        let path = format!("/publishers/anthropic/models/{model}:{verb}");
        Ok(Outgoing {
            uri: wire::join(&self.base, &path)?,
            headers,
            body: adapted.body,
            dropped,
            answer: match answer {
                Answering::Chat(reader) => Answering::Chat(Box::new(Reader(reader))),
                other => other,
            },
        })
    }
}

impl Provider for VertexProvider {
    fn relay(&self, ask: &Ask<'_>, rewrite: &Rewrite) -> Option<Result<Outgoing, Error>> {
        let outgoing = self.inner.relay(ask, rewrite)?;
        Some(outgoing.and_then(|outgoing| self.adapt(outgoing, ask)))
    }

    fn chat(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        check(chat)?;
        let outgoing = self.inner.chat(chat, ask)?;
        self.adapt(outgoing, ask)
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        if gemini::is_googles(body) {
            return gemini::classify(status, headers, body);
        }
        self.inner.classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        classify_event
    }
}

/// Classifies an error in the place of an event: Google's, or Anthropic's.
pub(super) fn classify_event(data: &[u8]) -> Error {
    if gemini::is_googles(data) {
        return gemini::classify_event(data);
    }
    anthropic::classify_event(data)
}

/// Says what cannot be fetched there.
fn check(chat: &ChatRequest) -> Result<(), Error> {
    for (message, said) in chat.messages.iter().enumerate() {
        for (part, said) in said.content.iter().enumerate() {
            let url = match &said.kind {
                PartKind::Image { url, .. } => Some(url),
                PartKind::File(file) => file.url.as_ref().or(file.data.as_ref()),
                _ => None,
            };
            if url.is_some_and(|url| {
                url.get(..5)
                    .is_none_or(|it| !it.eq_ignore_ascii_case("data:"))
            }) {
                return Err(unsupported(
                    format_args!("messages[{message}].content[{part}]"),
                    "the provider does not fetch URLs; send the bytes as a data URL",
                ));
            }
        }
    }
    Ok(())
}
