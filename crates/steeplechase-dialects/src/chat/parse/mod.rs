//! Reads `OpenAI`'s dialect into the neutral form.

pub(crate) mod messages;
pub(crate) mod tools;

use bytes::Bytes;
use serde_json::{Map, Value};
use steeplechase_core::Error;

use super::ChatRequest;
use super::Effort;
use super::JsonSchema;
use super::ResponseFormat;
use super::WebSearch;
use crate::fields;
use crate::fields::Object;
use crate::fields::Path;
use crate::fields::wrong;

impl ChatRequest {
    /// Reads the bytes of a call in `OpenAI`'s dialect.
    ///
    /// It is lenient where callers are known to be sloppy and nothing is lost (`image_url` as a bare
    /// string, an empty `tools`, half a surrogate pair), and maps what is deprecated to what has
    /// replaced it: `functions`, `function_call`, `max_completion_tokens` before `max_tokens`. It never
    /// guesses: a number in a string is an error.
    ///
    /// # Errors
    ///
    /// [`Class::InvalidRequest`](steeplechase_core::Class) if the bytes are not JSON, or if a field is not
    /// what it has to be.
    /// [`Error::param`] names the field: `messages[2].content[0].image_url`.
    pub fn parse(raw: &Bytes) -> Result<Self, Error> {
        let mut body = Object::parse(raw)?;
        let mut request = Self {
            model: body.string("model")?.unwrap_or_default(),
            ..Self::default()
        };
        let messages = body.required("messages")?;
        request.messages = messages::read(messages, &body.at("messages"))?;
        request.read_shape(&mut body)?;
        request.read_sampling(&mut body)?;
        request.read_hints(&mut body)?;
        tools::read(&mut request, &mut body)?;
        request.extra = body.rest();
        Ok(request)
    }

    /// What the answer is to look like.
    pub(crate) fn read_shape(&mut self, body: &mut Object<'_>) -> Result<(), Error> {
        let old_limit = body.count("max_tokens")?;
        self.max_tokens = body.count("max_completion_tokens")?.or(old_limit);
        self.stream = body.boolean("stream")?.unwrap_or(false);
        if let Some(options) = body.take("stream_options") {
            let path = body.at("stream_options");
            let mut options = Object::new(options, &path)?;
            self.include_usage = options.boolean("include_usage")?.unwrap_or(false);
        }
        self.n = body.count("n")?;
        if self.n == Some(0) {
            return Err(wrong(&body.at("n"), "must be at least 1"));
        }
        self.stop = match body.take("stop") {
            None => Vec::new(),
            Some(Value::String(stop)) => vec![stop],
            Some(stops) => {
                let path = body.at("stop");
                let stops = fields::list(stops, &path)?.into_iter().enumerate();
                stops
                    .map(|(index, stop)| fields::string(stop, &Path::Index(&path, index)))
                    .collect::<Result<_, _>>()?
            }
        };
        self.response_format = body
            .take("response_format")
            .map(|format| response_format(format, &body.at("response_format")))
            .transpose()?;
        self.modalities = body.strings("modalities")?.unwrap_or_default();
        self.audio = body.take("audio");
        Ok(())
    }

    pub(crate) fn read_sampling(&mut self, body: &mut Object<'_>) -> Result<(), Error> {
        self.temperature = body.number("temperature", 0.0, 2.0)?;
        self.top_p = body.number("top_p", 0.0, 1.0)?;
        self.top_k = body.count("top_k")?;
        self.presence_penalty = body.number("presence_penalty", -2.0, 2.0)?;
        self.frequency_penalty = body.number("frequency_penalty", -2.0, 2.0)?;
        self.logit_bias = body.object("logit_bias")?;
        self.logprobs = body.boolean("logprobs")?;
        self.top_logprobs = body.count("top_logprobs")?;
        self.seed = body.integer("seed")?;
        Ok(())
    }

    pub(crate) fn read_hints(&mut self, body: &mut Object<'_>) -> Result<(), Error> {
        self.reasoning_effort = body
            .take("reasoning_effort")
            .map(|effort| reasoning_effort(effort, &body.at("reasoning_effort")))
            .transpose()?
            .flatten();
        self.thinking = body.object("thinking")?;
        self.verbosity = body.string("verbosity")?;
        self.prediction = body.take("prediction");
        self.service_tier = body.string("service_tier")?;
        self.user = body.string("user")?;
        self.safety_identifier = body.string("safety_identifier")?;
        self.metadata = body.object("metadata")?.and_then(plain);
        self.store = body.boolean("store")?;
        self.web_search = body
            .take("web_search_options")
            .map(|options| web_search(options, &body.at("web_search_options")))
            .transpose()?;
        Ok(())
    }
}

fn response_format(value: Value, path: &Path<'_>) -> Result<ResponseFormat, Error> {
    let mut format = Object::new(value, path)?;
    let kind = format.required_string("type")?;
    Ok(match kind.as_str() {
        "text" => ResponseFormat::Text,
        "json_object" => ResponseFormat::JsonObject,
        "json_schema" => {
            let inner = format.required("json_schema")?;
            let path = format.at("json_schema");
            let mut inner = Object::new(inner, &path)?;
            let Some(schema) = inner.object("schema")? else {
                return Ok(ResponseFormat::JsonObject);
            };
            ResponseFormat::JsonSchema(JsonSchema {
                name: inner.string("name")?.unwrap_or_default(),
                description: inner.string("description")?,
                schema,
                strict: inner.boolean("strict")?,
            })
        }
        _ => {
            return Err(wrong(
                &format.at("type"),
                "must be text, json_object or json_schema",
            ));
        }
    })
}

/// `"high"`, or as the Responses API has it, `{"effort":"high"}`.
fn reasoning_effort(value: Value, path: &Path<'_>) -> Result<Option<Effort>, Error> {
    let name = match value {
        Value::Object(_) => Object::new(value, path)?.string("effort")?,
        value => Some(fields::string(value, path)?),
    };
    let Some(name) = name else { return Ok(None) };
    let effort = Effort::from_name(&name);
    effort.map(Some).ok_or_else(|| {
        wrong(
            path,
            "must be none, minimal, low, medium, high, xhigh or max",
        )
    })
}

fn web_search(value: Value, path: &Path<'_>) -> Result<WebSearch, Error> {
    let mut options = Object::new(value, path)?;
    let location = match options.take("user_location") {
        None => None,
        Some(location) => {
            let path = options.at("user_location");
            Object::new(location, &path)?.object("approximate")?
        }
    };
    Ok(WebSearch {
        context_size: options.string("search_context_size")?,
        location,
        tool: None,
    })
}

/// The metadata that a provider takes. What is not plain is for the gateway, and often that is all.
fn plain(mut metadata: Map<String, Value>) -> Option<Map<String, Value>> {
    let had = metadata.len();
    metadata.retain(|_, value| !value.is_array() && !value.is_object());
    (had == 0 || !metadata.is_empty()).then_some(metadata)
}
