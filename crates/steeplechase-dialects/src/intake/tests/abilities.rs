//! What a call needs that its model can do.

use bytes::Bytes;
use steeplechase_core::model_info::Ability;
use steeplechase_core::{Call, Dialect, Operation};

use super::super::{needs, scan};

const PDF: &str = "data:application/pdf;base64,AAAA";

fn chat(rest: &str) -> Call {
    let raw = Bytes::from(format!(r#"{{"model":"m",{rest}}}"#));
    let head = scan(&raw).unwrap();
    Call::new(Operation::Chat, Dialect::OpenAi, raw, head)
}

fn with_part(part: &str) -> Call {
    chat(&format!(
        r#""messages":[{{"role":"user","content":[{part}]}}]"#
    ))
}

fn needed(call: &Call) -> Vec<&'static str> {
    let all = Ability::ALL.into_iter().filter(|it| needs(call, *it));
    all.map(Ability::as_str).collect()
}

#[test]
fn what_is_in_a_prompt_has_to_be_understood() {
    for (part, expected) in [
        (r#"{"type":"text","text":"hi"}"#.to_owned(), &[][..]),
        (
            r#"{"type" : "image_url","image_url":{"url":"u"}}"#.to_owned(),
            &["vision"],
        ),
        (
            r#"{"type":"input_image","image_url":"u"}"#.to_owned(),
            &["vision"],
        ),
        (r#"{"type":"image","source":{}}"#.to_owned(), &["vision"]),
        (
            r#"{"input_audio":{},"type":"input_audio"}"#.to_owned(),
            &["audio-in"],
        ),
        (
            format!(r#"{{"type":"file","file":{{"file_data":"{PDF}"}}}}"#),
            &["pdf"],
        ),
        (
            r#"{"type":"document","source":{"media_type":"application/pdf"}}"#.to_owned(),
            &["pdf"],
        ),
        (
            r#"{"type":"document","source":{"type":"text","data":"hi"}}"#.to_owned(),
            &[],
        ),
        (r#"{"type":"file","file":{"file_id":"f"}}"#.to_owned(), &[]),
    ] {
        assert_eq!(needed(&with_part(&part)), expected, "{part}");
    }
}

#[test]
fn what_only_speaks_of_it_does_not_need_it() {
    for part in [
        r#"{"type":"text","text":"what is {\"type\":\"image\"}?"}"#,
        r#"{"type":"text","text":"image","image":"x"}"#,
        r#"{"kind":"image"}"#,
    ] {
        assert!(needed(&with_part(part)).is_empty(), "{part}");
    }
}

#[test]
fn tools_and_schemas_are_fields_of_the_call() {
    let tools = chat(r#""messages":[],"tools":[{"type":"function","function":{"name":"f"}}]"#);
    assert_eq!(needed(&tools), ["tools"]);
    assert!(needed(&chat(r#""messages":[],"tools":[]"#)).is_empty());
    for format in [
        r#""response_format":{"type":"json_schema","json_schema":{}}"#,
        r#""text":{"format":{"name":"n","type": "json_schema"}}"#,
    ] {
        assert_eq!(needed(&chat(format)), ["json-schema"], "{format}");
    }
    assert!(needed(&chat(r#""response_format":{"type":"json_object"}"#)).is_empty());
}
