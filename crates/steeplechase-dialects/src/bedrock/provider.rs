use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use steeplechase_core::{Deployment, Dialect, Error};

use super::{Capabilities, Model, RequestOptions, Written, embed};
use crate::anthropic::BETA_HEADER;
use crate::chat::ChatRequest;
use crate::chat::notes::{invalid, unsupported};
use crate::embed::EmbedRequest;
use crate::openai::Rewrite;
use crate::translate::provider::{self, Answering, Ask, Outgoing};
use crate::translate::wire;

/// A deployment that speaks this dialect.
#[derive(Debug)]
pub(crate) struct Provider {
    base: Uri,
    headers: HeaderMap,
    /// Anthropic's betas, which are not in headers here.
    betas: Vec<String>,
    /// The region of the base URL, if it is one of AWS's own.
    region: Option<String>,
}

// ===== impl Provider =====

impl Provider {
    /// # Errors
    ///
    /// What is wrong with the deployment's settings.
    pub(crate) fn new(deployment: &Deployment) -> Result<Self, Error> {
        let base = deployment.base_url().clone();
        // Found out now, and not with the first call.
        wire::join(&base, "/model")?;
        let mut headers = wire::headers(deployment)?;
        let betas = betas(&headers).collect();
        headers.remove(BETA_HEADER);
        let region = base.host().and_then(region).map(str::to_owned);
        Ok(Self {
            base,
            headers,
            betas,
            region,
        })
    }

    /// The URI of an operation on a model.
    ///
    /// # Errors
    ///
    /// That it is no name of a model, or that of one in another region, whose servers have another name.
    fn uri(&self, model: &Model<'_>, operation: &str) -> Result<Uri, Error> {
        // A caller may have named it, and such a segment is another path.
        if model.id().bytes().all(|byte| byte == b'.') {
            return Err(invalid("model", "is no name of a model"));
        }
        if let (Some(here), Some(there)) = (self.region.as_deref(), model.region())
            && here != there
        {
            let why = format_args!("it is in {there}, and this deployment calls {here}");
            return Err(unsupported("model", why));
        }
        let path = format!("/model/{}/{operation}", model.segment());
        wire::join(&self.base, &path)
    }
}

impl provider::Provider for Provider {
    fn relay(&self, _: &Ask<'_>, _: &Rewrite) -> Option<Result<Outgoing, Error>> {
        None
    }

    fn chat(&self, chat: &ChatRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let model = Model::parse(ask.model);
        let mut options = RequestOptions::new(ask.model);
        if let Some(base_model) = ask.deployment.base_model() {
            options.capabilities = Capabilities::for_model(base_model);
        }
        options.max_tokens = ask.deployment.max_tokens();
        options.drop_params = ask.deployment.drop_params();
        options.betas.clone_from(&self.betas);
        if ask.call.dialect() == Dialect::Anthropic {
            options.betas.extend(betas(ask.caller));
        }
        let Written {
            body,
            streams,
            dropped,
            context,
        } = super::write_request(chat, &options)?;
        let (operation, accept) = if streams {
            ("converse-stream", "application/vnd.amazon.eventstream")
        } else {
            ("converse", "application/json")
        };
        let mut headers = self.headers.clone();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        // An ARN names an account, which is nothing for callers.
        let shown = if model.is_arn() {
            ask.call.model()
        } else {
            model.id()
        };
        Ok(Outgoing {
            uri: self.uri(&model, operation)?,
            headers,
            body,
            dropped,
            answer: Answering::Chat(Box::new(context.with_model(shown))),
        })
    }

    fn embed(&self, request: &EmbedRequest, ask: &Ask<'_>) -> Result<Outgoing, Error> {
        let model = Model::parse(ask.model);
        let named = ask.deployment.base_model().unwrap_or(model.id());
        let drop_params = ask.deployment.drop_params();
        let embed::Written {
            body,
            dropped,
            answer,
        } = embed::write(request, named, drop_params)?;
        let shown = if model.is_arn() {
            ask.call.model()
        } else {
            model.id()
        };
        let mut headers = self.headers.clone();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let (shown, encoding) = (shown.to_owned(), request.encoding);
        Ok(Outgoing {
            uri: self.uri(&model, "invoke")?,
            headers,
            body,
            dropped,
            answer: Answering::Headed(Box::new(move |headers, body| {
                let embeddings = answer.read(headers, body, &shown)?;
                Ok(embeddings.into_chunk(encoding))
            })),
        })
    }

    fn classify(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        super::classify(status, headers, body)
    }

    fn classify_event(&self) -> fn(&[u8]) -> Error {
        super::classify_event
    }

    fn classify_exception(&self) -> fn(&str, &[u8]) -> Error {
        super::classify_exception
    }
}

fn betas(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let values = headers.get_all(BETA_HEADER).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(','));
    names.map(|name| name.trim().to_owned())
}

/// The region of one of AWS's own hosts: `bedrock-runtime.us-east-1.amazonaws.com`.
pub(super) fn region(host: &str) -> Option<&str> {
    let mut words = host.split('.');
    let service = words.next()?;
    if !matches!(service, "bedrock-runtime" | "bedrock-runtime-fips") {
        return None;
    }
    let region = words.next()?;
    let is_aws = words.next() == Some("amazonaws");
    is_aws.then_some(region)
}
