use bytes::Bytes;
use serde_json::Map;
use serde_json::Value;
use steeplechase_core::Error;
use steeplechase_core::Operation;

use super::tools;
use super::turns;
use crate::chat::ChatRequest;
use crate::chat::JsonSchema;
use crate::chat::ResponseFormat;
use crate::fields::Object;
use crate::fields::Path;
use crate::fields::wrong;

/// The fields of Anthropic's dialect that are `OpenAI`'s under another name: Anthropic's, and the other.
/// If the caller says the one, the deployment's default for the other does not count.
const SAME: [(&str, &str); 3] = [
    ("max_tokens", "max_completion_tokens"),
    ("stop_sequences", "stop"),
    ("thinking", "reasoning_effort"),
];

/// Reads the bytes of a call in Anthropic's dialect.
///
/// # Errors
///
/// [`Class::InvalidRequest`](steeplechase_core::Class) if the bytes are not JSON, or if a field is not what
/// it has to be. [`Error::param`] names the field: `messages[2].content[0].source`.
pub(crate) fn parse(raw: &Bytes, operation: Operation) -> Result<ChatRequest, Error> {
    let mut body = Object::parse(raw)?;
    for (own, other) in SAME {
        if body.has(own) {
            body.take(other);
        }
    }
    let mut request = ChatRequest {
        model: body.string("model")?.unwrap_or_default(),
        ..ChatRequest::default()
    };
    request.messages = turns::system(&mut body)?.into_iter().collect();
    let messages = body.required("messages")?;
    turns::read(messages, &body.at("messages"), &mut request.messages)?;
    // What has the same name in both dialects, or is a default of the deployment's.
    request.read_shape(&mut body)?;
    request.read_sampling(&mut body)?;
    request.read_hints(&mut body)?;
    output(&mut request, &mut body)?;
    tools::read(&mut request, &mut body)?;
    let stops = body.strings("stop_sequences")?;
    request.stop.extend(stops.into_iter().flatten());
    request.include_usage = true;
    if request.max_tokens.is_none() && operation == Operation::Chat {
        return Err(wrong(&body.at("max_tokens"), "is required"));
    }
    user(&mut request);
    if request.service_tier.as_deref() == Some("standard_only") {
        request.service_tier = Some("default".to_owned());
    }
    request.extra.extend(body.rest());
    Ok(request)
}

/// Parts `output_config` into the form of the answer, and what stays: the effort.
fn output(request: &mut ChatRequest, body: &mut Object<'_>) -> Result<(), Error> {
    // Its name before there was an `output_config`.
    let old = body.take("output_format");
    if let Some(old) = old {
        request.response_format = Some(format(old, &body.at("output_format"))?);
    }
    let Some(config) = body.take("output_config") else {
        return Ok(());
    };
    let path = body.at("output_config");
    let mut config = Object::new(config, &path)?;
    if let Some(value) = config.take("format") {
        let path = config.at("format");
        request.response_format = Some(format(value, &path)?);
    }
    let rest = config.rest();
    if rest.contains_key("effort") {
        request.reasoning_effort = None;
    }
    if !rest.is_empty() {
        request.extra.insert("output_config".into(), rest.into());
    }
    Ok(())
}

fn format(value: Value, path: &Path<'_>) -> Result<ResponseFormat, Error> {
    let mut format = Object::new(value, path)?;
    if format.required_string("type")? != "json_schema" {
        return Err(wrong(&format.at("type"), "must be json_schema"));
    }
    let Some(schema) = format.object("schema")? else {
        return Err(wrong(&format.at("schema"), "is required"));
    };
    Ok(ResponseFormat::JsonSchema(JsonSchema {
        name: "output".to_owned(),
        description: None,
        schema,
        strict: Some(true),
    }))
}

/// Takes the user out of the notes, which have nothing else in this dialect.
fn user(request: &mut ChatRequest) {
    let Some(notes) = &mut request.metadata else {
        return;
    };
    if let Some(Value::String(user)) = notes.shift_remove("user_id") {
        request.user = Some(user);
    }
    if notes.values().all(Value::is_null) {
        request.metadata = None::<Map<String, Value>>;
    }
}
