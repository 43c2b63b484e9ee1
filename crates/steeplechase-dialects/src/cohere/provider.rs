use http::header::ACCEPT;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use steeplechase_core::model_info::Ability;
use steeplechase_core::{Deployment, Dialect, Error, Operation};

use super::{RequestOptions, Written, embed};
use crate::chat::ChatRequest;
use crate::embed::EmbedRequest;
use crate::openai::Rewrite;
use crate::rerank::{self, RerankRequest};
use crate::translate::provider::{self, Answering, Ask, Outgoing};
use crate::translate::wire;

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    chat: Uri,
    embed: Uri,
    rerank: Uri,
    headers: HeaderMap,
}

impl Provider {
    /// # Errors
    ///
    /// What is wrong with the deployment's settings.
    pub(crate) fn new(deployment: &Deployment) -> Result<Self, Error> {
        let base = bare(deployment.base_url());
        Ok(Self {
            chat: wire::join(&base, "/v2/chat")?,
            embed: wire::join(&base, "/v2/embed")?,
            rerank: wire::join(&base, "/v2/rerank")?,
            headers: wire::headers(deployment)?,
        })
    }
}

impl provider::Provider for Provider {
    fn relay(&self, ask: &Ask<'_>, rewrite: &Rewrite) -> Option<Result<Outgoing, Error>> {
        let call = ask.call;
        let is_own = call.dialect() == Dialect::Cohere && call.operation() == Operation::Rerank;
        if !is_own || rewrite.has_params() || !rerank::is_second_version(call.raw()) {
            return None;
        }
        Some(rewrite.write(call).map(|body| Outgoing {
            uri: self.rerank.clone(),
            headers: self.headers.clone(),
            body,
            dropped: Vec::new(),
            answer: Answering::Whole(Box::new(rerank::relay_answer)),
        }))
    }

    fn chat(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let mut options = RequestOptions::new(ask.model);
        options.drop_params = ask.deployment.drop_params();
        if let Some(base_model) = ask.deployment.base_model() {
            options.thinks = RequestOptions::new(base_model).thinks;
        }
        let abilities = ask.deployment.model_info().abilities;
        if let Some(thinks) = abilities.get(Ability::Reasoning) {
            options.thinks = thinks;
        }
        let Written {
            body,
            dropped,
            context,
        } = super::write_request(chat, &options)?;
        let mut headers = self.headers.clone();
        if chat.stream {
            headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        }
        Ok(Outgoing {
            uri: self.chat.clone(),
            headers,
            body,
            dropped,
            answer: Answering::Chat(Box::new(context)),
        })
    }

    fn embed(&self, request: &EmbedRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let drop_params = ask.deployment.drop_params();
        let (body, dropped) = embed::write(request, ask.model, drop_params)?;
        let (model, encoding) = (ask.model.to_owned(), request.encoding);
        let inputs = request.input.len();
        Ok(Outgoing {
            uri: self.embed.clone(),
            headers: self.headers.clone(),
            body,
            dropped,
            answer: Answering::Whole(Box::new(move |body| {
                Ok(embed::read(body, &model, inputs)?.into_chunk(encoding))
            })),
        })
    }

    fn rerank(&self, request: RerankRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        rerank::COHERE.outgoing(request, ask, &self.rerank, &self.headers)
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        super::classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        super::classify_event
    }
}

/// A base URL without a path of the provider's: people write that of an endpoint, or of the first
/// version.
fn bare(base: &Uri) -> Uri {
    let mut path = base.path().trim_end_matches('/');
    for end in ["/chat", "/embed", "/rerank"] {
        path = path.strip_suffix(end).unwrap_or(path);
    }
    for end in ["/v1", "/v2"] {
        path = path.strip_suffix(end).unwrap_or(path);
    }
    let query = base.query().map_or(String::new(), |it| format!("?{it}"));
    let mut parts = base.clone().into_parts();
    let whole = format!("{}{query}", if path.is_empty() { "/" } else { path });
    parts.path_and_query = PathAndQuery::try_from(whole).ok();
    Uri::from_parts(parts).unwrap_or_else(|_| base.clone())
}
