use http::{HeaderMap, StatusCode, Uri};
use steeplechase_core::deployment::Platform;
use steeplechase_core::{Deployment, Error};

use super::adapt::{Adapted, Rules};
use super::family::Family;
use super::place::{self, Place};
use crate::chat::ChatRequest;
use crate::embed::EmbedRequest;
use crate::openai::{self, Rewrite};
use crate::rerank::RerankRequest;
use crate::translate::provider::{self, Ask, Outgoing};
use crate::translate::wire;

/// A deployment on Azure that speaks `OpenAI`'s dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    openai: openai::Provider,
    place: Place,
    /// Where the endpoints are, if the deployment is always the same.
    fixed: Vec<(&'static str, Uri)>,
}

/// Before this version a field that asks for usage is one that nobody knows.
const STREAM_OPTIONS: &str = "2024-09-01";

/// Where chat is.
const CHAT: &str = "/chat/completions";

/// The endpoints whose places are known before there is a call.
const ENDPOINTS: [&str; 2] = [CHAT, "/embeddings"];

impl Provider {
    /// # Errors
    ///
    /// What is wrong with the deployment's settings.
    pub(crate) fn new(deployment: &Deployment) -> Result<Self, Error> {
        let place = Place::new(deployment.base_url(), api_version(deployment))?;
        let model = deployment.upstream_model();
        let endpoints = ENDPOINTS.iter().filter(|_| !model.contains('*'));
        let fixed = endpoints.map(|endpoint| Ok((*endpoint, place.uri(endpoint, model)?)));
        Ok(Self {
            fixed: fixed.collect::<Result<_, Error>>()?,
            openai: openai::Provider::new(deployment)?,
            place,
        })
    }

    /// Puts a request where it belongs, and changes in it what would be refused.
    fn place(&self, mut outgoing: Outgoing, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let endpoint = match ask.call.forward() {
            Some(forward) => forward.path(),
            None => match place::endpoint(outgoing.uri.path()) {
                Some(endpoint) => endpoint,
                None => return Ok(outgoing),
            },
        };
        let known = self.fixed.iter().find(|(known, _)| *known == endpoint);
        outgoing.uri = match known {
            Some((_, uri)) => uri.clone(),
            None => self.place.uri(endpoint, ask.model)?,
        };
        if endpoint != CHAT {
            return Ok(outgoing);
        }
        let deployment = ask.deployment;
        let rules = Rules {
            family: Family::of(deployment.base_model().unwrap_or(ask.model)),
            without_stream_options: self.place.is_before(STREAM_OPTIONS),
            drop_params: deployment.drop_params(),
            allowed: ask.allowed,
        };
        let Adapted { body, dropped } = rules.adapt(outgoing.body)?;
        outgoing.body = body;
        outgoing.dropped.extend(dropped);
        Ok(outgoing)
    }
}

impl provider::Provider for Provider {
    fn relay(&self, ask: &Ask<'_>, rewrite: &Rewrite) -> Option<Result<Outgoing, Error>> {
        if let Some(forward) = ask.call.forward()
            && !self.place.has(forward.path())
        {
            return Some(Err(ask.unsupported()));
        }
        let outgoing = self.openai.relay(ask, rewrite)?;
        Some(outgoing.and_then(|outgoing| self.place(outgoing, ask)))
    }

    fn chat(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        self.place(self.openai.chat(chat, ask)?, ask)
    }

    fn embed(&self, request: &EmbedRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        self.place(self.openai.embed(request, ask)?, ask)
    }

    fn rerank(&self, request: RerankRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let mut outgoing = self.openai.rerank(request, ask)?;
        // It is beside Foundry's other models.
        let path = outgoing.uri.path().replace("/models/", "/");
        outgoing.uri = wire::with_path(&outgoing.uri, &path)?;
        Ok(outgoing)
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        super::error::classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        openai::classify_event
    }
}

/// Where an endpoint of a deployment's resource is that names no model, such as `/files`.
///
/// # Errors
///
/// What is wrong with the deployment's settings.
pub(crate) fn resource(deployment: &Deployment, path: &str, query: &str) -> Result<Uri, Error> {
    let place = Place::new(deployment.base_url(), api_version(deployment))?;
    let uri = place.uri(path, deployment.upstream_model())?;
    wire::with_query(&uri, "", query)
}

fn api_version(deployment: &Deployment) -> Option<&str> {
    match deployment.platform() {
        Platform::Azure { api_version } => api_version.as_deref(),
        _ => None,
    }
}
