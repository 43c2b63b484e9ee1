use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::Map;
use steeplechase_core::deployment::Endpoint;
use steeplechase_core::{Chunk, Class, Deployment, Dialect, Error, Operation};

use super::params::Native;
use super::{
    BETA_HEADER, RequestOptions, VERSION, VERSION_HEADER, Written, classify_event, merge_betas,
};
use crate::chat::ChatRequest;
use crate::json;
use crate::openai::Rewrite;
use crate::translate::provider::{self, Answering, Ask, Outgoing};
use crate::translate::{self, wire};

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    messages: Uri,
    count_tokens: Uri,
    headers: HeaderMap,
    forward: Forward,
}

/// How calls are forwarded that are in this dialect already.
#[derive(Debug)]
struct Forward {
    /// With the deployment's parameters.
    all: Rewrite,
    /// Without those that make the model think, for calls that have no room for it.
    thoughtless: Rewrite,
    /// How much room there has to be.
    budget: u64,
    /// Without any, for what is no chat.
    bare: Rewrite,
    /// The deployment's parameters that the provider does not have.
    dropped: Vec<Box<str>>,
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
            count_tokens: wire::uri(deployment, &format!("{path}/count_tokens"))?,
            messages: wire::uri(deployment, path)?,
            headers,
            forward: Forward::new(deployment),
        })
    }

    /// The headers of a request: the deployment's, and the betas of whoever asks for some.
    fn headers(&self, caller: &HeaderMap, betas: &[&str]) -> HeaderMap {
        let mut headers = self.headers.clone();
        let known = caller.get_all(BETA_HEADER).into_iter();
        let known = known.chain(self.headers.get_all(BETA_HEADER));
        let known = known.filter_map(|value| value.to_str().ok());
        if let Some(betas) = merge_betas(known, betas) {
            headers.insert(BETA_HEADER, betas);
        }
        headers
    }
}

impl provider::Provider for Provider {
    fn relay(&self, ask: &Ask<'_>, _: &Rewrite) -> Option<Result<Outgoing, Error>> {
        let call = ask.call;
        let forward = &self.forward;
        let (uri, rewrite, answer) = match (call.dialect(), call.operation()) {
            (Dialect::Anthropic, Operation::Chat) => {
                let judge = translate::Judge::Anthropic(Box::default());
                let rewrite = forward.rewrite(call.head().max_tokens);
                (&self.messages, rewrite, Answering::Relay(judge))
            }
            (Dialect::Anthropic, Operation::CountTokens) => {
                let read = Answering::Whole(Box::new(read_count));
                (&self.count_tokens, &forward.bare, read)
            }
            _ => return None,
        };
        Some(rewrite.write(call).map(|body| Outgoing {
            uri: uri.clone(),
            headers: self.headers(ask.caller, &[]),
            body,
            dropped: forward.dropped.clone(),
            answer,
        }))
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
        Ok(Outgoing {
            uri: self.messages.clone(),
            headers: self.headers(ask.caller, &betas),
            body,
            dropped,
            answer: Answering::Chat(Box::new(context)),
        })
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        super::classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        classify_event
    }
}

// ===== impl Forward =====

impl Forward {
    fn new(deployment: &Deployment) -> Self {
        let mut native = Native::default();
        let all = Rewrite::with(deployment, |params| {
            native = Native::new(params, deployment.upstream_model());
            native.params.clone()
        });
        let Native {
            params,
            dropped,
            budget,
        } = native;
        Self {
            all,
            thoughtless: Rewrite::with(deployment, |_| Native::without_thinking(params)),
            budget,
            bare: Rewrite::with(deployment, |_| Map::new()),
            dropped,
        }
    }

    /// The rewriting of a call with so many tokens for its answer.
    fn rewrite(&self, max_tokens: Option<u64>) -> &Rewrite {
        match max_tokens {
            Some(max) if max <= self.budget => &self.thoughtless,
            _ => &self.all,
        }
    }
}

/// Reads a count of tokens, which stays as it is.
fn read_count(body: &[u8]) -> Result<Chunk, Error> {
    let text = String::from_utf8_lossy(body);
    let (mut is_error, mut is_count) = (false, false);
    let looked = json::each_field(&text, |name, value| match name {
        "type" => is_error |= value == "\"error\"",
        "input_tokens" => is_count |= value.parse::<u64>().is_ok(),
        _ => {}
    });
    if is_error {
        return Err(classify_event(body));
    }
    if looked.is_err() || !is_count {
        let message = "the provider's answer is no count of tokens";
        return Err(Error::new(Class::Server, message));
    }
    Ok(Chunk::whole(Bytes::copy_from_slice(body)))
}
