use serde_json::Value;
use serde_json::json;

use super::SONNET_45;
use super::answers::context_of;
use super::events::args;
use super::events::close;
use super::events::delta;
use super::events::open;
use super::events::plain;
use super::events::run;
use super::events::said;
use super::events::start;
use super::events::stop;
use super::events::text;
use super::events::tool;
use crate::anthropic::AnswerContext;
use crate::chat::Translator;

#[test]
fn a_text_is_streamed_as_it_comes() {
    let outcome = run(
        context_of(
            SONNET_45,
            &json!({"stream": true, "stream_options": {"include_usage": true}}),
        ),
        &[
            start(),
            json!({"type": "ping"}),
            open(0, json!({"type": "text", "text": ""})),
            text(0, "He"),
            text(0, "j \"å\""),
            text(0, ""),
            close(0),
            said("end_turn"),
            stop(),
        ],
    );
    assert_eq!(outcome.error.map(|error| error.class()), None);
    let contents: Vec<_> = outcome
        .effects
        .iter()
        .map(|effects| effects.content)
        .collect();
    let wanted = [
        false, false, false, true, true, false, false, false, false, false,
    ];
    assert_eq!(contents, wanted);
    let ends: Vec<_> = outcome.effects.iter().map(|effects| effects.end).collect();
    assert_eq!(ends.iter().position(|end| *end), Some(8));
    let usage = outcome.effects[8].usage.unwrap();
    assert_eq!((usage.prompt, usage.completion), (30, 8));
    assert_eq!(outcome.effects[0].usage.unwrap().prompt, 30);

    let frames = &outcome.frames;
    assert_eq!(
        (&frames[0]["id"], &frames[0]["model"]),
        (&json!("msg_5"), &json!("claude-z"))
    );
    assert_eq!(frames[1]["choices"][0]["delta"], json!({"content": "He"}));
    assert_eq!(frames[3]["choices"][0]["finish_reason"], "stop");
    assert_eq!(frames[4]["usage"]["total_tokens"], 38);
    assert_eq!(frames[5], "[DONE]");
}

#[test]
fn tools_are_counted_without_the_blocks_between_them() {
    let outcome = run(
        plain(),
        &[
            start(),
            open(0, json!({"type": "text", "text": "First"})),
            close(0),
            open(1, tool("toolu_1", "near")),
            args(1, ""),
            args(1, "{\"km\":"),
            args(1, " 3}"),
            close(1),
            open(
                2,
                json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
            ),
            args(2, "{\"query\":\"x\"}"),
            close(2),
            open(3, tool("toolu_2", "now")),
            args(3, ""),
            close(3),
            open(
                4,
                json!({"type": "tool_use", "id": "toolu_3", "name": "whole", "input": {"a": 1}}),
            ),
            close(4),
            said("tool_use"),
            stop(),
        ],
    );
    let call = |index: u64, id: &str, name: &str| {
        json!({"tool_calls": [{"index": index, "id": id, "type": "function",
                               "function": {"name": name, "arguments": ""}}]})
    };
    let args = |index: u64, fragment: &str| json!({"tool_calls": [{"index": index, "function": {"arguments": fragment}}]});
    let wanted = [
        json!({"content": "First"}),
        call(0, "toolu_1", "near"),
        args(0, "{\"km\":"),
        args(0, " 3}"),
        call(1, "toolu_2", "now"),
        args(1, "{}"),
        call(2, "toolu_3", "whole"),
        args(2, "{\"a\":1}"),
        json!(["tool_calls", "tool_use"]),
    ];
    assert_eq!(outcome.deltas(), wanted);
    assert!(outcome.effects[3].content, "a call is content");
}

#[test]
fn thoughts_are_counted_and_sealed() {
    let thought =
        |index, text: &str| delta(index, json!({"type": "thinking_delta", "thinking": text}));
    let seal =
        |index, seal: &str| delta(index, json!({"type": "signature_delta", "signature": seal}));
    let outcome = run(
        plain(),
        &[
            start(),
            open(
                0,
                json!({"type": "thinking", "thinking": "", "signature": ""}),
            ),
            thought(0, "so"),
            thought(0, "…"),
            seal(0, "S1"),
            close(0),
            open(1, json!({"type": "redacted_thinking", "data": "D"})),
            close(1),
            open(
                2,
                json!({"type": "thinking", "thinking": "", "signature": ""}),
            ),
            seal(2, "S2"),
            close(2),
            said("end_turn"),
            stop(),
        ],
    );
    let block = |index: u64, mut fields: Value| {
        let mut block = json!({"index": index});
        block
            .as_object_mut()
            .unwrap()
            .append(fields.as_object_mut().unwrap());
        block
    };
    let thinking = |index, text: &str| {
        json!({"reasoning_content": text, "thinking_blocks":
            [block(index, json!({"type": "thinking", "thinking": text}))]})
    };
    let sealed = |index, seal: &str| {
        json!({"thinking_blocks":
            [block(index, json!({"type": "thinking", "thinking": "", "signature": seal}))]})
    };
    let redacted = block(1, json!({"type": "redacted_thinking", "data": "D"}));
    let wanted = [
        thinking(0, "so"),
        thinking(0, "…"),
        sealed(0, "S1"),
        json!({"thinking_blocks": [redacted]}),
        sealed(2, "S2"),
        json!(["stop", "end_turn"]),
    ];
    assert_eq!(outcome.deltas(), wanted);
}

