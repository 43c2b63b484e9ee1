//! What a sim is told, in JSON.
//!
//! ```text
//! SPEC       {NAME: SIM, …}
//! SIM        key: text               refuses requests without it
//!            vertex: text            refuses requests to Vertex AI without this access token
//!            aws: AWS                refuses requests to Bedrock that are not signed with it, or have
//!                                    the key
//!            quirks: QUIRKS          how it differs from OpenAI in OpenAI's dialect
//!            models: [text, …]       for GET /models
//!            script: [BEHAVIOUR, …]  the next requests, one after the other
//!            always: BEHAVIOUR       all others
//! AWS        access_key, secret_key, region; session_token
//! QUIRKS     reasoning_field: text, groq_usage: true, no_usage: true, no_done: true
//! BEHAVIOUR  how it starts, one of:  error: status, overloaded: true, context_too_long: true,
//!                                    html: status, reset: true, silent: true; or none of them: it
//!                                    answers
//!            what it says            text, tokens, thinking: text, tool_calls: [{name, arguments}],
//!                                    use_tool: true, filtered: true, prompt_blocked: true,
//!                                    usage: {input, output, cache_read, cache_write, reasoning},
//!                                    headers: {name: text}, body: any JSON, of an error
//!            in which form           gzip: true, json_to_stream: true, slice: bytes,
//!                                    comments_every_ms
//!            when, in milliseconds   head_after_ms, first_token_after_ms, token_gap_ms; or held: true,
//!                                    until somebody says release
//!            where it breaks off     cut_after_tokens, stall_after_tokens, truncate_after_tokens,
//!                                    error_event: {after_tokens, code}
//! ```
//!
//! A field that is not in this list is an error: a test with a misspelled fault tests nothing.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};
use steeplechase_sim::{Aws, Behaviour, Quirks, Sim, Usage};

/// The fields that say how a behaviour starts.
const STARTS: [&str; 6] = [
    "error",
    "overloaded",
    "context_too_long",
    "html",
    "reset",
    "silent",
];

/// What is wrong, with the path of the field.
pub(crate) type Wrong = String;

/// Reads all sims of a spec.
pub(crate) fn read(spec: &str) -> Result<Vec<Sim>, Wrong> {
    let spec: Value = serde_json::from_str(spec).map_err(|error| format!("the spec: {error}"))?;
    let sims = object(&spec, "the spec")?;
    sims.iter().map(|(name, spec)| sim(name, spec)).collect()
}

fn sim(name: &str, spec: &Value) -> Result<Sim, Wrong> {
    let mut sim = Sim::new(name);
    for (field, value) in object(spec, name)? {
        let path = format!("{name}.{field}");
        sim = match field.as_str() {
            "key" => sim.require_key(text(value, &path)?),
            "vertex" => sim.require_google_token(text(value, &path)?),
            "aws" => sim.require_aws(aws(value, &path)?),
            "quirks" => sim.quirks(quirks(value, &path)?),
            "models" => {
                let models = list(value, &path)?.iter();
                let models: Result<Vec<_>, _> = models.map(|model| text(model, &path)).collect();
                sim.models(models?)
            }
            "script" => sim.script(behaviours(value, &path)?),
            "always" => sim.always(behaviour(value, &path)?),
            _ => return Err(format!("{path}: there is no such field of a sim")),
        };
    }
    Ok(sim)
}

fn aws(value: &Value, path: &str) -> Result<Aws, Wrong> {
    let fields = object(value, path)?;
    let known = ["access_key", "secret_key", "region", "session_token"];
    if let Some(field) = fields.keys().find(|field| !known.contains(&field.as_str())) {
        return Err(format!(
            "{path}.{field}: there is no such field of credentials"
        ));
    }
    let text = |field: &str| text(&value[field], &format!("{path}.{field}"));
    let aws = Aws::new(text("access_key")?, text("secret_key")?, text("region")?);
    match fields.get("session_token") {
        Some(_) => Ok(aws.session_token(text("session_token")?)),
        None => Ok(aws),
    }
}

fn quirks(value: &Value, path: &str) -> Result<Quirks, Wrong> {
    let mut quirks = Quirks::new();
    for (field, value) in object(value, path)? {
        let path = format!("{path}.{field}");
        quirks = match field.as_str() {
            "reasoning_field" => quirks.reasoning_field(text(value, &path)?),
            "groq_usage" => flag(value, &path).map(|()| quirks.groq_usage())?,
            "no_usage" => flag(value, &path).map(|()| quirks.no_usage())?,
            "no_done" => flag(value, &path).map(|()| quirks.no_done())?,
            _ => return Err(format!("{path}: there is no such quirk")),
        };
    }
    Ok(quirks)
}

/// Reads a list of behaviours, which is at `path`.
pub(crate) fn behaviours(value: &Value, path: &str) -> Result<Vec<Behaviour>, Wrong> {
    let values = list(value, path)?.iter().enumerate();
    values
        .map(|(number, value)| behaviour(value, &format!("{path}[{number}]")))
        .collect()
}

