//! Forms in parts, of which the model is read.

use bytes::Bytes;
use http::HeaderValue;
use proptest::prelude::*;
use steeplechase_core::call::Head;
use steeplechase_core::{Class, Error};

use super::super::form::scan_form;

const KIND: HeaderValue = HeaderValue::from_static("multipart/form-data; boundary=X");

fn scanned(raw: &str) -> Result<Head, Error> {
    scan_form(&Bytes::copy_from_slice(raw.as_bytes()), &KIND)
}

fn field(name: &str, value: &str) -> String {
    format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

const FILE: &str = "--X\r\ncontent-disposition: form-data; name=\"model\"; filename=\"model\"\r\n\
                    content-type: audio/wav\r\n\r\n\0--X\r\n\r\n--\r\n";

#[test]
fn the_model_is_found_wherever_it_stands_and_a_file_is_not_taken_for_it() {
    for form in [
        [FILE, &field("model", "whisper-1"), "--X--\r\n"].concat(),
        [&*field("model", "whisper-1"), FILE, "--X--"].concat(),
        [
            "a preamble\r\n",
            &field("model", "whisper-1"),
            "--X--\r\nan epilogue",
        ]
        .concat(),
    ] {
        let head = scanned(&form).unwrap();
        assert_eq!(&*head.model, "whisper-1");
        assert_eq!(&form[head.spans.model], "whisper-1");
        assert!(!head.stream && head.spans.own.is_empty());
    }
}

#[test]
fn parts_for_the_gateway_are_marked_whole() {
    let own = field("custom_llm_provider", "openai");
    let form = [
        &*field("model", "m"),
        &own,
        &field("stream", "true"),
        "--X--",
    ]
    .concat();
    let head = scanned(&form).unwrap();
    assert!(head.stream);
    let [span] = &head.spans.own[..] else {
        panic!("{:?}", head.spans.own)
    };
    assert_eq!(form[span.clone()], own);
}

#[test]
fn what_is_wrong_is_named() {
    let without = scanned(&[&*field("prompt", "x"), "--X--"].concat()).unwrap_err();
    assert_eq!(without.param(), Some("model"));
    for form in [
        "",
        "not a form",
        "--X",
        "--X\r\n",
        "--X\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm",
    ] {
        let error = scanned(form).unwrap_err();
        assert_eq!(error.class(), Class::InvalidRequest, "{form}");
    }
    for kind in ["multipart/form-data", "multipart/form-data; boundary=\"\""] {
        let raw = Bytes::from_static(b"--X--");
        let error = scan_form(&raw, &HeaderValue::from_static(kind)).unwrap_err();
        assert_eq!(error.code(), Some("invalid_form"));
    }
    let quoted = HeaderValue::from_static("Multipart/Form-Data; charset=utf-8; Boundary=\"X\"");
    let form = Bytes::from([&*field("model", "m"), "--X--"].concat());
    assert_eq!(&*scan_form(&form, &quoted).unwrap().model, "m");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_spans_are_within_them(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("--X".to_owned()), Just("\r\n".to_owned()), Just("--".to_owned()),
                Just("content-disposition: form-data; name=\"model\"".to_owned()),
                Just("content-disposition: form-data; name=timeout".to_owned()),
                ".{0,3}",
            ],
            0..16,
        ),
    ) {
        let form = pieces.concat();
        if let Ok(head) = scanned(&form) {
            prop_assert!(form.as_bytes().get(head.spans.model).is_some());
            for own in head.spans.own {
                prop_assert!(form.as_bytes().get(own).is_some());
            }
        }
    }
}
