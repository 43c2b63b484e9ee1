//! How many tokens a text has, or a conversation: the page `/utils/token_counter`, callers of Messages whose
//! provider does not count, and who asks on the way of a call.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use steeplechase::dialects::chat::ChatRequest;
use steeplechase::dialects::intake::error_response;
use steeplechase::dialects::tokens::{self, Count, Tokenizer};
use steeplechase::preset::Stack;
use steeplechase::{Call, Class, Dialect, Error};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

/// The most bytes that are counted, as of a call.
const MAX_BODY: usize = 32 * 1024 * 1024;

/// Up to so many bytes are counted in no time, once the encoding is there.
const SMALL: usize = 8 * 1024;

/// How many that have more bytes are counted at once.
const AT_ONCE: usize = 2;

/// How long the body of a request may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Counts tokens for callers.
#[derive(Clone, Debug)]
pub(super) struct Counting {
    stack: Stack,
    places: Arc<Semaphore>,
}

/// What is to be counted: LiteLLM's form.
#[derive(Deserialize)]
struct Asked<'a> {
    model: String,
    #[serde(borrow)]
    prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    contents: Option<&'a RawValue>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
}

/// LiteLLM's answer, and whether it is exact.
#[derive(Serialize)]
struct Counted<'a> {
    total_tokens: u64,
    request_model: &'a str,
    model_used: &'a str,
    tokenizer_type: &'static str,
    is_exact: bool,
    original_response: Option<()>,
    error: bool,
    error_message: Option<()>,
    status_code: Option<()>,
}

/// Counts the tokens of a call that is on its way, without keeping others waiting.
pub(crate) fn aside(tokenizer: Tokenizer, call: &Call) -> Result<Count, Error> {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    if call.raw().len() > SMALL && matches!(flavor, Ok(RuntimeFlavor::MultiThread)) {
        return tokio::task::block_in_place(|| tokens::count_call(tokenizer, call));
    }
    tokens::count_call(tokenizer, call)
}

// ===== impl Counting =====

impl Counting {
    pub(super) fn new(stack: Stack) -> Self {
        Self {
            stack,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Answers a request to count.
    pub(super) async fn answer(self, request: Request<Body>) -> Response {
        let outcome = match read(request.into_body()).await {
            Ok(body) => self.count_aside(body).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(json) => {
                let mut response = Response::new(Body::from(json));
                let kind = HeaderValue::from_static("application/json");
                response.headers_mut().insert(CONTENT_TYPE, kind);
                response
            }
            Err(error) => error_response(Dialect::OpenAi, &error).map(Body::from),
        }
    }

    /// How many tokens a call has for the model that it names.
    pub(super) async fn call(&self, call: Call) -> Result<Count, Error> {
        let tokenizer = Tokenizer::of(&self.upstream(call.model()));
        let len = call.raw().len();
        let count = move || tokens::count_call(tokenizer, &call);
        self.aside(len, count).await
    }

    async fn count_aside(self, body: Bytes) -> Result<Vec<u8>, Error> {
        let (counting, len) = (self.clone(), body.len());
        counting.aside(len, move || self.count(&body)).await
    }

    /// Counts so many bytes where others do not wait for it. Even for little, an encoding may have to be
    /// unpacked first.
    async fn aside<T: Send + 'static>(
        &self,
        len: usize,
        count: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let failed = || Error::new(Class::Internal, "the gateway failed; the log says why");
        let places = Arc::clone(&self.places);
        let place = if len > SMALL {
            Some(places.acquire_owned().await.map_err(|_| failed())?)
        } else {
            None
        };
        let count = move || {
            // Held to the end, also if the caller goes away.
            let _place = place;
            count()
        };
        let counted = tokio::task::spawn_blocking(count).await;
        counted.unwrap_or_else(|error| {
            tracing::error!(%error, "a count of tokens panicked");
            Err(failed())
        })
    }

    fn count(&self, body: &[u8]) -> Result<Vec<u8>, Error> {
        let asked: Asked<'_> = serde_json::from_slice(body).map_err(|error| {
            let message = format!("the request body must be a JSON object with a `model`: {error}");
            Error::new(Class::InvalidRequest, message)
        })?;
        let model = self.upstream(&asked.model);
        let tokenizer = Tokenizer::of(&model);
        let count = asked.count(tokenizer)?;
        let counted = Counted {
            total_tokens: count.tokens,
            request_model: &asked.model,
            model_used: &model,
            tokenizer_type: if tokenizer.is_exact() {
                "openai_tokenizer"
            } else {
                "estimate"
            },
            is_exact: count.is_exact,
            original_response: None,
            error: false,
            error_message: None,
            status_code: None,
        };
        Ok(serde_json::to_vec(&counted).expect("texts and numbers can be written as JSON"))
    }

    /// The provider's name for a model: that of the first deployment, or else the model itself.
    fn upstream(&self, model: &str) -> String {
        let Some(deployment) = self.stack.deployments(model).first() else {
            return model.to_owned();
        };
        let upstream = deployment.upstream_model();
        // One that serves many has a `*` for what the caller names.
        let named = deployment
            .model()
            .split_once('*')
            .map_or(model, |(before, _)| {
                model.strip_prefix(before).unwrap_or(model)
            });
        upstream.replacen('*', named, 1)
    }
}

