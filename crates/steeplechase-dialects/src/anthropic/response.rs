use serde_json::Value;
use serde_json::value::RawValue;
use steeplechase_core::Class;
use steeplechase_core::Error;

use super::AnswerContext;
use super::error::classify_event;
use super::finish::finish;
use super::native;
use super::usage::Totals;
use crate::chat::Answer;
use crate::chat::Choice;
use crate::chat::ThinkingBlock;
use crate::chat::ids;
use crate::chat::stand_in::unwrapped;
use crate::chat::truncated;
use crate::json;
use crate::json::text;

/// Reads a whole answer into the neutral form.
///
/// # Errors
///
/// [`Class::Server`] if it is no answer; that of the error if it is an error after all;
/// [`Class::Truncated`] if it ends before its end.
pub fn read_answer(body: &[u8], context: &AnswerContext) -> Result<Answer, Error> {
    let mended = json::mend(body);
    let parse = serde_json::from_slice::<native::Message<'_>>(&mended);
    let message = match parse {
        Ok(message) if message.content.is_some() => message,
        parse => {
            let kind = serde_json::from_slice::<native::Kind<'_>>(&mended);
            if kind.is_ok_and(|kind| kind.kind.as_deref() == Some("error")) {
                return Err(classify_event(body));
            }
            return Err(match parse {
                Err(cause) if cause.is_eof() => truncated().with_source(cause),
                Err(cause) => no_message().with_source(cause),
                Ok(_) => no_message(),
            });
        }
    };
    let mut totals = Totals::default();
    let mut answer = Answer {
        id: match text(message.id.as_ref()) {
            "" => ids::mint("chatcmpl-"),
            id => id.to_owned(),
        },
        model: text(message.model.as_ref()).to_owned(),
        created: ids::now(),
        ..Answer::default()
    };
    if let Some(counts) = &message.usage {
        totals.overlay(counts);
        answer.service_tier = counts.service_tier().map(str::to_owned);
        if let Some(model) = counts.stand_in() {
            model.clone_into(&mut answer.model);
        }
    }
    answer.usage = totals.usage();
    answer.choices.push(choice(&message, context));
    Ok(answer)
}

fn no_message() -> Error {
    Error::new(Class::Server, "the provider's answer is no message")
}

/// What has been read of an answer so far.
struct Reader<'c> {
    context: &'c AnswerContext,
    choice: Choice,
    content: String,
    /// How many characters it has.
    chars: usize,
    /// What the model gave to the tool that stands for its answer.
    answer: Option<String>,
    server_blocks: Vec<Value>,
}

fn choice(message: &native::Message<'_>, context: &AnswerContext) -> Choice {
    let mut reader = Reader {
        context,
        choice: Choice::default(),
        content: String::new(),
        chars: 0,
        answer: None,
        server_blocks: Vec::new(),
    };
    for raw in message.content.iter().flatten() {
        let block = serde_json::from_str::<native::Block<'_>>(raw.get());
        if !block.is_ok_and(|block| reader.block(&block)) {
            reader
                .server_blocks
                .extend(serde_json::from_str::<Value>(raw.get()));
        }
    }
    let Reader {
        mut choice,
        content,
        answer,
        server_blocks,
        ..
    } = reader;
    let answered = answer.is_some();
    context.fill(&mut choice, content, answer);
    if !server_blocks.is_empty() {
        let blocks = Value::Array(server_blocks);
        choice
            .provider_fields
            .insert("content_blocks".into(), blocks);
    }
    let native = message.stop_reason.as_deref();
    if native == Some("refusal") {
        let details = message.stop_details.as_ref();
        let explanation = details.and_then(|details| details.explanation.as_ref());
        choice.refusal = explanation.map(|text| text.to_string());
    }
    choice.finish = finish(native, !choice.tool_calls.is_empty(), answered);
    choice.native_finish = native.map(str::to_owned);
    choice
}

// ===== impl Reader =====

impl Reader<'_> {
    /// Reads a block. `false` if it is none that callers know.
    fn block(&mut self, block: &native::Block<'_>) -> bool {
        match block.kind() {
            "text" => self.text(block),
            "thinking" => {
                let text = text(block.thinking.as_ref());
                self.choice.reasoning.get_or_insert_default().push_str(text);
                self.choice.thinking.push(ThinkingBlock::Thinking {
                    text: text.to_owned(),
                    signature: block.signature.as_ref().map(|seal| seal.to_string()),
                });
            }
            "redacted_thinking" => self.choice.thinking.push(ThinkingBlock::Redacted {
                data: text(block.data.as_ref()).to_owned(),
            }),
            "tool_use" => self.tool(block),
            _ => return false,
        }
        // What is hidden altogether is no text to read.
        self.choice.reasoning.take_if(|text| text.is_empty());
        true
    }

    fn text(&mut self, block: &native::Block<'_>) {
        let text = text(block.text.as_ref());
        let start = self.chars;
        self.chars += text.chars().count();
        self.content.push_str(text);
        let citations = block.citations.iter().flatten();
        let annotations = citations.filter_map(|it| it.annotation(start, self.chars));
        self.choice.annotations.extend(annotations);
    }

    fn tool(&mut self, block: &native::Block<'_>) {
        let name = text(block.name.as_ref());
        let input = block.input.map_or("{}", RawValue::get);
        if self.context.is_json_tool(name) {
            let wrapped = self.context.inner().json_tool.as_ref();
            let is_wrapped = wrapped.is_some_and(|tool| tool.is_wrapped);
            self.answer
                .get_or_insert_with(|| unwrapped(input, is_wrapped));
            return;
        }
        let call = self.context.tool_call(text(block.id.as_ref()), name, input);
        self.choice.tool_calls.push(call);
    }
}