/// Reads one behaviour, which is at `path`.
pub(crate) fn behaviour(value: &Value, path: &str) -> Result<Behaviour, Wrong> {
    let fields = object(value, path)?;
    let mut behaviour = start(fields, path)?;
    for (field, value) in fields {
        let path = format!("{path}.{field}");
        behaviour = match field.as_str() {
            field if STARTS.contains(&field) => behaviour,
            "text" => behaviour.text(text(value, &path)?),
            "thinking" => behaviour.thinking(text(value, &path)?),
            "filtered" => flag(value, &path).map(|()| behaviour.filtered())?,
            "prompt_blocked" => flag(value, &path).map(|()| behaviour.prompt_blocked())?,
            "tokens" => behaviour.tokens(count(value, &path)?),
            "tool_calls" => calls(behaviour, value, &path)?,
            "use_tool" => flag(value, &path).map(|()| behaviour.use_tool())?,
            "usage" => behaviour.usage(usage(value, &path)?),
            "headers" => headers(behaviour, value, &path)?,
            "body" => behaviour.body(value.to_string()),
            "gzip" => flag(value, &path).map(|()| behaviour.gzip())?,
            "json_to_stream" => flag(value, &path).map(|()| behaviour.json_to_stream())?,
            "slice" => behaviour.slice(count(value, &path)?),
            "comments_every_ms" => behaviour.comments(millis(value, &path)?),
            "head_after_ms" => behaviour.head_after(millis(value, &path)?),
            "first_token_after_ms" => behaviour.first_token_after(millis(value, &path)?),
            "held" => flag(value, &path).map(|()| behaviour.held())?,
            "token_gap_ms" => behaviour.token_gap(millis(value, &path)?),
            "cut_after_tokens" => behaviour.cut_after_tokens(count(value, &path)?),
            "stall_after_tokens" => behaviour.stall_after_tokens(count(value, &path)?),
            "truncate_after_tokens" => behaviour.truncate_after_tokens(count(value, &path)?),
            "error_event" => error_event(behaviour, value, &path)?,
            _ => return Err(format!("{path}: there is no such field of a behaviour")),
        };
    }
    Ok(behaviour)
}

fn start(fields: &Map<String, Value>, path: &str) -> Result<Behaviour, Wrong> {
    let mut starts = Vec::new();
    for (field, value) in fields {
        let path = format!("{path}.{field}");
        starts.push(match field.as_str() {
            "error" => Behaviour::error(status(value, &path)?),
            "html" => Behaviour::html(status(value, &path)?),
            "overloaded" => flag(value, &path).map(|()| Behaviour::overloaded())?,
            "context_too_long" => flag(value, &path).map(|()| Behaviour::context_too_long())?,
            "reset" => flag(value, &path).map(|()| Behaviour::reset())?,
            "silent" => flag(value, &path).map(|()| Behaviour::stall_before_head())?,
            _ => continue,
        });
    }
    match starts.len() {
        0 => Ok(Behaviour::answer()),
        1 => Ok(starts.remove(0)),
        _ => Err(format!("{path}: a behaviour starts in one way only")),
    }
}

fn calls(mut behaviour: Behaviour, value: &Value, path: &str) -> Result<Behaviour, Wrong> {
    for call in list(value, path)? {
        let call = exactly(call, path, &["name", "arguments"])?;
        let name = text(&call["name"], &format!("{path}.name"))?;
        behaviour = behaviour.tool_call(name, call["arguments"].clone());
    }
    Ok(behaviour)
}

fn headers(mut behaviour: Behaviour, value: &Value, path: &str) -> Result<Behaviour, Wrong> {
    for (name, value) in object(value, path)? {
        let path = format!("{path}.{name}");
        let value = text(value, &path)?;
        if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
            return Err(format!("{path}: this cannot be a header"));
        }
        behaviour = behaviour.header(name, value);
    }
    Ok(behaviour)
}

fn error_event(behaviour: Behaviour, value: &Value, path: &str) -> Result<Behaviour, Wrong> {
    let event = exactly(value, path, &["after_tokens", "code"])?;
    let after = count(&event["after_tokens"], &format!("{path}.after_tokens"))?;
    let code = text(&event["code"], &format!("{path}.code"))?;
    Ok(behaviour.error_event_after_tokens(after, code))
}

fn usage(value: &Value, path: &str) -> Result<Usage, Wrong> {
    let mut usage = Usage::default();
    for (field, value) in object(value, path)? {
        let path = format!("{path}.{field}");
        let place = match field.as_str() {
            "input" => &mut usage.input,
            "output" => &mut usage.output,
            "cache_read" => &mut usage.cache_read,
            "cache_write" => &mut usage.cache_write,
            "reasoning" => &mut usage.reasoning,
            _ => return Err(format!("{path}: there is no such field of a usage")),
        };
        *place = whole(value, &path)?;
    }
    Ok(usage)
}