// ===== impl Asked =====

impl Asked<'_> {
    fn count(&self, tokenizer: Tokenizer) -> Result<Count, Error> {
        let is_said = |value: Option<&RawValue>| value.is_some_and(|it| it.get() != "null");
        let (prompt, messages, contents) = (self.prompt, self.messages, self.contents);
        let said = [prompt, messages, contents].map(is_said);
        match said {
            [true, false, false] => texts(tokenizer, prompt),
            [false, true, false] => self.chat(tokenizer, messages),
            [false, false, true] => {
                let messages = turns(contents)?;
                let messages = serde_json::value::to_raw_value(&messages);
                self.chat(tokenizer, messages.ok().as_deref())
            }
            [false, false, false] => {
                let message = "prompt or messages or contents must be provided";
                Err(Error::new(Class::InvalidRequest, message))
            }
            _ => {
                let message = "give one of `prompt`, `messages` and `contents`";
                Err(Error::new(Class::InvalidRequest, message))
            }
        }
    }

    fn chat(&self, tokenizer: Tokenizer, messages: Option<&RawValue>) -> Result<Count, Error> {
        let mut call = json!({"model": self.model, "messages": messages});
        if let Some(tools) = self.tools {
            call["tools"] = json!(tools);
        }
        let chat = ChatRequest::parse(&call.to_string().into())?;
        Ok(tokenizer.chat(&chat))
    }
}

/// The tokens of a text, or of several.
fn texts(tokenizer: Tokenizer, prompt: Option<&RawValue>) -> Result<Count, Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }

    let prompt = prompt.map_or("null", RawValue::get);
    match serde_json::from_str(prompt) {
        Ok(Texts::One(text)) => Ok(tokenizer.text(&text)),
        Ok(Texts::Many(texts)) => Ok(texts.iter().map(|text| tokenizer.text(text)).sum()),
        Err(_) => Err(wrong("prompt", "must be a text")),
    }
}

/// Google's turns as messages. A part that is no text is counted as it is written.
fn turns(contents: Option<&RawValue>) -> Result<Vec<Value>, Error> {
    #[derive(Deserialize)]
    struct Turn {
        #[serde(default)]
        role: String,
        #[serde(default)]
        parts: Vec<Map<String, Value>>,
    }

    let contents = contents.map_or("null", RawValue::get);
    let turns: Vec<Turn> = serde_json::from_str(contents)
        .map_err(|_| wrong("contents", "must be a list of turns with `parts`"))?;
    let messages = turns.into_iter().map(|turn| {
        let role = if turn.role == "model" {
            "assistant"
        } else {
            "user"
        };
        let parts = turn.parts.into_iter().map(|mut part| {
            let text = match part.remove("text") {
                Some(Value::String(text)) => text,
                _ => Value::Object(part).to_string(),
            };
            json!({"type": "text", "text": text})
        });
        json!({"role": role, "content": parts.collect::<Vec<_>>()})
    });
    Ok(messages.collect())
}

/// Collects the body of a request, but not for ever.
pub(super) async fn read(body: Body) -> Result<Bytes, Error> {
    match tokio::time::timeout(PATIENCE, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => {
            let message =
                format!("the request body must be whole, and of {MAX_BODY} bytes at the most");
            Err(Error::new(Class::TooLarge, message).with_code("request_too_large"))
        }
        Err(_) => {
            let message = "the request body did not come in time";
            Err(Error::new(Class::InvalidRequest, message).with_status(StatusCode::REQUEST_TIMEOUT))
        }
    }
}

fn wrong(field: &str, what: &str) -> Error {
    Error::new(Class::InvalidRequest, format!("`{field}` {what}")).with_param(field)
}
