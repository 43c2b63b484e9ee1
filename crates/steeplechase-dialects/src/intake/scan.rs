use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use memchr::memchr2;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use steeplechase_core::call::Head;
use steeplechase_core::{Class, Error};

use crate::json::{Name, each_field};
use crate::tokens;

/// Whether a field is for the gateway. It is taken out before a call is forwarded: a provider refuses
/// a field that it does not know, and a caller's key is nobody else's.
///
/// These are the fields with which callers of `LiteLLM` steer it, whether or not anything here listens
/// to them. What is a provider's parameter under the same name stays: `metadata`, but for what is in it
/// that no provider takes, and `user`. So does `extra_body`, which some providers read.
pub(crate) fn is_own(name: &str) -> bool {
    matches!(
        name,
        "fastest_response"
            // Where a call goes, and when it is given up.
            | "allowed_model_region"
            | "content_policy_fallbacks"
            | "context_window_fallback_dict"
            | "context_window_fallbacks"
            | "cooldown_time"
            | "disable_fallbacks"
            | "fallbacks"
            | "hedge"
            | "include_fallback_errors"
            | "keepalive_seconds"
            | "max_retries"
            | "num_retries"
            | "_router_weights"
            | "priority"
            | "race"
            | "request_timeout"
            | "stream_timeout"
            | "tags"
            | "timeout"
            // What is done with it on the way.
            | "additional_drop_params"
            | "allowed_openai_params"
            | "cache"
            | "caching"
            | "drop_params"
            | "guardrails"
            | "no-log"
            // A provider of the caller's, and the keys to it.
            | "api_base"
            | "api_key"
            | "api_type"
            | "api_version"
            | "aws_access_key_id"
            | "aws_bedrock_runtime_endpoint"
            | "aws_secret_access_key"
            | "aws_session_token"
            | "aws_web_identity_token"
            | "azure_ad_token"
            | "base_url"
            | "client_secret"
            | "custom_llm_provider"
            | "user_config"
            | "vertex_credentials"
    ) || name.starts_with("litellm_")
        || name.starts_with("mock_")
}

/// Scans the head of a call: checks that the bytes are one JSON object, and notes of its top-level
/// fields what the layers want to know.
///
/// The calls of all dialects have the same fields at the top, as far as they are looked at. Nothing is
/// built but the [`Head`], so the cost is that of a look at each byte; how many tokens the prompt has is
/// estimated from some of them.
///
/// # Errors
///
/// [`Class::InvalidRequest`] if the bytes are no JSON object, if there is no `model`, or if a field
/// that is looked at is there twice or has a value of the wrong kind. The error names the field.
pub fn scan(raw: &Bytes) -> Result<Head, Error> {
    let mut json = serde_json::Deserializer::from_slice(raw);
    let mut scan = Scan {
        raw,
        end: 0,
        kept: false,
        seen: 0,
        head: Head::default(),
        wrong: None,
    };
    json.deserialize_map(&mut scan).map_err(|e| not_json(&e))?;
    json.end().map_err(|e| not_json(&e))?;
    scan.finish()
}

struct Scan<'a> {
    raw: &'a [u8],
    /// Where the last value has ended.
    end: usize,
    /// Whether there was a field that is not ours.
    kept: bool,
    /// Which fields were there, a bit for each.
    seen: u16,
    head: Head,
    /// The first field that is wrong.
    wrong: Option<Error>,
}

impl<'de> Visitor<'de> for &mut Scan<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.end = 1 + self.raw.iter().position(|b| *b == b'{').unwrap_or(0);
        while let Some(Name(key)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            let value = value.get();
            let start = value.as_ptr() as usize - self.raw.as_ptr() as usize;
            let span = start..start + value.len();
            if let Err(error) = self.field(&key, value, span.clone()) {
                self.wrong.get_or_insert(error);
            }
            self.end = span.end;
        }
        Ok(())
    }
}

// ===== impl Scan =====

