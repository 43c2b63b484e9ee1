use http::{HeaderMap, StatusCode, Uri};
use steeplechase_core::deployment::Endpoint;
use steeplechase_core::{Deployment, Error};

use super::{BETA_HEADER, RequestOptions, VERSION, VERSION_HEADER, Written, merge_betas};
use crate::chat::ChatRequest;
use crate::openai::Rewrite;
use crate::translate::provider::{self, Answering, Ask, Outgoing};
use crate::translate::wire;

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    messages: Uri,
    headers: HeaderMap,
}

impl Provider {
    /// # Errors
    ///
    /// What is wrong with the deployment's settings.
    pub(crate) fn new(deployment: &Deployment) -> Result<Self, Error> {
        let path = match &deployment.profile().chat {
            Endpoint::Path(path) => path,
            Endpoint::Usual | Endpoint::None => "/v1/messages",
        };
        let mut headers = wire::headers(deployment)?;
        // An operator may have written another.
        headers.entry(VERSION_HEADER).or_insert(VERSION);
        Ok(Self {
            messages: wire::uri(deployment, path)?,
            headers,
        })
    }
}

impl provider::Provider for Provider {
    fn relay(&self, _: &Ask<'_>, _: &Rewrite) -> Option<Result<Outgoing, Error>> {
        None
    }

    fn chat(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let mut options = RequestOptions::new(ask.model);
        options.default_max_tokens = ask.deployment.default_max_tokens();
        options.drop_params = ask.deployment.drop_params();
        let Written {
            body,
            dropped,
            betas,
            context,
        } = super::write_request(chat, &options)?;
        let mut headers = self.headers.clone();
        let ours = headers.get_all(BETA_HEADER).iter();
        let ours = ours.filter_map(|value| value.to_str().ok());
        if let Some(betas) = merge_betas(ours, &betas) {
            headers.insert(BETA_HEADER, betas);
        }
        Ok(Outgoing {
            uri: self.messages.clone(),
            headers,
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
