use bytes::Bytes;
use steeplechase_core::price::{Cost, Service};
use steeplechase_core::{Chunk, Class, Error, Usage};

use super::super::read_answer;

fn read(body: &'static str) -> Result<Chunk, Error> {
    read_answer(Bytes::from_static(body.as_bytes()))
}

fn with_message(message: &str, reason: &str) -> Chunk {
    let body = format!(
        r#"{{"id":"a","choices":[{{"index":0,"finish_reason":{reason},"message":{message}}}]}}"#
    );
    read_answer(Bytes::from(body)).unwrap()
}

#[test]
fn the_bytes_of_an_answer_are_the_same_bytes() {
    let body = Bytes::from_static(br#" {"choices":[{"message":{"content":"hi"}}], "x":1.0e2} "#);
    let chunk = read_answer(body.clone()).unwrap();
    assert_eq!(chunk.data().as_ptr(), body.as_ptr());
    assert_eq!(chunk.data(), &body);
}

#[test]
fn anything_that_a_caller_can_use_is_content() {
    for message in [
        r#"{"content":"hi"}"#,
        r#"{"content":[{"type":"text","text":"hi"}]}"#,
        r#"{"content":null,"tool_calls":[{"id":"c"}]}"#,
        r#"{"content":null,"refusal":"no"}"#,
        r#"{"content":null,"function_call":{"name":"f"}}"#,
        r#"{"content":null,"audio":{"id":"a"}}"#,
        r#"{"content":"","reasoning_content":"hm"}"#,
        r#"{"content":"","reasoning":"hm"}"#,
        r#"{"content":"","thinking_blocks":[{"type":"thinking"}]}"#,
    ] {
        let chunk = with_message(message, r#""stop""#);
        assert!(chunk.is_content() && chunk.is_end(), "{message}");
    }
}

#[test]
fn an_answer_with_nothing_in_it_is_an_end_without_content() {
    for message in [
        "null",
        "{}",
        r#"{"content":""}"#,
        r#"{"content":null,"tool_calls":[],"refusal":null,"audio":null}"#,
        r#"{"content":[ ],"function_call":{ }}"#,
    ] {
        let chunk = with_message(message, r#""stop""#);
        assert!(!chunk.is_content() && chunk.is_end(), "{message}");
    }
    assert!(!read(r#"{"choices":[]}"#).unwrap().is_content());
    assert!(!read(r#"{"data":[]}"#).unwrap().is_content());
}

#[test]
fn a_reason_other_than_stop_is_an_answer() {
    for reason in [r#""length""#, r#""content_filter""#, r#""tool_calls""#] {
        assert!(with_message(r#"{"content":null}"#, reason).is_content());
    }
    assert!(!with_message(r#"{"content":null}"#, "null").is_content());
}

#[test]
fn embeddings_are_content() {
    let chunk = read(
        r#"{"object":"list","data":[{"index":0,"embedding":[0.1,0.2]}],"usage":{"prompt_tokens":3,"total_tokens":3}}"#,
    )
    .unwrap();
    assert!(chunk.is_content() && chunk.is_end());
    assert_eq!(chunk.usage().unwrap().prompt, 3);
}

#[test]
fn usage_is_read_with_its_details() {
    let chunk = read(
        r#"{"choices":[],"usage":{"prompt_tokens":31,"completion_tokens":12,"total_tokens":43,
        "prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":4,"audio_tokens":1,"image_tokens":3},
        "completion_tokens_details":{"reasoning_tokens":5,"audio_tokens":2,"image_tokens":4}},
        "service_tier":"flex"}"#,
    );
    let expected = Usage {
        prompt: 31,
        completion: 12,
        cache_read: 8,
        cache_write: 4,
        reasoning: 5,
        audio_in: 1,
        audio_out: 2,
        image_in: 3,
        image_out: 4,
        service: Service::Flex,
        ..Usage::ZERO
    };
    assert_eq!(chunk.unwrap().usage(), Some(&expected));
}

#[test]
fn usage_is_read_in_the_spellings_of_others() {
    let usage = |usage: &str| {
        let body = format!(r#"{{"choices":[],"usage":{usage}}}"#);
        read_answer(Bytes::from(body)).unwrap().usage().copied()
    };
    // DeepSeek's.
    let seen = usage(r#"{"prompt_tokens":9,"prompt_cache_hit_tokens":7}"#).unwrap();
    assert_eq!((seen.prompt, seen.cache_read), (9, 7));
    // xAI counts reasoning apart.
    let seen = usage(
        r#"{"prompt_tokens":9,"completion_tokens":2,"total_tokens":16,
            "completion_tokens_details":{"reasoning_tokens":5}}"#,
    );
    assert_eq!(seen.unwrap().completion, 7);
    // Perplexity's, and OpenRouter's.
    let seen =
        usage(r#"{"num_search_queries":3,"cost":{"input_tokens_cost":1,"total_cost":0.006}}"#);
    let seen = seen.unwrap();
    assert_eq!(
        (seen.searches, seen.reported.map(Cost::nanos)),
        (3, Some(6_000_000))
    );
    let seen = usage(r#"{"cost":1.5e-07}"#).unwrap();
    assert_eq!(seen.reported.map(Cost::nanos), Some(150));
    for none in [
        r#"{"cost":null}"#,
        r#"{"cost":-1}"#,
        r#"{"cost":"1"}"#,
        r#"{"cost":{}}"#,
    ] {
        assert_eq!(usage(none).unwrap().reported, None, "{none}");
    }
    // Numbers that are none.
    let seen =
        usage(r#"{"prompt_tokens":12.0,"completion_tokens":null,"prompt_tokens_details":null}"#);
    assert_eq!(seen.unwrap().prompt, 12);
    let seen = usage(r#"{"prompt_tokens":-1,"completion_tokens":{"a":[1]}}"#).unwrap();
    assert_eq!((seen.prompt, seen.completion), (0, 0));
    assert_eq!(usage("null"), None);
    assert_eq!(usage("{}"), None);
    assert_eq!(usage("7"), None);
}

#[test]
fn an_error_in_an_answer_of_success_is_an_error() {
    let error = read(r#"{"error":{"message":"wait","code":429}}"#).unwrap_err();
    assert_eq!(error.class(), Class::RateLimited);
    let error = read(r#"{"choices":[{"error":{"message":"busy","code":503}}]}"#).unwrap_err();
    assert_eq!(error.class(), Class::Overloaded);
    let error = read(r#"{"object":"error","message":"no","type":"BadRequestError","code":400}"#);
    assert_eq!(error.unwrap_err().class(), Class::InvalidRequest);
    assert!(read(r#"{"error":null,"choices":[{"message":{"content":"hi"}}]}"#).is_ok());
}

#[test]
fn what_is_no_answer_is_the_providers_failure() {
    assert_eq!(read("{}").unwrap_err().class(), Class::Server);
    assert_eq!(read("<html></html>").unwrap_err().class(), Class::Server);
    assert_eq!(
        read(r#"{"choices":[]} x"#).unwrap_err().class(),
        Class::Server
    );
    assert_eq!(read("").unwrap_err().class(), Class::Truncated);
}

#[test]
fn an_answer_that_is_cut_anywhere_is_truncated() {
    let whole = r#"{"choices":[{"message":{"content":"h\u00e9"},"finish_reason":"stop"}],"u":1}"#;
    for cut in 1..whole.len() {
        let error = read(&whole[..cut]).unwrap_err();
        assert_eq!(error.class(), Class::Truncated, "{}", &whole[..cut]);
    }
}
