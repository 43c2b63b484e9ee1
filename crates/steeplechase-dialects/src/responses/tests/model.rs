//! Whatever events come, the stream keeps to the grammar, and the response tells what the stream told.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::chat::{FinishReason, ThinkingPatch};
use crate::responses::parse;

/// One event, with its own text.
#[derive(Clone, Debug)]
enum Step {
    End,
    Finish(usize, FinishReason),
    Reasoning(String),
    Refusal(String),
    Start(String),
    Text(usize, String),
    Thinking(u64, u8, String),
    ToolArgs(u64, String),
    ToolEnd(u64),
    ToolStart(u64, bool, Option<String>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reason = prop_oneof![
        Just(FinishReason::Stop),
        Just(FinishReason::Length),
        Just(FinishReason::ContentFilter),
    ];
    let words = || "[a-zß\"\\\\\n]{0,3}";
    let choice = || prop_oneof![9 => Just(0_usize), 1 => Just(1_usize)];
    let tool = || 0_u64..4;
    let step = prop_oneof![
        1 => Just(Step::End),
        2 => (choice(), reason).prop_map(|(choice, reason)| Step::Finish(choice, reason)),
        3 => words().prop_map(Step::Reasoning),
        2 => words().prop_map(Step::Refusal),
        1 => words().prop_map(Step::Start),
        9 => (choice(), words()).prop_map(|(choice, text)| Step::Text(choice, text)),
        5 => (0_u64..3, 0_u8..3, words()).prop_map(|(block, kind, text)| Step::Thinking(block, kind, text)),
        6 => (tool(), words()).prop_map(|(tool, text)| Step::ToolArgs(tool, text)),
        3 => tool().prop_map(Step::ToolEnd),
        5 => (tool(), any::<bool>(), proptest::option::of("[a-z]{1,2}"))
            .prop_map(|(tool, custom, seal)| Step::ToolStart(tool, custom, seal)),
    ];
    proptest::collection::vec(step, 0..24)
}

impl Step {
    fn event(&self) -> Event<'_> {
        match self {
            Self::End => Event::End,
            Self::Finish(choice, reason) => Event::Finish {
                choice: *choice,
                reason: *reason,
                native: None,
            },
            Self::Reasoning(text) => Event::Reasoning { choice: 0, text },
            Self::Refusal(text) => Event::Refusal { choice: 0, text },
            Self::Start(id) => Event::Start { id, model: "" },
            Self::Text(choice, text) => Event::Text {
                choice: *choice,
                text,
            },
            Self::Thinking(block, kind, text) => Event::Thinking {
                choice: 0,
                block: *block,
                patch: match kind {
                    0 => ThinkingPatch::Text(text),
                    1 => ThinkingPatch::Signature(text),
                    _ => ThinkingPatch::Redacted(text),
                },
            },
            Self::ToolArgs(tool, fragment) => Event::ToolArgs {
                choice: 0,
                tool: *tool,
                fragment,
            },
            Self::ToolEnd(tool) => Event::ToolEnd {
                choice: 0,
                tool: *tool,
            },
            Self::ToolStart(tool, is_custom, seal) => Event::ToolStart {
                choice: 0,
                tool: *tool,
                id: "c",
                name: "f",
                is_custom: *is_custom,
                signature: seal.as_deref(),
            },
        }
    }
}

/// A caller who reads the stream as the API's documentation says, and insists on all of it.
#[derive(Default)]
struct Reader {
    /// The items as they were put together, and whether they are done.
    items: Vec<(Value, bool)>,
    response: Option<Value>,
}

impl Reader {
    fn read(&mut self, number: usize, event: &Value) {
        assert_eq!(event["sequence_number"], number);
        assert!(self.response.is_none(), "nothing comes after the end");
        let kind = event["type"]
            .as_str()
            .unwrap()
            .strip_prefix("response.")
            .unwrap();
        match (number, kind) {
            (0, "created") | (1, "in_progress") => {
                assert_eq!(event["response"]["output"], json!([]));
            }
            (0 | 1, _) | (_, "created" | "in_progress") => panic!("{kind} is the event {number}"),
            (_, "completed" | "incomplete") => {
                assert_eq!(event["response"]["status"], kind);
                self.response = Some(event["response"].clone());
            }
            (_, "output_item.added") => {
                assert_eq!(event["output_index"], self.items.len());
                self.items.push((event["item"].clone(), false));
            }
            _ => self.about(kind, event),
        }
    }

