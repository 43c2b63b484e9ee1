use http::{HeaderMap, StatusCode, Uri};
use steeplechase_core::deployment::Endpoints;
use steeplechase_core::{Deployment, Dialect, Error, Operation};

use super::{Judge, Rewrite};
use crate::chat::ChatRequest;
use crate::responses;
use crate::translate::provider::{self, Answering, Ask, Outgoing};
use crate::translate::{self, wire};

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    chat: Uri,
    completions: Uri,
    embeddings: Uri,
    responses: Uri,
    /// The deployment's parameters have other names there.
    for_responses: Rewrite,
    headers: HeaderMap,
}

impl Provider {
    /// # Errors
    ///
    /// What is wrong with the deployment's settings.
    pub(crate) fn new(deployment: &Deployment) -> Result<Self, Error> {
        let base = deployment.base_url();
        Ok(Self {
            chat: wire::join(base, "/chat/completions")?,
            completions: wire::join(base, "/completions")?,
            embeddings: wire::join(base, "/embeddings")?,
            responses: wire::join(base, "/responses")?,
            for_responses: Rewrite::renaming(deployment, responses::of_chat),
            headers: wire::headers(deployment)?,
        })
    }
}

impl provider::Provider for Provider {
    fn relay(&self, ask: &Ask<'_>, rewrite: &Rewrite) -> Option<Result<Outgoing, Error>> {
        let call = ask.call;
        let has = |endpoint| ask.deployment.endpoints(ask.model).has(endpoint);
        let judge = || translate::Judge::OpenAi(Judge::new(call.head().n));
        let (uri, rewrite, judge) = match (call.dialect(), call.operation()) {
            (Dialect::OpenAi, Operation::Chat) => (&self.chat, rewrite, judge()),
            (Dialect::OpenAi, Operation::Embeddings) => (&self.embeddings, rewrite, judge()),
            (Dialect::Completions, Operation::Chat) if has(Endpoints::COMPLETIONS) => {
                (&self.completions, rewrite, judge())
            }
            (Dialect::Responses, Operation::Chat) if has(Endpoints::RESPONSES) => {
                let judge = translate::Judge::Responses(responses::Judge::default());
                (&self.responses, &self.for_responses, judge)
            }
            _ => return None,
        };
        Some(rewrite.write(call).map(|body| Outgoing {
            uri: uri.clone(),
            headers: self.headers.clone(),
            body,
            dropped: Vec::new(),
            answer: Answering::Relay(judge),
        }))
    }

    fn chat(&self, _: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        Err(ask.unsupported())
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        super::classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        super::classify_event
    }
}
