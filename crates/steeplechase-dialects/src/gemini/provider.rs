use http::{HeaderMap, StatusCode};
use steeplechase_core::deployment::Platform;
use steeplechase_core::{Chunk, Deployment, Error};

use super::paths::{Method, Paths, bare};
use super::{Host, RequestOptions, Written, embed};
use crate::chat::ChatRequest;
use crate::embed::EmbedRequest;
use crate::openai::Rewrite;
use crate::translate::provider::{self, Answering, Ask, Outgoing};
use crate::translate::wire;

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    host: Host,
    paths: Paths,
    headers: HeaderMap,
}

impl Provider {
    /// # Errors
    ///
    /// What is wrong with the deployment's settings.
    pub(crate) fn new(deployment: &Deployment) -> Result<Self, Error> {
        let host = match deployment.platform() {
            Platform::Vertex => Host::Vertex,
            _ => Host::Studio,
        };
        Ok(Self {
            host,
            paths: Paths::new(deployment, host)?,
            headers: wire::headers(deployment)?,
        })
    }
}

impl provider::Provider for Provider {
    fn relay(&self, _: &Ask<'_>, _: &Rewrite) -> Option<Result<Outgoing, Error>> {
        // Nobody speaks it to us.
        None
    }

    fn chat(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let mut options = RequestOptions::new(ask.model, self.host);
        options.drop_params = ask.deployment.drop_params();
        let Written {
            body,
            dropped,
            context,
        } = super::write_request(chat, &options)?;
        let method = if chat.stream {
            Method::Stream
        } else {
            Method::Whole
        };
        Ok(Outgoing {
            uri: self.paths.of(ask.model, method)?,
            headers: self.headers.clone(),
            body,
            dropped,
            answer: Answering::Chat(Box::new(context)),
        })
    }

    fn embed(&self, request: &EmbedRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let drop_params = ask.deployment.drop_params();
        let model = bare(ask.model).to_owned();
        let written = embed::write(request, &model, self.host, drop_params)?;
        let (encoding, estimate) = (request.encoding, written.estimate);
        let read = move |body: &[u8]| -> Result<Chunk, Error> {
            let vectors = embed::read(body, &model, estimate)?;
            Ok(vectors.into_chunk(encoding))
        };
        Ok(Outgoing {
            uri: self.paths.of(ask.model, Method::Embed)?,
            headers: self.headers.clone(),
            body: written.body,
            dropped: written.dropped,
            answer: Answering::Whole(Box::new(read)),
        })
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        super::classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        super::classify_event
    }
}
