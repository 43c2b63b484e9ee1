//! What goes wrong in a stream.

use bytes::BytesMut;
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
use crate::chat::Effects;

#[test]
fn an_error_event_is_an_error_and_leaves_nothing_behind() {
    let mut stream = plain().translator();
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
        let mut stream = plain().translator();
        let error = stream.on_event(None, data, &mut out).unwrap_err();
        assert_eq!(error.class(), Class::Server);
    }
    // The name of the event counts if its data has no type.
    let mut stream = plain().translator();
    assert_eq!(
        stream.on_event(Some("ping"), b"{}", &mut out).unwrap(),
        Effects::default()
    );
    let torn = br#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a\udc00"}}"#;
    stream.on_event(None, torn, &mut out).unwrap();
    assert!(String::from_utf8_lossy(&out).contains("a\u{fffd}"));
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
    let mut stream = plain().translator();
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
