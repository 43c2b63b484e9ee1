use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;

use super::grammar::events;
use crate::anthropic::caller::unroll;

#[test]
fn blocks_that_nobody_knows_are_whole_at_their_start() {
    let answer = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "c", "more": 1,
        "content": [{"type": "unheard_of", "x": [1]}, {"type": "redacted_thinking", "data": "D"}],
        "stop_reason": "refusal", "stop_details": {"type": "refusal"},
        "usage": {"input_tokens": 3, "output_tokens": 4},
    });
    let stream = unroll(answer.to_string().as_bytes()).unwrap();
    let events = events(&stream);
    let names: Vec<_> = events.iter().map(|(name, _)| &**name).collect();
    let block = ["content_block_start", "content_block_stop"];
    let wanted = [
        &["message_start"],
        &block[..],
        &block[..],
        &["message_delta", "message_stop"],
    ];
    assert_eq!(names, wanted.concat());
    assert_eq!(events[0].1["message"]["more"], 1);
    assert_eq!(events[0].1["message"]["stop_reason"], Value::Null);
    assert_eq!(events[1].1["content_block"], answer["content"][0]);
    assert_eq!(
        events[5].1["delta"],
        json!({"stop_reason": "refusal", "stop_details": {"type": "refusal"}})
    );
    assert_eq!(events[5].1["usage"], answer["usage"]);
}

#[test]
fn what_is_no_answer_cannot_be_unrolled() {
    for body in ["", "7", "{}", r#"{"content":"hi"}"#, r#"{"content":[]"#] {
        assert_eq!(
            unroll(body.as_bytes()).unwrap_err().class(),
            Class::Server,
            "{body}"
        );
    }
}
