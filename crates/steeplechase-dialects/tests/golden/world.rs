//! Where a case happens.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use steeplechase_core::deployment::{Auth, Deployment, Platform};
use steeplechase_core::{ApiKey, Chunk, Dialect, Error, Usage};
use steeplechase_dialects::catalog;
use steeplechase_dialects::eventstream;
use steeplechase_dialects::intake::IntakeLayer;
use steeplechase_dialects::translate::TranslateLayer;
use tower::{ServiceBuilder, ServiceExt};

use crate::case::{Case, Provider, Upstream};

/// What the provider was sent.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What the caller got.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) sent: Option<Asked>,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) error: Option<Error>,
    pub(crate) usage: Option<Usage>,
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap()
}

fn deployment(provider: &Provider) -> Arc<Deployment> {
    let mut dialects = Dialect::ALL.into_iter();
    let dialect = dialects.find(|dialect| dialect.as_str() == provider.dialect);
    let dialect = dialect.unwrap_or_else(|| panic!("there is no dialect {}", provider.dialect));
    let key = ApiKey::new(&*provider.key);
    let platform = platform(&provider.platform);
    let auth = match dialect {
        Dialect::Gemini if platform == Platform::Own => {
            Auth::Header(HeaderName::from_static("x-goog-api-key"), key)
        }
        Dialect::Anthropic if platform == Platform::Own => {
            Auth::Header(HeaderName::from_static("x-api-key"), key)
        }
        _ if matches!(platform, Platform::Azure { .. }) => {
            Auth::Header(HeaderName::from_static("api-key"), key)
        }
        _ => Auth::Bearer(key),
    };
    let mut builder = Deployment::builder("d-1", "m", dialect)
        .upstream_model(&*provider.model)
        .auth(auth)
        .platform(platform)
        .headers(headers(&provider.headers))
        .drop_params(provider.drop_params);
    if let Some(name) = &provider.name {
        builder = builder.provider(&**name);
        if let Some(known) = catalog::get(name) {
            builder = builder.profile(Arc::clone(known.profile()));
        }
    }
    if let Some(model) = &provider.base_model {
        builder = builder.base_model(&**model);
    }
    if let Some(url) = &provider.base_url {
        builder = builder.base_url(url.parse().unwrap());
    }
    if let Some(model) = &provider.base_model {
        builder = builder.base_model(&**model);
    }
    if let Some(max) = provider.max_tokens {
        builder = builder.default_max_tokens(max);
    }
    if let Some(params) = &provider.params {
        builder = builder.default_params(params.to_string().into());
    }
    builder.build()
}

fn platform(value: &Value) -> Platform {
    match value {
        Value::Null => Platform::Own,
        Value::String(name) if name == "vertex" => Platform::Vertex,
        value => {
            let version = value
                .get("azure")
                .expect("\"vertex\" or {\"azure\": VERSION}");
            Platform::Azure {
                api_version: version.as_str().map(Into::into),
            }
        }
    }
}

fn headers(fields: &std::collections::BTreeMap<String, String>) -> HeaderMap {
    let pairs = fields.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    });
    pairs.collect()
}

/// The body that the provider answers with.
pub(crate) fn upstream_bytes(case: &Case) -> Bytes {
    let Some(upstream) = &case.upstream else {
        return Bytes::from_static(b"{}");
    };
    let Some(events) = &upstream.events else {
        return match &upstream.body {
            Value::Null => Bytes::new(),
            Value::String(text) => Bytes::from(text.clone()),
            body => Bytes::from(body.to_string()),
        };
    };
    if case.provider.dialect == "bedrock" {
        return messages(events);
    }
    let frames = events.iter().map(|event| match event {
        Value::String(raw) => raw.clone(),
        event => match event.get("event") {
            Some(name) => format!("event: {}\ndata: {}\n\n", text(name), text(&event["data"])),
            None => format!("data: {}\n\n", text(&event["data"])),
        },
    });
    Bytes::from(frames.collect::<String>())
}

fn text(value: &Value) -> String {
    let text = value.as_str();
    text.map_or_else(|| value.to_string(), str::to_owned)
}

/// An event stream of AWS.
fn messages(events: &[Value]) -> Bytes {
    let mut out = BytesMut::new();
    for event in events {
        let data = text(&event["data"]);
        if let Some(name) = event["event"].as_str() {
            eventstream::encode_event(name, data.as_bytes(), &mut out);
        } else if let Some(name) = event["exception"].as_str() {
            eventstream::encode_exception(name, data.as_bytes(), &mut out);
        } else {
            let hex = event["hex"].as_str().expect("event, exception or hex");
            let pairs = hex.as_bytes().chunks(2);
            let pairs = pairs.map(|pair| std::str::from_utf8(pair).unwrap());
            out.extend(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()));
        }
    }
    out.freeze()
}

fn upstream_head(upstream: &Upstream, dialect: &str) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = upstream.status.try_into().unwrap();
    let kind = match upstream.events {
        Some(_) if dialect == "bedrock" => "application/vnd.amazon.eventstream",
        Some(_) => "text/event-stream",
        None => "application/json",
    };
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response.headers_mut().extend(headers(&upstream.headers));
    response
}

/// A body in pieces.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// Sends the call of a case, to which the provider answers with a body in these pieces.
pub(crate) async fn run(case: &Case, pieces: Vec<Bytes>) -> Outcome {
    let sent = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&sent);
    let upstream = case.upstream.clone().unwrap_or_else(|| Upstream {
        status: 200,
        ..Upstream::default()
    });
    let head = upstream_head(&upstream, &case.provider.dialect);
    let pieces = Mutex::new(Some(Pieces(pieces.into())));
    let pieces = Arc::new(pieces);
    let client = move |request: Request<Full<Bytes>>| {
        let (seen, head, pieces) = (Arc::clone(&seen), head.clone(), Arc::clone(&pieces));
        async move {
            let (parts, body) = request.into_parts();
            *seen.lock().unwrap() = Some(Asked {
                url: parts.uri.to_string(),
                headers: parts.headers,
                body: body.collect().await?.to_bytes(),
            });
            let body = pieces.lock().unwrap().take().expect("one request a case");
            Ok::<_, Infallible>(head.map(|()| body))
        }
    };
    let usage = Arc::new(Mutex::new(None));
    let booked = Arc::clone(&usage);
    let service = ServiceBuilder::new()
        .layer(IntakeLayer::new())
        .map_response(move |response: Response<_>| {
            let booked = Arc::clone(&booked);
            response.map(|body| book(body, booked))
        })
        .layer(TranslateLayer::to(&deployment(&case.provider)))
        .service_fn(client);
    let mut request = Request::post(&*case.path);
    request
        .headers_mut()
        .unwrap()
        .extend(headers(&case.headers));
    let request = request.body(Full::from(case.call.to_string())).unwrap();
    let response = service.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let body = body.unwrap_or_else(|error| Bytes::from(error.to_string()));
    let sent = sent.lock().unwrap().clone();
    let usage = *usage.lock().unwrap();
    Outcome {
        sent,
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
        error: parts.extensions.get::<Error>().cloned(),
        usage,
    }
}

/// Notes the usage that the chunks of a body report, as the layers do.
fn book<B>(body: B, booked: Arc<Mutex<Option<Usage>>>) -> impl Body<Data = Chunk, Error = B::Error>
where
    B: Body<Data = Chunk>,
{
    body.map_frame(move |frame| {
        if let Some(usage) = frame.data_ref().and_then(Chunk::usage) {
            let mut booked = booked.lock().unwrap();
            *booked = Some(booked.unwrap_or_default().max(*usage));
        }
        frame
    })
}
