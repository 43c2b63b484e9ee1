//! A call: its bytes as they came, and its typed form only if somebody needs it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::call::{Head, Spans};
use crate::{Call, Dialect, Operation};

const PROMPT: &str = r#"{"model":"fast","messages":[{"content":"my secret wish"}]}"#;

#[test]
fn a_call_asks_for_the_model_in_its_head() {
    let call = call();
    assert_eq!(call.model(), "fast");
    assert_eq!(call.head().model, *call.model_handle());
    assert_eq!(call.operation(), Operation::Chat);
    assert_eq!(call.dialect(), Dialect::OpenAi);
    assert_eq!(call.raw(), PROMPT);
}

#[test]
fn a_leg_for_another_model_shares_the_bytes_the_head_and_the_typed_form() {
    let call = call();
    let leg = call.with_model("slow");
    assert_eq!((call.model(), leg.model()), ("fast", "slow"));
    assert_eq!(&*leg.head().model, "fast", "the head says what came");
    assert_eq!(call.raw().as_ptr(), leg.raw().as_ptr());
    assert!(std::ptr::eq(call.head(), leg.head()));

    let typed = call.typed(length).unwrap();
    let again = leg.typed(|_| -> Result<usize, ()> { panic!("it is parsed") });
    assert!(Arc::ptr_eq(&typed, &again.unwrap()));
}

#[test]
fn the_typed_form_is_parsed_once_for_all_clones() {
    let parsed = AtomicUsize::new(0);
    let parse = |raw: &Bytes| {
        parsed.fetch_add(1, Ordering::Relaxed);
        length(raw)
    };
    let call = call();
    let clones = [call.clone(), call.clone().clone()];
    let typed = call.typed(parse).unwrap();
    assert_eq!(*typed, PROMPT.len());
    for clone in &clones {
        assert!(Arc::ptr_eq(&typed, &clone.typed(parse).unwrap()));
    }
    assert_eq!(parsed.into_inner(), 1);
}

#[test]
fn a_call_is_not_parsed_before_somebody_asks() {
    let call = call();
    drop(call.clone());
    let typed = call.typed(|raw| Ok::<_, ()>(raw.to_vec()));
    assert_eq!(*typed.unwrap(), PROMPT.as_bytes());
}

#[test]
fn a_parse_that_fails_is_told_and_not_kept() {
    let call = call();
    let failed = call.typed(|_| Err::<usize, _>("not JSON"));
    assert_eq!(failed.unwrap_err(), "not JSON");
    assert_eq!(*call.typed(length).unwrap(), PROMPT.len());
}

#[test]
fn of_three_types_the_first_two_are_kept_and_all_are_right() {
    let call = call();
    let first = call.typed(length).unwrap();
    let text = |raw: &Bytes| String::from_utf8(raw.to_vec());
    let second = call.typed(text).unwrap();
    assert_eq!(*second, PROMPT);
    let bytes = |raw: &Bytes| Ok::<_, ()>(raw.to_vec());
    assert_eq!(*call.typed(bytes).unwrap(), PROMPT.as_bytes());
    assert_eq!(*call.typed(bytes).unwrap(), PROMPT.as_bytes());
    assert!(Arc::ptr_eq(&first, &call.typed(length).unwrap()));
    assert!(Arc::ptr_eq(&second, &call.typed(text).unwrap()));
}

#[test]
fn threads_that_parse_at_the_same_time_get_equal_forms() {
    let call = call();
    let typed: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| call.typed(length).unwrap()))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(typed.iter().all(|typed| **typed == PROMPT.len()));
}

#[test]
fn a_log_of_a_call_shows_its_size_and_no_prompt() {
    let call = call();
    call.typed(|raw| Ok::<_, ()>(raw.clone())).unwrap();
    let shown = format!("{call:?}");
    assert!(!shown.contains("secret") && !shown.contains("messages"));
    assert!(shown.contains("fast") && shown.contains(&PROMPT.len().to_string()));
}

#[test]
fn the_head_of_nothing_asks_for_one_whole_answer() {
    let head = Head::default();
    assert_eq!((&*head.model, head.n, head.max_tokens), ("", 1, None));
    assert!(!head.stream && !head.include_usage && !head.tools && !head.fastest_response);
    let Spans {
        model,
        own,
        metadata,
    } = head.spans;
    assert!(metadata.is_empty());
    assert!(model.is_empty() && own.is_empty());
}

#[test]
fn operations_and_dialects_have_names_for_labels() {
    let operations = [Operation::Chat, Operation::Embeddings].map(Operation::as_str);
    assert_eq!(operations, ["chat", "embeddings"]);
    let dialects = [Dialect::Anthropic, Dialect::OpenAi].map(Dialect::as_str);
    assert_eq!(dialects, ["anthropic", "openai"]);
}

fn call() -> Call {
    let head = Head {
        model: "fast".into(),
        ..Head::default()
    };
    let raw = Bytes::from_static(PROMPT.as_bytes());
    Call::new(Operation::Chat, Dialect::OpenAi, raw, head)
}

#[allow(clippy::unnecessary_wraps, reason = "a parse may fail")]
fn length(raw: &Bytes) -> Result<usize, ()> {
    Ok(raw.len())
}
