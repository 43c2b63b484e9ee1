use http::{HeaderMap, StatusCode, Uri};
use steeplechase_core::deployment::Endpoints;
use steeplechase_core::{Deployment, Dialect, Error, Operation};

use super::{Judge, Rewrite};
use crate::chat::ChatRequest;
use crate::rerank::{RerankRequest, Shape};
use crate::translate::provider::{self, Answering, Ask, Outgoing};
use crate::translate::{self, wire};

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    chat: Uri,
    embeddings: Uri,
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
            embeddings: wire::join(base, "/embeddings")?,
            headers: wire::headers(deployment)?,
        })
    }
}

impl provider::Provider for Provider {
    fn relay(&self, ask: &Ask<'_>, rewrite: &Rewrite) -> Option<Result<Outgoing, Error>> {
        let call = ask.call;
        let uri = match (call.dialect(), call.operation()) {
            (Dialect::OpenAi, Operation::Chat) => &self.chat,
            (Dialect::OpenAi, Operation::Embeddings) => &self.embeddings,
            _ => return None,
        };
        Some(rewrite.write(call).map(|body| Outgoing {
            uri: uri.clone(),
            headers: self.headers.clone(),
            body,
            dropped: Vec::new(),
            answer: Answering::Relay(translate::Judge::OpenAi(Judge::new(call.head().n))),
        }))
    }

    fn chat(&self, _: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        Err(ask.unsupported())
    }

    fn rerank(&self, request: RerankRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let deployment = ask.deployment;
        if !deployment.endpoints(ask.model).has(Endpoints::RERANK) {
            return Err(ask.unsupported());
        }
        let shape = Shape::of(deployment.provider()).unwrap_or(Shape::usual());
        let uri = shape.uri(deployment.base_url(), ask.model)?;
        shape.outgoing(request, ask, &uri, &self.headers)
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        super::classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        super::classify_event
    }
}