    fn about(&mut self, kind: &str, event: &Value) {
        let index = usize::try_from(event["output_index"].as_u64().unwrap()).unwrap();
        let (item, is_done) = &mut self.items[index];
        assert!(!*is_done, "{kind} is about an item that is done");
        if kind == "output_item.done" {
            *is_done = true;
            let mut whole = event["item"].clone();
            // What is sealed is told at the end only, and so is what has become of the item.
            whole
                .as_object_mut()
                .unwrap()
                .shift_remove("encrypted_content");
            for value in [&mut whole, item] {
                value.as_object_mut().unwrap().shift_remove("status");
            }
            let put_together = std::mem::replace(item, event["item"].clone());
            assert_eq!(put_together, whole);
            return;
        }
        assert_eq!(event["item_id"], item["id"]);
        let at = |name: &str| usize::try_from(event[name].as_u64().unwrap()).unwrap();
        match kind {
            "content_part.added" => push(&mut item["content"], at("content_index"), &event["part"]),
            "reasoning_summary_part.added" => {
                push(&mut item["summary"], at("summary_index"), &event["part"]);
            }
            "output_text.delta" => add(&mut item["content"][at("content_index")]["text"], event),
            "refusal.delta" => add(&mut item["content"][at("content_index")]["refusal"], event),
            "reasoning_summary_text.delta" => {
                add(&mut item["summary"][at("summary_index")]["text"], event);
            }
            "function_call_arguments.delta" => add(&mut item["arguments"], event),
            "custom_tool_call_input.delta" => add(&mut item["input"], event),
            "output_text.done" => {
                assert_eq!(item["content"][at("content_index")]["text"], event["text"]);
            }
            "refusal.done" => assert_eq!(
                item["content"][at("content_index")]["refusal"],
                event["refusal"]
            ),
            "content_part.done" => assert_eq!(item["content"][at("content_index")], event["part"]),
            "reasoning_summary_text.done" => {
                assert_eq!(item["summary"][at("summary_index")]["text"], event["text"]);
            }
            "reasoning_summary_part.done" => {
                assert_eq!(item["summary"][at("summary_index")], event["part"]);
            }
            "function_call_arguments.done" => assert_eq!(item["arguments"], event["arguments"]),
            "custom_tool_call_input.done" => assert_eq!(item["input"], event["input"]),
            other => panic!("nobody knows {other}"),
        }
    }
}

fn push(parts: &mut Value, index: usize, part: &Value) {
    let parts = parts.as_array_mut().unwrap();
    assert_eq!(parts.len(), index);
    parts.push(part.clone());
}

fn add(text: &mut Value, event: &Value) {
    let delta = event["delta"].as_str().unwrap();
    assert!(!delta.is_empty());
    *text = (text.as_str().unwrap().to_owned() + delta).into();
}

/// The text of an answer, up to its end.
fn said(steps: &[Step]) -> String {
    let is_end = |step: &&Step| matches!(step, Step::End | Step::Finish(0, _));
    let steps = steps.iter().take_while(|step| !is_end(step));
    steps
        .filter_map(|step| match step {
            Step::Text(0, text) => Some(&**text),
            _ => None,
        })
        .collect()
}

fn text_of(items: &[Value]) -> String {
    let parts = items.iter().filter_map(|item| item["content"].as_array());
    parts
        .flatten()
        .filter_map(|part| part["text"].as_str())
        .collect()
}

proptest! {
    #[test]
    fn the_response_tells_what_the_stream_told(steps in steps(), sealed in any::<bool>()) {
        let events: Vec<_> = steps.iter().map(Step::event).collect();
        let told = written(sealed, &events);
        let mut reader = Reader::default();
        for (number, event) in told.iter().enumerate() {
            reader.read(number, event);
        }
        let is_complete = {
            let mut ends = steps.iter().take_while(|step| !matches!(step, Step::End));
            let has_finished = ends.any(|step| matches!(step, Step::Finish(0, _)));
            has_finished && steps.iter().any(|step| matches!(step, Step::End))
        };
        prop_assert_eq!(reader.response.is_some(), is_complete);
        let items: Vec<_> = reader.items.iter().map(|(item, _)| item.clone()).collect();
        prop_assert_eq!(text_of(&items), said(&steps));
        if let Some(response) = reader.response {
            prop_assert!(reader.items.iter().all(|(_, is_done)| *is_done));
            prop_assert_eq!(&response["output"], &json!(items));
        }
    }

    #[test]
    fn what_is_sealed_is_carried_by_those_who_ask_for_it(steps in steps()) {
        let events: Vec<_> = steps.iter().map(Step::event).collect();
        for event in written(false, &events) {
            prop_assert!(event["item"].get("encrypted_content").is_none());
        }
    }

    #[test]
    fn what_was_answered_can_be_the_next_call(steps in steps()) {
        let mut events: Vec<_> = steps.iter().map(Step::event).collect();
        events.extend([Event::Finish { choice: 0, reason: FinishReason::Stop, native: None }, Event::End]);
        let told = written(true, &events);
        let output = told.last().and_then(|event| event["response"]["output"].as_array());
        if let Some(output) = output {
            let mut input = output.clone();
            input.push(json!({"role": "user", "content": "and?"}));
            let call = json!({"model": "m", "input": input});
            prop_assert!(parse(&Bytes::from(call.to_string())).is_ok());
        }
    }

    #[test]
    fn no_call_makes_it_panic(items in any_json(), tools in any_json(), choice in any_json()) {
        for input in [items.clone(), json!([items]), json!([{"role": "user", "content": items}])] {
            let call = json!({
                "model": "m", "input": input, "tools": tools, "tool_choice": choice,
                "text": choice, "reasoning": tools,
            });
            let _ = parse(&Bytes::from(call.to_string()));
            let call = json!({"model": "m", "input": input});
            let _ = parse(&Bytes::from(call.to_string()));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&Bytes::from(bytes));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "role",
        "content",
        "type",
        "text",
        "tools",
        "name",
        "call_id",
        "output",
        "summary",
        "format",
        "encrypted_content",
        "arguments",
        "image_url",
        "effort",
        "parameters",
        "namespace",
        "action",
    ];
    let words = [
        "message",
        "user",
        "assistant",
        "reasoning",
        "function_call",
        "function_call_output",
        "input_text",
        "input_image",
        "function",
        "custom",
        "namespace",
        "web_search",
        "json_schema",
        "allowed_tools",
        "local_shell_call",
        "x",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        let fields = (proptest::sample::select(names.to_vec()), inner.clone());
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            proptest::collection::vec(fields, 0..5).prop_map(|fields| {
                let fields = fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::Object(fields.collect())
            }),
        ]
    })
}