impl Scan<'_> {
    fn field(&mut self, name: &str, value: &str, span: Range<usize>) -> Result<(), Error> {
        if is_own(name) {
            let start = self.end;
            self.head.spans.own.push(start..span.end);
            if !self.kept {
                self.take_comma_after();
            }
        } else {
            self.kept = true;
            if name == "metadata" {
                self.metadata(value, span.clone());
            }
        }
        let head = &mut self.head;
        if tokens::is_prompt(name) {
            head.prompt += tokens::rough(value);
        }
        match name {
            "model" => {
                once(&mut self.seen, 0, name)?;
                head.model = text(name, value)?;
                head.spans.model = span;
            }
            "stream" => {
                once(&mut self.seen, 1, name)?;
                head.stream = flag(name, value)?;
            }
            "stream_options" => {
                once(&mut self.seen, 2, name)?;
                head.include_usage = include_usage(value)?;
            }
            "max_tokens" | "max_completion_tokens" => {
                once(
                    &mut self.seen,
                    if name == "max_tokens" { 3 } else { 4 },
                    name,
                )?;
                // The newer name wins, wherever it stands.
                let tokens = number(name, value)?;
                if name == "max_completion_tokens" || self.seen & (1 << 4) == 0 {
                    head.max_tokens = tokens.or(head.max_tokens);
                }
            }
            // The name of the same in another dialect.
            "max_output_tokens" => {
                once(&mut self.seen, 8, name)?;
                head.max_tokens = number(name, value)?.or(head.max_tokens);
            }
            "n" => {
                once(&mut self.seen, 5, name)?;
                head.n = number(name, value)?.map_or(1, |n| u32::try_from(n).unwrap_or(u32::MAX));
            }
            "tools" => {
                once(&mut self.seen, 6, name)?;
                // `[]` and `null` offer none.
                head.tools = value.starts_with('[') && !value[1..].trim_start().starts_with(']');
            }
            // What is none is the provider's to refuse.
            "service_tier" => head.service_tier = text(name, value).ok(),
            "fastest_response" => {
                once(&mut self.seen, 7, name)?;
                head.fastest_response = flag(name, value)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The metadata of a provider are plain. What is not is for the gateway, as LiteLLM's tags are.
    fn metadata(&mut self, value: &str, span: Range<usize>) {
        if !value.starts_with('{') || memchr2(b'[', b'{', &value.as_bytes()[1..]).is_none() {
            return;
        }
        let outer = (self.end, self.kept);
        (self.end, self.kept) = (span.start + 1, false);
        // What is wrong with the JSON was told already.
        _ = each_field(value, |_, member| {
            let start = span.start + (member.as_ptr() as usize - value.as_ptr() as usize);
            let end = start + member.len();
            if member.starts_with(['[', '{']) {
                let start = self.end;
                self.head.spans.own.push(start..end);
                if !self.kept {
                    self.take_comma_after();
                }
            } else {
                self.kept = true;
            }
            self.end = end;
        });
        (self.end, self.kept) = outer;
        self.head.spans.metadata = span;
    }

    /// A field at the start has no comma before it, so the one after it goes with it.
    fn take_comma_after(&mut self) {
        let (last, earlier) = self
            .head
            .spans
            .own
            .split_last_mut()
            .expect("one was pushed");
        let rest = &self.raw[last.end..];
        let spaces = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        if rest.get(spaces) == Some(&b',') {
            last.end += spaces + 1;
        }
        if let Some(earlier) = earlier.last() {
            last.start = last.start.max(earlier.end);
        }
    }

    fn finish(self) -> Result<Head, Error> {
        if let Some(error) = self.wrong {
            return Err(error);
        }
        if self.head.model.is_empty() {
            return Err(
                wrong("model", "the name of a model").with_code("missing_required_parameter")
            );
        }
        Ok(self.head)
    }
}

fn once(seen: &mut u16, bit: u16, name: &str) -> Result<(), Error> {
    if *seen & (1 << bit) != 0 {
        let message = format!("`{name}` is there twice; leave one");
        return Err(Error::new(Class::InvalidRequest, message).with_param(name));
    }
    *seen |= 1 << bit;
    Ok(())
}

fn text(name: &str, value: &str) -> Result<Arc<str>, Error> {
    // A plain text, as almost all are, is not copied twice.
    let plain = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(plain) = plain.filter(|text| !text.contains('\\')) {
        return Ok(plain.into());
    }
    serde_json::from_str::<String>(value)
        .map(Arc::from)
        .map_err(|_| wrong(name, "a text"))
}

fn flag(name: &str, value: &str) -> Result<bool, Error> {
    match value {
        "true" => Ok(true),
        "false" | "null" => Ok(false),
        _ => Err(wrong(name, "true or false")),
    }
}

fn number(name: &str, value: &str) -> Result<Option<u64>, Error> {
    if value == "null" {
        return Ok(None);
    }
    let number = value.parse().map_err(|_| wrong(name, "a whole number"))?;
    Ok(Some(number))
}

fn include_usage(value: &str) -> Result<bool, Error> {
    #[derive(serde::Deserialize)]
    struct StreamOptions {
        include_usage: Option<bool>,
    }

    let options: Option<StreamOptions> = serde_json::from_str(value).map_err(|_| {
        wrong(
            "stream_options",
            "an object such as {\"include_usage\": true}",
        )
    })?;
    Ok(options.is_some_and(|options| options.include_usage == Some(true)))
}

fn wrong(name: &str, right: &str) -> Error {
    let message = format!("`{name}` must be {right}");
    Error::new(Class::InvalidRequest, message).with_param(name)
}

fn not_json(error: &serde_json::Error) -> Error {
    let message = format!("the request body must be a JSON object: {error}");
    Error::new(Class::InvalidRequest, message).with_code("invalid_json")
}
