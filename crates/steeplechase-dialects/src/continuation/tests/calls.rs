use steeplechase_core::Dialect;

use super::*;

#[test]
fn a_call_whose_answer_may_be_anything_else_than_plain_text_is_not_watched() {
    for (fields, watched) in [
        ("", true),
        (r#","temperature":1,"max_tokens":5,"stop":["x"]"#, true),
        (r#","tools":[],"response_format":{"type":"text"}"#, true),
        (r#","reasoning_effort":"none","logprobs":false,"n":1"#, true),
        (r#","thinking":{"type":"disabled"},"audio":null"#, true),
        (r#","tools":[{"type":"function"}]"#, false),
        (r#","functions":[{"name":"f"}]"#, false),
        (r#","response_format":{"type":"json_object"}"#, false),
        (r#","response_format":{"type":"json_schema"}"#, false),
        (r#","reasoning_effort":"low""#, false),
        (r#","thinking":{"type":"enabled","budget_tokens":9}"#, false),
        (r#","logprobs":true"#, false),
        (r#","modalities":["text","audio"]"#, false),
        (r#","web_search_options":{"x":1}"#, false),
        (r#","output_format":{"type":"json_schema"}"#, false),
        (r#","n":2"#, false),
    ] {
        for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
            let call = plain(dialect, fields);
            assert_eq!(Seam::watch(&call).is_some(), watched, "{fields}");
        }
        let other = plain(Dialect::Completions, fields);
        assert!(Seam::watch(&other).is_none());
    }
    for raw in [
        r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#,
        r#"{"model":"m","stream":true,"messages":[]}"#,
        r#"{"model":"m","stream":true,"messages":"x"}"#,
        r#"{"model":"m","stream":true}"#,
        r#"{"model":"m","stream":true,"messages":[{"role":"assistant","content":"x"}]}"#,
    ] {
        assert!(Seam::watch(&call(Dialect::OpenAi, raw)).is_none(), "{raw}");
    }
}

fn words(text: &str) -> Chunk {
    let text = serde_json::to_string(text).unwrap();
    frame(format!(
        "data: {{\"id\":\"1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{text}}}}}]}}\n\n"
    ))
}

#[test]
fn the_call_for_the_rest_ends_with_the_words_so_far_and_leaves_the_tokens_that_are_left() {
    let raw = r#"{"model":"fast","stream":true,"messages" : [ {"role":"user","content":"]"} ] ,"max_tokens":100}"#;
    let call = call(Dialect::OpenAi, raw).with_model("other");
    let mut seam = Seam::watch(&call).unwrap();
    assert!(seam.hear(&words("Over the ")));
    assert!(seam.hear(&words("\"hedge\" \n")));
    let rest = seam.call(&call).unwrap();
    assert_eq!(rest.model(), "other");
    let sent: Value = serde_json::from_slice(rest.raw()).unwrap();
    let said = serde_json::json!({"role": "assistant", "content": "Over the \"hedge\""});
    assert_eq!(sent["messages"][1], said);
    assert_eq!(sent["messages"].as_array().unwrap().len(), 2);
    let left = sent["max_tokens"].as_u64().unwrap();
    assert!((85..100).contains(&left), "{left}");
    assert_eq!(rest.head().max_tokens, Some(left));
    assert!(rest.head().stream);
}

#[test]
fn there_is_nothing_to_go_on_from_in_white_space() {
    let call = plain(Dialect::OpenAi, "");
    let mut seam = Seam::watch(&call).unwrap();
    assert!(seam.hear(&words(" \n")));
    assert!(seam.call(&call).is_none());
}

#[test]
fn a_text_that_is_too_long_is_not_kept() {
    let call = plain(Dialect::OpenAi, "");
    let mut seam = Seam::watch(&call).unwrap();
    let long = "x".repeat(Seam::MAX_TEXT);
    assert!(seam.hear(&words(&long)));
    assert!(!seam.hear(&words("y")));
}

#[test]
fn the_mark_is_one_comment_whatever_the_model_is_called() {
    let seam = Seam::watch(&plain(Dialect::OpenAi, "")).unwrap();
    let mark = seam.mark("fast\ndata: x");
    let expected = ": steeplechase-continued model=fast\u{fffd}data: x\n\n";
    assert_eq!(&mark.data()[..], expected.as_bytes());
    assert!(mark.is_opaque());
}

#[test]
fn what_is_said_is_not_in_the_log() {
    let mut seam = Seam::watch(&plain(Dialect::OpenAi, "")).unwrap();
    seam.hear(&words("secret"));
    assert!(!format!("{seam:?}").contains("secret"));
}
