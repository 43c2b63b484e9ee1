use serde_json::{Value, json};

use super::*;

fn write(encoding: Encoding) -> Value {
    let answer = Embeddings {
        model: "m".into(),
        vectors: vec![vec![1.0, -0.5], vec![0.0, 2.0]],
        usage: steeplechase_core::Usage {
            prompt: 5,
            ..Default::default()
        },
    };
    let mut out = bytes::BytesMut::new();
    answer.write(encoding, &mut out);
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn the_input_is_one_text_or_several_or_tokens() {
    let parse = |input: &Value| {
        let call = json!({"model": "m", "input": input}).to_string();
        EmbedRequest::parse(call.as_bytes()).map(|call| call.input)
    };
    let text = |text: &str| Input::Text(text.into());
    assert_eq!(parse(&json!("a")).unwrap(), [text("a")]);
    assert_eq!(parse(&json!(["a", "b"])).unwrap(), [text("a"), text("b")]);
    assert_eq!(parse(&json!([1, 2])).unwrap(), [Input::Tokens(vec![1, 2])]);
    assert_eq!(
        parse(&json!([[1], [2, 3]])).unwrap(),
        [Input::Tokens(vec![1]), Input::Tokens(vec![2, 3])]
    );
    for (wrong, param) in [
        (json!([]), "input"),
        (json!(7), "input"),
        (json!(["a", {}]), "input[1]"),
        (json!([1, -2]), "input[1]"),
        (json!([[1, "x"]]), "input[0][1]"),
    ] {
        assert_eq!(parse(&wrong).unwrap_err().param(), Some(param), "{wrong}");
    }
}

#[test]
fn tokens_are_no_texts() {
    let call = EmbedRequest::parse(br#"{"model":"m","input":[1,2]}"#).unwrap();
    assert_eq!(call.texts().unwrap_err().param(), Some("input"));
}

#[test]
fn the_encoding_is_float_or_base64_and_nothing_else() {
    let parse = |format: &str| {
        let call = json!({"input": "a", "encoding_format": format}).to_string();
        EmbedRequest::parse(call.as_bytes())
    };
    assert_eq!(parse("base64").unwrap().encoding, Encoding::Base64);
    assert_eq!(parse("float").unwrap().encoding, Encoding::Float);
    assert_eq!(parse("int8").unwrap_err().param(), Some("encoding_format"));
}

#[test]
fn vectors_are_written_in_their_order_as_numbers_or_as_bytes() {
    let numbers = write(Encoding::Float);
    assert_eq!(numbers["data"][0]["embedding"], json!([1.0, -0.5]));
    assert_eq!(numbers["data"][1]["index"], 1);
    assert_eq!(
        numbers["usage"],
        json!({"prompt_tokens": 5, "total_tokens": 5})
    );
    // 1.0 is 00 00 80 3f, and -0.5 is 00 00 00 bf.
    assert_eq!(
        write(Encoding::Base64)["data"][0]["embedding"],
        "AACAPwAAAL8="
    );
}