#[test]
fn usage_is_replaced_and_never_added_up() {
    let mut first = start();
    first["message"]["usage"] = json!({"input_tokens": 9, "output_tokens": 1,
                                       "cache_read_input_tokens": 50, "cache_creation_input_tokens": 4});
    let report = |usage: Value| json!({"type": "message_delta", "delta": {}, "usage": usage});
    let outcome = run(
        plain(),
        &[
            first,
            open(0, json!({"type": "text", "text": "x"})),
            report(json!({"output_tokens": 5})),
            report(
                json!({"output_tokens": 7, "input_tokens": 10, "cache_read_input_tokens": null,
                          "output_tokens_details": {"thinking_tokens": 2}}),
            ),
            said("end_turn"),
            stop(),
        ],
    );
    let usage = outcome.effects[5].usage.unwrap();
    assert_eq!((usage.prompt, usage.completion), (64, 8));
    assert_eq!(
        (usage.cache_read, usage.cache_write, usage.reasoning),
        (50, 4, 2)
    );
}

#[test]
fn a_refusal_is_an_answer() {
    let mut refused = said("refusal");
    refused["delta"]["stop_details"] = json!({"type": "refusal", "explanation": "never"});
    let outcome = run(plain(), &[start(), refused, stop()]);
    let wanted = [
        json!({"refusal": "never"}),
        json!(["content_filter", "refusal"]),
    ];
    assert_eq!(outcome.deltas(), wanted);
    assert!(outcome.effects[2].content && outcome.effects[2].end);
    // What was said before it cannot be taken back.
    let late = [
        start(),
        open(0, json!({"type": "text", "text": "well,"})),
        close(0),
        said("refusal"),
        stop(),
    ];
    let wanted = [
        json!({"content": "well,"}),
        json!(["content_filter", "refusal"]),
    ];
    assert_eq!(run(plain(), &late).deltas(), wanted);
}

#[test]
fn an_answer_with_nothing_in_it_has_no_content() {
    let outcome = run(plain(), &[start(), said("end_turn"), stop()]);
    assert!(outcome.effects.iter().all(|effects| !effects.content));
    assert!(outcome.effects[2].end);
    let full = run(plain(), &[start(), said("max_tokens"), stop()]);
    assert!(full.effects[2].content, "there was no room for more");
    let paused = run(
        plain(),
        &[start(), text(0, "x"), said("pause_turn"), stop()],
    );
    assert_eq!(paused.deltas(), [json!(["length", "pause_turn"])]);
}

#[test]
fn sources_are_told_when_their_text_is_over() {
    let citation = |url: &str| {
        delta(
            1,
            json!({"type": "citations_delta", "citation":
            {"type": "web_search_result_location", "url": url, "title": "T"}}),
        )
    };
    let outcome = run(
        plain(),
        &[
            start(),
            open(0, json!({"type": "text", "text": "Åh, "})),
            close(0),
            open(1, json!({"type": "text", "text": "", "citations": []})),
            citation("https://a.test"),
            text(1, "so"),
            citation("https://b.test"),
            close(1),
            said("end_turn"),
            stop(),
        ],
    );
    let annotation = |url: &str| {
        json!({"annotations": [{"type": "url_citation", "url_citation":
            {"start_index": 4, "end_index": 6, "url": url, "title": "T"}}]})
    };
    let wanted = [
        json!({"content": "Åh, "}),
        json!({"content": "so"}),
        annotation("https://a.test"),
        annotation("https://b.test"),
        json!(["stop", "end_turn"]),
    ];
    assert_eq!(outcome.deltas(), wanted);
}

#[test]
fn a_translator_may_move_between_threads() {
    fn moves<T: Send + Sync + 'static>() {}
    moves::<Translator>();
    moves::<AnswerContext>();
}
