use serde_json::Value;
use serde_json::value::RawValue;
use steeplechase_core::{Class, Error};

use super::context::call_id;
use super::error::classify_event;
use super::finish::{Ending, ending};
use super::native::{Blob, Candidate, Part, Response};
use super::sources::{self, Said};
use super::{AnswerContext, logprobs, sound};
use crate::chat::blocks::without_fence;
use crate::chat::{Answer, Choice, FinishReason, Image, ToolCall, ids, truncated};
use crate::json;
use crate::json::text;

/// Reads a whole answer into the neutral form.
///
/// # Errors
///
/// [`Class::Server`] if it is no answer, or if the model did what it must not and has said nothing;
/// that of the error if it is an error after all; [`Class::Truncated`] if it ends before its end.
pub fn read_answer(body: &[u8], context: &AnswerContext) -> Result<Answer, Error> {
    let mended = json::mend(body);
    let response = match serde_json::from_slice::<Response<'_>>(&mended) {
        Ok(response) if response.error.is_none() => response,
        Ok(_) => return Err(classify_event(body)),
        // Errors come in a list now and then.
        Err(_) if body.trim_ascii_start().starts_with(b"[") => return Err(classify_event(body)),
        Err(cause) if cause.is_eof() => return Err(truncated().with_source(cause)),
        Err(cause) => return Err(no_answer().with_source(cause)),
    };
    let mut answer = Answer {
        id: match text(response.id.as_ref()) {
            "" => ids::mint("chatcmpl-"),
            id => id.to_owned(),
        },
        model: context
            .model(text(response.model_version.as_ref()))
            .to_owned(),
        created: ids::now(),
        ..Answer::default()
    };
    if let Some(counts) = &response.usage_metadata {
        answer.usage = counts.usage();
    }
    let mut candidates: Vec<_> = response.candidates.iter().flatten().enumerate().collect();
    candidates.sort_by_key(|(place, candidate)| candidate.index.unwrap_or(*place));
    let mut failure = None;
    for (_, candidate) in candidates {
        match choice(candidate, &answer.id, context) {
            Ok(choice) => answer.choices.push(choice),
            Err(error) => failure = Some(error),
        }
    }
    if answer.choices.is_empty() {
        let feedback = response.prompt_feedback.as_ref();
        let reason = feedback.and_then(|it| it.block_reason.as_ref());
        let Some(reason) = reason else {
            return Err(failure.unwrap_or_else(no_answer));
        };
        answer.choices.push(Choice {
            finish: FinishReason::ContentFilter,
            native_finish: Some(reason.to_string()),
            ..Choice::default()
        });
    }
    Ok(answer)
}

fn no_answer() -> Error {
    Error::new(Class::Server, "the provider's answer is no answer")
}

/// That the model has failed before it has said anything.
pub(super) fn nothing_said(ending: Ending, native: &str) -> Error {
    match ending {
        Ending::Barred => Error::new(Class::Auth, "the provider has barred the account"),
        _ => Error::new(
            Class::Server,
            format!("the model broke off before it said anything: {native}"),
        ),
    }
}

/// What has been read of an answer so far.
#[derive(Default)]
struct Reader {
    choice: Choice,
    said: Said,
    audio: Vec<String>,
    code: Vec<Value>,
}

fn choice(candidate: &Candidate<'_>, id: &str, context: &AnswerContext) -> Result<Choice, Error> {
    let mut reader = Reader::default();
    for part in candidate.parts() {
        reader.part(part, context);
    }
    let Reader {
        mut choice,
        said,
        audio,
        code,
    } = reader;
    let mut found = Vec::new();
    if let Some(raw) = candidate.grounding_metadata {
        sources::grounding(raw, &mut found);
    }
    if let Some(raw) = candidate.citation_metadata {
        sources::citations(raw, &mut found);
    }
    choice.annotations = found.into_iter().map(|it| said.annotation(it)).collect();
    if !said.is_empty() {
        let words = said.into_text();
        choice.content = Some(if context.strips_fences() {
            without_fence(words)
        } else {
            words
        });
    }
    choice.audio = sound::whole(&audio, id);
    choice.logprobs = candidate.logprobs_result.and_then(logprobs::openai);
    let others = [
        ("grounding_metadata", candidate.grounding_metadata),
        ("citation_metadata", candidate.citation_metadata),
        ("url_context_metadata", candidate.url_context_metadata),
    ];
    for (name, raw) in others {
        if let Some(value) = raw.and_then(value) {
            choice.provider_fields.insert(name.into(), value);
        }
    }
    if !code.is_empty() {
        choice
            .provider_fields
            .insert("code_execution".into(), code.into());
    }
    let native = text(candidate.finish_reason.as_ref());
    let ending = ending(native, !choice.tool_calls.is_empty());
    if !matches!(ending, Ending::Answer(_)) && !choice.has_content() {
        return Err(nothing_said(ending, native));
    }
    choice.finish = ending.reason();
    choice.native_finish = (!native.is_empty()).then(|| native.to_owned());
    Ok(choice)
}

fn value(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get()).ok()
}

// ===== impl Reader =====

impl Reader {
    fn part(&mut self, part: &Part<'_>, context: &AnswerContext) {
        self.said.part();
        if let Some(call) = &part.function_call {
            let name = text(call.name.as_ref());
            self.choice.tool_calls.push(ToolCall {
                id: call_id(text(call.id.as_ref())),
                name: context.caller_name(name).to_owned(),
                input: context.input(name, call.args.map(RawValue::get)),
                signature: part.seal().map(str::to_owned),
            });
            return;
        }
        let text = text(part.text.as_ref());
        if part.is_thought() {
            if !text.is_empty() {
                self.choice.reasoning.get_or_insert_default().push_str(text);
            }
            return;
        }
        self.said.push(text);
        if let Some(seal) = part.seal() {
            self.choice.signature = Some(seal.to_owned());
        }
        if let Some(blob) = &part.inline_data {
            self.blob(blob);
        }
        let code = [
            ("executableCode", part.executable_code),
            ("codeExecutionResult", part.code_execution_result),
        ];
        for (name, raw) in code {
            if let Some(value) = raw.and_then(value) {
                let fields = serde_json::Map::from_iter([(name.to_owned(), value)]);
                self.code.push(fields.into());
            }
        }
    }

    fn blob(&mut self, blob: &Blob<'_>) {
        let (kind, data) = (text(blob.mime_type.as_ref()), text(blob.data.as_ref()));
        if kind.starts_with("audio/") {
            self.audio.push(data.to_owned());
        } else {
            self.choice.images.push(Image {
                media_type: kind.to_owned(),
                data: data.to_owned(),
            });
        }
    }
}
