//! What a model would answer, before it is written in a dialect.
//!
//! ```text
//! Ask    what the checked request says        ─┐
//! Draw   what chance and the behaviour say    ─┴─► Reply ─► a dialect's JSON or events
//! ```

use serde_json::{Map, Value, json};

use crate::behaviour::{Filter, Usage};
use crate::draw::Draw;
use crate::sim::Sim;

/// How long the fragments are in which the arguments of a tool call come, in bytes.
const FRAGMENT: usize = 8;

/// What matters of a request that has passed the checks of its dialect.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the request, and they are independent"
)]
pub(crate) struct Ask {
    pub(crate) model: String,
    pub(crate) stream: bool,
    /// OpenAI: a last chunk with the usage.
    pub(crate) include_usage: bool,
    /// OpenAI: answers to give.
    pub(crate) choices: usize,
    pub(crate) max_tokens: Option<usize>,
    pub(crate) input_tokens: u64,
    /// Whether to think first.
    pub(crate) thinking: bool,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    /// Whether the last message is the user's own, and no tool result.
    pub(crate) user_turn: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) schema: Value,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum ToolChoice {
    #[default]
    Auto,
    Never,
    Any,
    Named(String),
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    /// Tokens of thinking, before the answer.
    pub(crate) thinking: Vec<String>,
    /// Tokens of text. Empty if there are calls.
    pub(crate) text: Vec<String>,
    pub(crate) calls: Vec<Call>,
    pub(crate) finish: Finish,
    pub(crate) usage: Usage,
    /// For identifiers.
    pub(crate) id: u64,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) arguments: Value,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Finish {
    Stop,
    Length,
    Tools,
    /// The filter has stopped the answer.
    Filtered,
    /// The filter has refused the prompt: nothing is said.
    Blocked,
}

impl Reply {
    pub(crate) fn to(ask: &Ask, sim: &Sim, draw: &Draw) -> Self {
        let behaviour = &draw.behaviour;
        if behaviour.filter == Some(Filter::Prompt) {
            return Self::blocked(ask, draw);
        }
        let calls = calls(ask, draw);
        let thinking = match &behaviour.thinking {
            _ if !ask.thinking => Vec::new(),
            Some(thoughts) => pieces(thoughts),
            None => pieces("Which hedge comes next?"),
        };

        let mut finish = Finish::Tools;
        let mut text = Vec::new();
        if calls.is_empty() {
            finish = Finish::Stop;
            let limit = ask.max_tokens.unwrap_or(usize::MAX);
            let wanted = behaviour.tokens.unwrap_or(sim.config.tokens);
            text = match &behaviour.text {
                Some(text) => pieces(text),
                None => draw.words(wanted.min(limit)),
            };
            if text.len() > limit || (behaviour.text.is_none() && wanted > limit) {
                finish = Finish::Length;
                text.truncate(limit);
            }
        }

        if behaviour.filter.is_some() {
            finish = Finish::Filtered;
        }
        let arguments = calls.iter().map(|call| 1 + call.fragments().len());
        let output = (thinking.len() + text.len() + arguments.sum::<usize>()) * ask.choices;
        let usage = behaviour.usage.unwrap_or(Usage {
            input: ask.input_tokens,
            output: output as u64,
            reasoning: thinking.len() as u64,
            ..Usage::default()
        });
        Self {
            thinking,
            text,
            calls,
            finish,
            usage,
            id: draw.id(1),
        }
    }

    fn blocked(ask: &Ask, draw: &Draw) -> Self {
        let usage = draw.behaviour.usage.unwrap_or(Usage {
            input: ask.input_tokens,
            ..Usage::default()
        });
        Self {
            thinking: Vec::new(),
            text: Vec::new(),
            calls: Vec::new(),
            finish: Finish::Blocked,
            usage,
            id: draw.id(1),
        }
    }

    pub(crate) fn text(&self) -> String {
        self.text.concat()
    }

    /// How long it takes, in tokens.
    pub(crate) fn tokens(&self) -> usize {
        let calls = self.calls.iter().map(|call| 1 + call.fragments().len());
        self.thinking.len() + self.text.len() + calls.sum::<usize>()
    }
}

impl Call {
    /// The arguments, in the fragments in which they are streamed.
    pub(crate) fn fragments(&self) -> Vec<String> {
        let mut fragments = vec![String::new()];
        for character in self.arguments.to_string().chars() {
            if let Some(last) = fragments.last_mut()
                && last.len() < FRAGMENT
            {
                last.push(character);
            } else {
                fragments.push(character.to_string());
            }
        }
        fragments
    }
}

/// Tokens in the input, at four bytes each.
pub(crate) fn input_tokens(messages: &Value) -> u64 {
    fn length(value: &Value) -> usize {
        match value {
            Value::String(text) => text.len(),
            Value::Array(values) => values.iter().map(length).sum(),
            Value::Object(fields) => fields.values().map(length).sum(),
            _ => 1,
        }
    }
    length(messages).div_ceil(4).max(1) as u64
}

fn calls(ask: &Ask, draw: &Draw) -> Vec<Call> {
    let behaviour = &draw.behaviour;
    let Some(first) = ask.tools.first() else {
        return Vec::new();
    };
    if !ask.user_turn {
        return Vec::new();
    }
    let tool = match &ask.tool_choice {
        ToolChoice::Never => return Vec::new(),
        ToolChoice::Auto if behaviour.tools.is_empty() && !behaviour.use_tool => return Vec::new(),
        ToolChoice::Named(name) => ask.tools.iter().find(|tool| tool.name == *name),
        ToolChoice::Auto | ToolChoice::Any => Some(first),
    };
    let tool = tool.unwrap_or(first);

    let made_up = [(tool.name.clone(), example(&tool.schema, 0))];
    let scripted = behaviour.tools.iter();
    let scripted = scripted.map(|call| (call.name.clone(), call.arguments.clone()));
    let calls: Vec<_> = if behaviour.tools.is_empty() {
        made_up.into()
    } else {
        scripted.collect()
    };
    let numbered = calls.into_iter().zip(2..);
    let calls = numbered.map(|((name, arguments), number)| Call {
        id: draw.id(number),
        name,
        arguments,
    });
    calls.collect()
}

/// Something that fits a JSON schema, as far as its types and enumerations go.
fn example(schema: &Value, depth: usize) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("string") => "hedge".into(),
        Some("integer") => 7.into(),
        Some("number") => 0.5.into(),
        Some("boolean") => true.into(),
        Some("array") => json!([]),
        Some("null") => Value::Null,
        _ => {
            let properties = schema["properties"].as_object();
            // A schema may be nested as deep as its sender likes.
            let properties = properties.filter(|_| depth < 8);
            let fields = properties.into_iter().flatten();
            let fields = fields.map(|(name, schema)| (name.clone(), example(schema, depth + 1)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
    }
}

/// A text in words, each with the white space that follows it.
fn pieces(text: &str) -> Vec<String> {
    let words = text.split_inclusive(char::is_whitespace);
    words.map(str::to_owned).collect()
}

/// A number as it is written in identifiers.
pub(crate) fn hex(number: u64) -> String {
    format!("{number:016x}")
}
