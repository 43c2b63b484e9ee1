use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode, Uri};
use steeplechase_core::call::Forward;
use steeplechase_core::deployment::Endpoint;
use steeplechase_core::model_info::Mode;
use steeplechase_core::{Deployment, Dialect, Error, Operation};

use super::outbound::{Outbound, Written, as_it_was_asked};
use super::{Judge, Rewrite};
use crate::chat::ChatRequest;
use crate::rerank::{RerankRequest, Shape};
use crate::responses;
use crate::translate::provider::{self, Answering, Ask, Outgoing, merges_reasoning};
use crate::translate::{self, wire};

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    chat: Uri,
    /// `None` if the provider has none.
    embeddings: Option<Uri>,
    completions: Option<Uri>,
    responses: Option<Uri>,
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
        let known = |path: &Option<Box<str>>| {
            let path = path.as_deref();
            path.map(|path| wire::uri(deployment, path)).transpose()
        };
        let chat = match &profile.chat {
            Endpoint::Path(path) => path,
            Endpoint::Usual | Endpoint::None => wire::CHAT,
        };
        Ok(Self {
            chat: wire::uri(deployment, chat)?,
            embeddings: at(&profile.embeddings, "/embeddings")?,
            completions: known(&profile.completions)?,
            responses: known(&profile.responses)?,
            headers: wire::headers(deployment)?,
            outbound: Outbound::new(deployment),
        })
    }

    /// The request for a call that is passed on as it is.
    fn forward(
        &self,
        forward: &Forward,
        ask: &Ask<'_>,
        rewrite: &Rewrite,
    ) -> Result<Outgoing, Error> {
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, forward.content_type().clone());
        Ok(Outgoing {
            uri: wire::uri(ask.deployment, forward.path())?,
            headers,
            body: rewrite.forward(ask.call, forward)?,
            dropped: Vec::new(),
            answer: Answering::Raw,
        })
    }
}

impl provider::Provider for Provider {
    fn relay(&self, ask: &Ask<'_>, rewrite: &Rewrite) -> Option<Result<Outgoing, Error>> {
        let call = ask.call;
        if let Some(forward) = call.forward() {
            return Some(self.forward(forward, ask, rewrite));
        }
        let uri = match (call.dialect(), call.operation()) {
            (Dialect::OpenAi, Operation::Chat) => &self.chat,
            (Dialect::OpenAi, Operation::Embeddings) => match &self.embeddings {
                Some(uri) => uri,
                None => return Some(Err(ask.unsupported())),
            },
            (Dialect::Completions, Operation::Chat) if completes(ask) => {
                self.completions.as_ref()?
            }
            (Dialect::Responses, Operation::Chat) => self.responses.as_ref()?,
            _ => return None,
        };
        let merges = merges_reasoning(ask);
        let judge = |choices| match call.dialect() {
            Dialect::Responses => translate::Judge::Responses(responses::Judge::default()),
            _ => translate::Judge::OpenAi(Judge::new(choices)),
        };
        let shown = |body| match call.dialect() {
            Dialect::Responses => responses::without_ours(body),
            _ => body,
        };
        Some(rewrite.relay(call, ask.allowed).map(|rewritten| Outgoing {
            uri: uri.clone(),
            headers: self.headers.clone(),
            body: shown(rewritten.body),
            dropped: rewritten.dropped,
            answer: if merges {
                Answering::Chat(Box::new(as_it_was_asked(rewritten.choices)))
            } else {
                Answering::Relay(judge(rewritten.choices))
            },
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

    fn rerank(&self, request: RerankRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let deployment = ask.deployment;
        let known = Shape::of(deployment.provider());
        let shape = match deployment.profile().rerank {
            Some(true) => known.unwrap_or(Shape::usual()),
            Some(false) => return Err(ask.unsupported()),
            None => known.ok_or_else(|| ask.unsupported())?,
        };
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

/// Whether a model completes prompts where its provider has completions. Of OpenAI's only a few do, and
/// the others refuse there what they do in a chat.
fn completes(ask: &Ask<'_>) -> bool {
    const INSTRUCT: [&str; 4] = [
        "babbage-002",
        "davinci-002",
        "gpt-3.5-turbo-instruct",
        "gpt-35-turbo-instruct",
    ];
    let deployment = ask.deployment;
    let is_openai = matches!(deployment.provider(), "azure" | "openai");
    let names = [Some(ask.model), deployment.base_model()];
    !is_openai
        || deployment.model_info().mode == Some(Mode::Completion)
        || INSTRUCT
            .iter()
            .any(|known| names.iter().flatten().any(|name| name.contains(known)))
}
