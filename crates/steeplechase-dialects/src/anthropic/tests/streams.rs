use bytes::BytesMut;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;

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
use crate::anthropic::Effects;
use crate::anthropic::StreamTranslator;

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
fn an_error_event_is_an_error_and_leaves_nothing_behind() {
    let mut stream = StreamTranslator::new(plain(), None);
    let mut out = BytesMut::new();
    stream
        .on_event(None, start().to_string().as_bytes(), &mut out)
        .unwrap();
    let before = out.clone();
    let event = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}});
    let error = stream
        .on_event(Some("error"), event.to_string().as_bytes(), &mut out)
        .unwrap_err();
    assert_eq!(
        (error.class(), error.message()),
        (Class::Overloaded, "Busy")
    );
    assert_eq!(out, before);
    // It is over, and stays so.
    let late = stream
        .on_event(None, stop().to_string().as_bytes(), &mut out)
        .unwrap();
    assert_eq!((late, out.len()), (Effects::default(), before.len()));
    assert_eq!(stream.on_eof(&mut out).unwrap(), Effects::default());
}

#[test]
fn a_stream_that_is_cut_off_is_truncated_unless_all_was_said() {
    let opened = [
        start(),
        open(0, json!({"type": "text", "text": ""})),
        text(0, "hal"),
    ];
    for cut in 0..=3 {
        let outcome = run(plain(), &opened[..cut]);
        assert_eq!(outcome.error.unwrap().class(), Class::Truncated);
        assert!(!outcome.frames.contains(&json!("[DONE]")));
    }
    let mut events = opened.to_vec();
    events.push(said("end_turn"));
    let outcome = run(plain(), &events);
    assert!(outcome.error.is_none());
    assert!(outcome.effects.last().unwrap().end);
    assert_eq!(outcome.frames.last(), Some(&json!("[DONE]")));
    let never_begun = run(plain(), &[stop()]);
    assert_eq!(never_begun.error.unwrap().class(), Class::Truncated);
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
fn events_that_nobody_knows_are_ignored_whatever_is_in_them() {
    let outcome = run(
        plain(),
        &[
            json!({"type": "vertex_event", "message": "not an object", "index": "x"}),
            start(),
            start(),
            json!({"type": "content_block_warp", "delta": 7}),
            open(0, json!({"type": "fallback"})),
            text(0, "for others"),
            close(0),
            open(1, json!({"type": "compaction"})),
            delta(1, json!({"type": "compaction_delta", "content": "x"})),
            close(1),
            text(5, "of no block"),
            close(5),
            open(6, json!({"type": "text", "text": "kept"})),
            said("sleepy"),
            stop(),
            text(6, "late"),
        ],
    );
    assert!(outcome.error.is_none());
    assert_eq!(
        outcome.deltas(),
        [json!({"content": "kept"}), json!(["stop", "sleepy"])]
    );
}

#[test]
fn an_event_that_cannot_be_read_is_an_error() {
    let mut out = BytesMut::new();
    for data in [
        &b"{\"type\":\"content_block_delta\",\"index\":\"x\"}"[..],
        b"{",
        b"",
        b"[1]",
    ] {
        let mut stream = StreamTranslator::new(plain(), None);
        let error = stream.on_event(None, data, &mut out).unwrap_err();
        assert_eq!(error.class(), Class::Server);
    }
    // The name of the event counts if its data has no type.
    let mut stream = StreamTranslator::new(plain(), None);
    assert_eq!(
        stream.on_event(Some("ping"), b"{}", &mut out).unwrap(),
        Effects::default()
    );
    let torn = br#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a\udc00"}}"#;
    stream.on_event(None, torn, &mut out).unwrap();
    assert!(String::from_utf8_lossy(&out).contains("a\u{fffd}"));
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
fn what_is_held_is_bounded() {
    let custom = json!({"tools": [{"type": "custom", "custom": {"name": "write"}}]});
    let big = args(0, &"x".repeat(1024 * 1024));
    let mut events = vec![start(), open(0, tool("t", "write"))];
    events.extend(std::iter::repeat_n(big, 9));
    let outcome = run(context_of(SONNET_45, &custom), &events);
    assert_eq!(outcome.error.unwrap().class(), Class::Server);

    let many: Vec<_> = (0..100)
        .map(|index| open(index, json!({"type": "text", "text": ""})))
        .collect();
    let outcome = run(plain(), &[&[start()][..], &many].concat());
    assert_eq!(outcome.error.unwrap().class(), Class::Server);
}

#[test]
fn the_log_never_sees_words_of_an_answer() {
    let mut stream = StreamTranslator::new(plain(), Some("fast"));
    let mut out = BytesMut::new();
    stream
        .on_event(None, start().to_string().as_bytes(), &mut out)
        .unwrap();
    stream
        .on_event(
            None,
            open(0, json!({"type": "text", "text": "hush"}))
                .to_string()
                .as_bytes(),
            &mut out,
        )
        .unwrap();
    assert!(!format!("{stream:?}").contains("hush"));
}

#[test]
fn a_translator_may_move_between_threads() {
    fn moves<T: Send + Sync + 'static>() {}
    moves::<StreamTranslator>();
    moves::<AnswerContext>();
}
