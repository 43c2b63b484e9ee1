use serde_json::{Value, json};

use super::Capabilities;
use super::Thinking;
use crate::chat::Effort;
use crate::json::Fields;

/// What becomes of a deployment's parameters, which have `OpenAI`'s names, in a call that is forwarded.
#[derive(Debug, Default)]
pub(super) struct Native {
    /// The parameters in Anthropic's words.
    pub(super) params: Fields,
    /// Those that the provider does not have.
    pub(super) dropped: Vec<Box<str>>,
    /// The tokens of the thinking that is asked for, if it is asked for by a number. A call with no more
    /// than that in all cannot think.
    pub(super) budget: u64,
}

/// Parameters that the provider refuses, and has nothing like.
const OTHERS: [&str; 18] = [
    "audio",
    "frequency_penalty",
    "functions",
    "function_call",
    "logit_bias",
    "logprobs",
    "modalities",
    "n",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "response_format",
    "seed",
    "store",
    "stream_options",
    "top_logprobs",
    "verbosity",
    "web_search_options",
];

// ===== impl Native =====

impl Native {
    pub(super) fn new(params: Fields, model: &str) -> Self {
        let mut native = Self::default();
        for (name, value) in params {
            native.take(&name, value, model);
        }
        native
    }

    fn take(&mut self, name: &str, value: Value, model: &str) {
        match name {
            "max_completion_tokens" => self.set("max_tokens", Some(value)),
            "stop" => {
                let stops = match value {
                    Value::String(stop) => json!([stop]),
                    stops => stops,
                };
                self.set("stop_sequences", Some(stops));
            }
            "user" | "safety_identifier" => {
                self.set("metadata", Some(json!({"user_id": value})));
            }
            // OpenAI's notes have other names in them.
            "metadata" if value.get("user_id").is_none() => self.drop(name),
            "service_tier" => self.set(name, service_tier(&value)),
            "tool_choice" => self.set(name, tool_choice(value)),
            "tools" if has_functions(&value) => self.drop(name),
            "parallel_tool_calls" => self.drop(name),
            "reasoning_effort" => self.effort(&value, model),
            name if OTHERS.contains(&name) => self.drop(name),
            name => self.set(name, Some(value)),
        }
    }

    /// Sets a parameter, unless the deployment does so by its own name.
    fn set(&mut self, name: &str, value: Option<Value>) {
        match value {
            None => self.drop(name),
            Some(value) => {
                self.params.entry(name).or_insert(value);
            }
        }
    }

    fn drop(&mut self, name: &str) {
        self.dropped.push(name.into());
    }

    fn effort(&mut self, value: &Value, model: &str) {
        let capabilities = Capabilities::for_model(model);
        let effort = value.as_str().and_then(Effort::from_name);
        let Some(effort) = effort.filter(|_| capabilities.thinking != Thinking::Never) else {
            return self.drop("reasoning_effort");
        };
        match (capabilities.thinking, effort) {
            (Thinking::ByDefault, Effort::None) => {
                self.set("thinking", Some(json!({"type": "disabled"})));
            }
            (_, Effort::None) => {}
            (Thinking::Budget, effort) => {
                self.budget = effort.budget();
                let thinking = json!({"type": "enabled", "budget_tokens": self.budget});
                self.set("thinking", Some(thinking));
            }
            (_, effort) => {
                let thinking = json!({"type": "adaptive", "display": "summarized"});
                self.set("thinking", Some(thinking));
                let known = capabilities.effort(effort).unwrap_or(effort);
                self.set("output_config", Some(json!({"effort": known.as_str()})));
            }
        }
    }

    /// The same parameters without the thinking.
    pub(super) fn without_thinking(mut params: Fields) -> Fields {
        params.shift_remove("thinking");
        params
    }
}

fn service_tier(value: &Value) -> Option<Value> {
    match value.as_str()? {
        "auto" => Some("auto".into()),
        "default" | "standard_only" => Some("standard_only".into()),
        _ => None,
    }
}

fn tool_choice(value: Value) -> Option<Value> {
    if value.is_object() {
        let name = value.pointer("/function/name");
        return match name {
            Some(name) => Some(json!({"type": "tool", "name": name})),
            None => Some(value),
        };
    }
    let kind = match value.as_str()? {
        "required" => "any",
        kind @ ("any" | "auto" | "none") => kind,
        _ => return None,
    };
    Some(json!({"type": kind}))
}

fn has_functions(tools: &Value) -> bool {
    let tools = tools.as_array().into_iter().flatten();
    tools
        .filter_map(|tool| tool.get("type"))
        .any(|kind| kind == "function")
}
