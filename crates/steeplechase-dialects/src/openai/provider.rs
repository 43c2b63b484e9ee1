use http::{HeaderMap, StatusCode, Uri};
use steeplechase_core::deployment::Endpoint;
use steeplechase_core::{Deployment, Dialect, Error, Operation};

use super::outbound::{Outbound, Written};
use super::{Judge, Rewrite};
use crate::chat::ChatRequest;
use crate::translate::provider::{self, Answering, Ask, Outgoing};
use crate::translate::{self, wire};

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    chat: Uri,
    /// `None` if the provider has none.
    embeddings: Option<Uri>,
    headers: HeaderMap,
    outbound: Outbound,
}

impl Provider {
    /// # Errors
    ///
    /// What is wrong with the deployment's settings.
    pub(crate) fn new(deployment: &Deployment) -> Result<Self, Error> {
        let profile = deployment.profile();
        let at = |endpoint: &Endpoint, usual: &str| match endpoint {
            Endpoint::Path(path) => wire::uri(deployment, path).map(Some),
            Endpoint::Usual => wire::uri(deployment, usual).map(Some),
            Endpoint::None => Ok(None),
        };
        let chat = match &profile.chat {
            Endpoint::Path(path) => path,
            Endpoint::Usual | Endpoint::None => wire::CHAT,
        };
        Ok(Self {
            chat: wire::uri(deployment, chat)?,
            embeddings: at(&profile.embeddings, "/embeddings")?,
            headers: wire::headers(deployment)?,
            outbound: Outbound::new(deployment),
        })
    }
}

impl provider::Provider for Provider {
    fn relay(&self, ask: &Ask<'_>, rewrite: &Rewrite) -> Option<Result<Outgoing, Error>> {
        let call = ask.call;
        let uri = match (call.dialect(), call.operation()) {
            (Dialect::OpenAi, Operation::Chat) => &self.chat,
            (Dialect::OpenAi, Operation::Embeddings) => match &self.embeddings {
                Some(uri) => uri,
                None => return Some(Err(ask.unsupported())),
            },
            _ => return None,
        };
        Some(rewrite.rewrite(call).map(|rewritten| Outgoing {
            uri: uri.clone(),
            headers: self.headers.clone(),
            body: rewritten.body,
            dropped: rewritten.dropped,
            answer: Answering::Relay(translate::Judge::OpenAi(Judge::new(rewritten.choices))),
        }))
    }

    fn chat(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let Written {
            body,
            dropped,
            context,
        } = self.outbound.write(chat, ask)?;
        Ok(Outgoing {
            uri: self.chat.clone(),
            headers: self.headers.clone(),
            body,
            dropped,
            answer: Answering::Chat(Box::new(context)),
        })
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        super::classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        super::classify_event
    }
}
