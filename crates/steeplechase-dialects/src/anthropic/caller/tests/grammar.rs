//! What a client of Anthropic's may rely on.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The events of a stream, by name and data.
pub(super) fn events(out: &[u8]) -> Vec<(String, Value)> {
    let text = std::str::from_utf8(out).unwrap();
    let events = text.split_terminator("\n\n");
    events
        .map(|event| {
            let (name, data) = event.split_once('\n').expect("two lines");
            let name = name.strip_prefix("event: ").expect("a name").to_owned();
            let data = data.strip_prefix("data: ").expect("data");
            assert!(!data.contains('\n'));
            (name, serde_json::from_str(data).unwrap())
        })
        .collect()
}

/// Puts a stream together as Anthropic's SDK does, which is strict about the order of the events, and
/// asserts what it relies on. `None` if the stream has not begun.
pub(super) fn message(events: &[(String, Value)]) -> Option<Value> {
    let ((first, start), rest) = events.split_first()?;
    assert_eq!(first, "message_start", "nothing comes before the start");
    let mut message = start["message"].clone();
    let mut open: Option<(String, String)> = None;
    let mut phase = 0;
    for (name, data) in rest {
        assert_eq!(data["type"], **name);
        assert!(phase < 2, "nothing comes after the end");
        assert!(
            phase == 0 || name == "message_stop",
            "{name} after the reason"
        );
        let blocks = message["content"].as_array_mut().unwrap();
        match name.as_str() {
            "content_block_start" => {
                assert!(open.is_none(), "blocks do not overlap");
                assert_eq!(data["index"], blocks.len(), "blocks are counted from 0");
                let kind = data["content_block"]["type"].as_str().unwrap();
                blocks.push(data["content_block"].clone());
                open = Some((kind.to_owned(), String::new()));
            }
            "content_block_delta" => {
                let (kind, json) = open.as_mut().expect("a block is open");
                assert_eq!(data["index"], blocks.len() - 1);
                add(blocks.last_mut().unwrap(), kind, json, &data["delta"]);
            }
            "content_block_stop" => {
                let (kind, json) = open.take().expect("a block is open");
                assert_eq!(data["index"], blocks.len() - 1);
                if kind == "tool_use" {
                    assert!(!json.trim().is_empty(), "a tool is given something");
                    let input = serde_json::from_str(&json).unwrap_or(Value::Null);
                    blocks.last_mut().unwrap()["input"] = input;
                }
            }
            "message_delta" => {
                assert!(open.is_none(), "all blocks are closed");
                phase = 1;
                let fields: Map<_, _> = data["delta"].as_object().unwrap().clone();
                message.as_object_mut().unwrap().extend(fields);
                message["usage"] = data["usage"].clone();
                assert!(data["usage"]["output_tokens"].is_u64());
            }
            "message_stop" => {
                assert_eq!(phase, 1, "the reason comes before the end");
                phase = 2;
            }
            other => panic!("{other} is no event"),
        }
    }
    message["is_over"] = json!(phase == 2);
    Some(message)
}

/// Adds to a block what can be added to one of its kind.
fn add(block: &mut Value, kind: &str, json: &mut String, delta: &Value) {
    let append = |block: &mut Value, field: &str| {
        let more = delta[field].as_str().unwrap();
        let known = block[field].as_str().unwrap().to_owned();
        block[field] = json!(known + more);
    };
    match (kind, delta["type"].as_str().unwrap()) {
        ("text", "text_delta") => append(block, "text"),
        ("text", "citations_delta") => assert!(delta["citation"]["type"].is_string()),
        ("thinking", "thinking_delta") => {
            assert_eq!(block["signature"], "", "nothing is added after the seal");
            append(block, "thinking");
        }
        ("thinking", "signature_delta") => {
            assert_eq!(block["signature"], "", "there is one seal");
            block["signature"] = delta["signature"].clone();
        }
        ("tool_use", "input_json_delta") => json.push_str(delta["partial_json"].as_str().unwrap()),
        other => panic!("{other:?} does not fit"),
    }
}
