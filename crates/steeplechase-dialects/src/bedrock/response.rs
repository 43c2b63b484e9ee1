use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use steeplechase_core::{Class, Error};

use super::AnswerContext;
use super::error::classify_event;
use super::finish::{finish, is_malformed};
use super::native::{self, Block, Cited, Converse, ToolUse};
use super::usage::Tier;
use crate::chat::stand_in::unwrapped;
use crate::chat::{Answer, Choice, ThinkingBlock, ids, truncated};
use crate::json;
use crate::json::text;

/// Reads a whole answer into the neutral form.
///
/// # Errors
///
/// [`Class::Server`] if it is no answer, or nothing that the provider could make sense of; that of the
/// error if it is an error after all; [`Class::Truncated`] if it ends before its end.
pub fn read_answer(body: &[u8], context: &AnswerContext) -> Result<Answer, Error> {
    let mended = json::mend(body);
    let converse = match serde_json::from_slice::<Converse<'_>>(&mended) {
        Ok(converse) if converse.output.is_some() => converse,
        Ok(_) => return Err(classify_event(body)),
        Err(cause) if cause.is_eof() => return Err(truncated().with_source(cause)),
        Err(cause) => return Err(no_answer().with_source(cause)),
    };
    let additional = native::additional(converse.additional_model_response_fields);
    let choice = choice(&converse, context)?;
    let tier = converse.service_tier.as_ref();
    let counts = converse.usage.as_ref();
    let usage = counts.map(|counts| counts.usage(&additional, tier));
    Ok(Answer {
        id: match context.id() {
            "" => ids::mint("chatcmpl-"),
            id => id.to_owned(),
        },
        model: context.model().to_owned(),
        created: ids::now(),
        choices: vec![choice],
        usage: usage.unwrap_or_default(),
        service_tier: tier.and_then(Tier::name).map(str::to_owned),
    })
}

fn no_answer() -> Error {
    Error::new(Class::Server, "the provider's answer is no message")
}

/// That what the model has said makes no sense, so that there is nothing of it.
pub(super) fn malformed(native: Option<&str>) -> Error {
    let native = native.unwrap_or_default();
    Error::new(
        Class::Server,
        "the provider could make no sense of what the model said",
    )
    .with_detail(format!("the answer ended with {native}"))
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
    other_blocks: Vec<Value>,
}

fn choice(converse: &Converse<'_>, context: &AnswerContext) -> Result<Choice, Error> {
    let mut reader = Reader {
        context,
        choice: Choice::default(),
        content: String::new(),
        chars: 0,
        answer: None,
        other_blocks: Vec::new(),
    };
    let message = converse
        .output
        .as_ref()
        .and_then(|output| output.message.as_ref());
    for raw in message
        .iter()
        .filter_map(|it| it.content.as_ref())
        .flatten()
    {
        let block = serde_json::from_str::<Block<'_>>(raw.get());
        if !block.is_ok_and(|block| reader.block(&block)) {
            reader
                .other_blocks
                .extend(serde_json::from_str::<Value>(raw.get()));
        }
    }
    let native = converse.stop_reason.as_deref();
    let choice = reader.finish(native, converse.trace);
    if is_malformed(native) && choice.content.is_none() && choice.tool_calls.is_empty() {
        return Err(malformed(native));
    }
    Ok(choice)
}

// ===== impl Reader =====

impl Reader<'_> {
    /// Reads a block. `false` if it is none that callers know.
    fn block(&mut self, block: &Block<'_>) -> bool {
        if let Some(words) = &block.text {
            self.text(words);
        } else if let Some(tool) = block.tool_use.as_ref().filter(|tool| !tool.is_of_server()) {
            self.tool(tool);
        } else if let Some(reasoning) = &block.reasoning_content {
            self.reasoning(reasoning);
        } else if let Some(cited) = &block.citations_content {
            self.cited(cited);
        } else {
            return false;
        }
        true
    }

    fn text(&mut self, words: &str) {
        self.chars += words.chars().count();
        self.content.push_str(words);
    }

    /// The words may be nowhere else.
    fn cited(&mut self, cited: &Cited<'_>) {
        let start = self.chars;
        for words in cited.content.iter().flatten() {
            self.text(text(words.text.as_ref()));
        }
        let citations = cited.citations.iter().flatten();
        let annotations = citations.filter_map(|it| it.annotation(start, self.chars));
        self.choice.annotations.extend(annotations);
    }

    fn reasoning(&mut self, reasoning: &native::Reasoning<'_>) {
        if let Some(blob) = &reasoning.redacted_content {
            self.choice.thinking.push(ThinkingBlock::Redacted {
                data: native::unsealed(blob).into_owned(),
            });
        }
        let Some(thought) = &reasoning.reasoning_text else {
            return;
        };
        let words = text(thought.text.as_ref());
        let signature = thought.signature.as_ref().map(|seal| seal.to_string());
        if !words.is_empty() {
            let all = self.choice.reasoning.get_or_insert_default();
            all.push_str(words);
        }
        // One that is not sealed is shown to nobody again.
        if self.context.seals() {
            self.choice.thinking.push(ThinkingBlock::Thinking {
                text: words.to_owned(),
                signature,
            });
        }
    }

    fn tool(&mut self, tool: &ToolUse<'_>) {
        let name = text(tool.name.as_ref());
        let input = tool.input.map_or("{}", RawValue::get);
        let tools = self.context.tools();
        if tools.is_json_tool(name) {
            self.answer
                .get_or_insert_with(|| json_answer(input, self.context));
            return;
        }
        let call = tools.tool_call(text(tool.id.as_ref()), name, input);
        self.choice.tool_calls.push(call);
    }

    fn finish(self, native: Option<&str>, trace: Option<&RawValue>) -> Choice {
        let Self {
            context,
            mut choice,
            content,
            answer,
            other_blocks,
            ..
        } = self;
        let answered = answer.is_some();
        context.tools().fill(&mut choice, content, answer);
        let mut fields = Map::new();
        if !other_blocks.is_empty() {
            fields.insert("content_blocks".into(), Value::Array(other_blocks));
        }
        // It says what a guardrail has found, to whoever has asked for it.
        if let Some(Ok(trace)) = trace.map(|raw| serde_json::from_str::<Value>(raw.get())) {
            fields.insert("trace".into(), trace);
        }
        choice.provider_fields = fields;
        choice.finish = finish(native, !choice.tool_calls.is_empty(), answered);
        choice.native_finish = native.map(str::to_owned);
        choice
    }
}

/// The answer in what the model gave to the tool that stands for it.
pub(super) fn json_answer(input: &str, context: &AnswerContext) -> String {
    let tool = context.tools().inner().json_tool.as_ref();
    let is_wrapped = tool.is_some_and(|tool| tool.is_wrapped);
    let input = if context.unfolds() {
        properties(input).unwrap_or(input)
    } else {
        input
    };
    unwrapped(input, is_wrapped)
}

/// What is in `properties`, if there is nothing else.
fn properties(input: &str) -> Option<&str> {
    let fields: BTreeMap<&str, &RawValue> = serde_json::from_str(input).ok()?;
    let inner = fields.get("properties").filter(|_| fields.len() == 1)?;
    inner.get().starts_with('{').then(|| inner.get())
}