/// An object that has these fields and no others.
fn exactly<'a>(
    value: &'a Value,
    path: &str,
    fields: &[&str],
) -> Result<&'a Map<String, Value>, Wrong> {
    let found = object(value, path)?;
    if found.len() == fields.len() && fields.iter().all(|field| found.contains_key(*field)) {
        Ok(found)
    } else {
        Err(format!("{path}: expected {}", fields.join(" and ")))
    }
}

fn object<'a>(value: &'a Value, path: &str) -> Result<&'a Map<String, Value>, Wrong> {
    let object = value.as_object();
    object.ok_or_else(|| format!("{path}: expected an object"))
}

fn list<'a>(value: &'a Value, path: &str) -> Result<&'a [Value], Wrong> {
    let list = value.as_array().map(Vec::as_slice);
    list.ok_or_else(|| format!("{path}: expected a list"))
}

/// Reads a text, which is at `path`.
pub(crate) fn text<'a>(value: &'a Value, path: &str) -> Result<&'a str, Wrong> {
    let text = value.as_str();
    text.ok_or_else(|| format!("{path}: expected a text"))
}

/// Reads a number, which is at `path`.
pub(crate) fn whole(value: &Value, path: &str) -> Result<u64, Wrong> {
    let number = value.as_u64();
    number.ok_or_else(|| format!("{path}: expected a number of at least 0"))
}

fn count(value: &Value, path: &str) -> Result<usize, Wrong> {
    usize::try_from(whole(value, path)?).map_err(|error| format!("{path}: {error}"))
}

/// Reads a duration in milliseconds, which is at `path`.
pub(crate) fn millis(value: &Value, path: &str) -> Result<Duration, Wrong> {
    whole(value, path).map(Duration::from_millis)
}

fn status(value: &Value, path: &str) -> Result<u16, Wrong> {
    let status = value.as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.filter(|status| (400..600).contains(status));
    status.ok_or_else(|| format!("{path}: expected a status from 400 to 599"))
}

/// A field that says something by being there.
fn flag(value: &Value, path: &str) -> Result<(), Wrong> {
    match value {
        Value::Bool(true) => Ok(()),
        _ => Err(format!("{path}: expected true, or no such field")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sims_of_a_spec_are_made() {
        let sims = read(
            r#"{"north": {"key": "sk", "models": ["m"],
                "always": {"text": "Hop", "tokens": 2, "held": true},
                "script": [{"error": 429, "headers": {"retry-after": "1"}, "body": {"error": {}}},
                           {"cut_after_tokens": 1, "token_gap_ms": 5, "usage": {"input": 3}},
                           {"error_event": {"after_tokens": 0, "code": "server_error"}},
                           {"tool_calls": [{"name": "jump", "arguments": {"hedge": 1}}]}]},
                "south": {"vertex": "T", "quirks": {"reasoning_field": "reasoning", "no_done": true},
                          "aws": {"access_key": "A", "secret_key": "S", "region": "eu-north-1"},
                          "always": {"context_too_long": true, "gzip": true, "slice": 7}}}"#,
        )
        .unwrap();
        let names: Vec<_> = sims.iter().map(Sim::name).collect();
        assert_eq!(names, ["north", "south"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_path() {
        for (spec, expected) in [
            ("[]", "the spec: expected an object"),
            (r#"{"a": {"b": 1}}"#, "a.b: there is no such field of a sim"),
            (
                r#"{"a": {"always": {"eror": 500}}}"#,
                "a.always.eror: there is no such field of a behaviour",
            ),
            (
                r#"{"a": {"script": [{}, {"error": 200}]}}"#,
                "a.script[1].error: expected a status from 400 to 599",
            ),
            (
                r#"{"a": {"always": {"error": 500, "reset": true}}}"#,
                "a.always: a behaviour starts in one way only",
            ),
            (
                r#"{"a": {"always": {"error_event": {"code": "x"}}}}"#,
                "a.always.error_event: expected after_tokens and code",
            ),
            (
                r#"{"a": {"always": {"headers": {"a b": "c"}}}}"#,
                "a.always.headers.a b: this cannot be a header",
            ),
            (
                r#"{"a": {"aws": {"access_key": "A", "secret": "S"}}}"#,
                "a.aws.secret: there is no such field of credentials",
            ),
            (
                r#"{"a": {"aws": {"access_key": "A", "secret_key": "S"}}}"#,
                "a.aws.region: expected a text",
            ),
            (
                r#"{"a": {"quirks": {"odd": true}}}"#,
                "a.quirks.odd: there is no such quirk",
            ),
            (
                r#"{"a": {"always": {"usage": {"in": 1}}}}"#,
                "a.always.usage.in: there is no such field of a usage",
            ),
        ] {
            assert_eq!(read(spec).unwrap_err(), expected, "{spec}");
        }
    }
}
