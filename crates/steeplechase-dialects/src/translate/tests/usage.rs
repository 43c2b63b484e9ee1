//! What is booked where a provider does not say what was used.

use steeplechase_core::Usage;

use super::translated::{CLOSE, OPEN, STOP, WORD};
use super::*;

const ROLE: &str =
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
const END: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";
const USAGE: &str =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n";

/// 40 words are about 46 tokens.
const WORDS: usize = 40;

fn word(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

/// The frames of an answer of 40 words.
fn answer(last: &[&str]) -> Vec<Step> {
    let words = (0..WORDS).map(|_| data(&word(" hedges")));
    let last = last.iter().map(|event| data(event));
    [data(ROLE)].into_iter().chain(words).chain(last).collect()
}

fn last_usage(chunks: &[Chunk]) -> Option<Usage> {
    chunks.iter().rev().find_map(|chunk| chunk.usage()).copied()
}

/// About how many tokens the words of all chunks have.
fn said(chunks: &[Chunk]) -> u64 {
    chunks
        .iter()
        .map(Chunk::said)
        .sum::<steeplechase_core::Tally>()
        .tokens()
}

#[tokio::test]
async fn a_stream_that_ends_without_usage_gets_an_estimated_one() {
    let (chunks, error) = stream(&openai(), answer(&[END, DONE])).await;
    assert!(error.is_none());
    let usage = last_usage(&chunks).unwrap();
    assert!(usage.is_estimated);
    assert!((3..=12).contains(&usage.prompt), "{usage:?}");
    assert!((40..=60).contains(&usage.completion), "{usage:?}");
    assert_eq!(usage.completion, said(&chunks));
    // It is told once, with the end, and the bytes stay as they are.
    assert_eq!(
        chunks
            .iter()
            .filter(|chunk| chunk.usage().is_some())
            .count(),
        1
    );
    let bytes: String = answer(&[END, DONE])
        .iter()
        .map(|step| match step {
            Step::Data(data) => String::from_utf8(data.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(text(&chunks), bytes);
}

#[tokio::test]
async fn what_a_provider_says_is_not_estimated() {
    for last in [&[END, USAGE, DONE][..], &[USAGE, END, DONE]] {
        let (chunks, error) = stream(&openai(), answer(last)).await;
        assert!(error.is_none());
        let usage = last_usage(&chunks).unwrap();
        assert_eq!(
            (usage.prompt, usage.completion, usage.is_estimated),
            (9, 4, false)
        );
        // How much was said is there all the same, for whoever breaks off the answer.
        assert!(said(&chunks) > 40);
    }
}

#[tokio::test]
async fn usage_that_comes_after_the_reason_has_all_its_parts_and_the_cost_that_was_told() {
    let late = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"cost\":0.0025,\"prompt_tokens_details\":{\"cached_tokens\":6},\"completion_tokens_details\":{\"reasoning_tokens\":3}}}\n\n";
    let (chunks, error) = stream(&openai(), answer(&[END, late, DONE])).await;
    assert!(error.is_none());
    let usage = last_usage(&chunks).unwrap();
    assert_eq!((usage.prompt, usage.completion), (9, 4));
    assert_eq!((usage.cache_read, usage.reasoning), (6, 3));
    assert_eq!(
        usage.reported,
        steeplechase_core::Cost::from_dollars("0.0025").ok()
    );
    assert!(text(&chunks).contains(late));
}

#[tokio::test]
async fn a_stream_that_is_not_complete_gets_none() {
    for last in [&[][..], &[END]] {
        let (chunks, _) = stream(&openai(), answer(last)).await;
        assert_eq!(last_usage(&chunks), None);
        assert!(said(&chunks) > 40);
    }
}

#[tokio::test]
async fn fields_without_figures_are_no_usage() {
    let blank =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}\n\n";
    let (chunks, _) = stream(&openai(), answer(&[END, blank, DONE])).await;
    let usage = last_usage(&chunks).unwrap();
    assert!(usage.is_estimated && usage.completion > 40);
}

#[tokio::test]
async fn thoughts_and_calls_of_tools_count_and_padding_does_not() {
    let tokens = |deltas: &[&str]| {
        let events: Vec<_> = deltas
            .iter()
            .map(|delta| {
                data(&format!(
                    "data: {{\"choices\":[{{\"delta\":{delta}}}]}}\n\n"
                ))
            })
            .chain([data(END), data(DONE)])
            .collect();
        async {
            let (chunks, error) = stream(&openai(), events).await;
            assert!(error.is_none());
            last_usage(&chunks).unwrap().completion
        }
    };
    let plain = tokens(&[r#"{"content":" hedges"}"#; 20]).await;
    for same in [
        // Each event is known again by the one before it.
        [r#"{"reasoning_content":" hedges"}"#; 20],
        [r#"{"content":" hedges","obfuscation":"aB3dE6gH9jK2"}"#; 20],
        [r#"{"tool_calls":[{"index":0,"function":{"arguments":" hedges"}}]}"#; 20],
        [r#"{"refusal":" hedges"}"#; 20],
    ] {
        assert_eq!(tokens(&same).await, plain, "{}", same[0]);
    }
    let numbered: Vec<String> = (0..20)
        .map(|n| format!("{{\"content\":\" hedges\",\"logprobs\":{n}}}"))
        .collect();
    let numbered: Vec<&str> = numbered.iter().map(String::as_str).collect();
    // No event is like the one before it.
    assert_eq!(tokens(&numbered).await, plain);
    let called = r#"{"tool_calls":[{"index":0,"id":"call_0123456789abcdef","type":"function","function":{"name":"look_up","arguments":""}}]}"#;
    assert!((1..=4).contains(&tokens(&[called]).await));
}

#[tokio::test]
async fn a_whole_answer_without_usage_gets_an_estimated_one() {
    let words = " hedges".repeat(WORDS);
    for usage in ["", r#","usage":null"#, r#","usage":{"prompt_tokens":0}"#] {
        let body = format!(
            r#"{{"choices":[{{"message":{{"content":"{words}"}},"finish_reason":"stop"}}]{usage}}}"#
        );
        let (outcome, _) = ask(&openai(), whole_call(), json(200, &body)).await;
        let response = outcome.unwrap();
        let told = *response.extensions().get::<Usage>().unwrap();
        assert!(told.is_estimated && told.prompt > 2);
        assert!((40..=60).contains(&told.completion), "{told:?}");
        let (chunks, _) = read(response.into_body()).await;
        assert_eq!(chunks[0].usage(), Some(&told));
        assert_eq!(text(&chunks), body, "the bytes stay as they are");

        // The same, as a stream.
        let (outcome, _) = ask(&openai(), streamed_call(), json(200, &body)).await;
        let (chunks, _) = read(outcome.unwrap().into_body()).await;
        let streamed = last_usage(&chunks).unwrap();
        assert!(streamed.is_estimated);
        assert_eq!(streamed.completion, told.completion);
    }
}

#[tokio::test]
async fn a_caller_of_another_dialect_is_told_the_estimate() {
    let start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[]}}\n\n";
    let reason = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n";
    let asked = call(
        r#"{"model":"fast","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}"#,
    );
    let steps = [start, OPEN, WORD, WORD, WORD, CLOSE, reason, STOP].map(data);
    let (outcome, _) = ask(&anthropic(), asked, event_stream(script(steps))).await;
    let (chunks, error) = read(outcome.unwrap().into_body()).await;
    assert!(error.is_none());
    let usage = last_usage(&chunks).unwrap();
    assert!(usage.is_estimated && usage.prompt > 2);
    assert_eq!(usage.completion, said(&chunks));
    let told = format!("\"completion_tokens\":{}", usage.completion);
    assert!(text(&chunks).contains(&told), "{}", text(&chunks));

    let whole = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"over the hedge"}],"stop_reason":"end_turn"}"#;
    let (outcome, _) = ask(&anthropic(), whole_call(), json(200, whole)).await;
    let (chunks, _) = read(outcome.unwrap().into_body()).await;
    let usage = last_usage(&chunks).unwrap();
    assert!(usage.is_estimated && usage.completion >= 3, "{usage:?}");
    assert!(text(&chunks).contains(&format!("\"completion_tokens\":{}", usage.completion)));
}

#[tokio::test]
async fn vectors_without_usage_get_an_estimate_of_their_input() {
    let raw = Bytes::from(r#"{"model":"fast","input":["over the hedge","and over the next"]}"#);
    let head = scan(&raw).unwrap();
    let call = Call::new(Operation::Embeddings, Dialect::OpenAi, raw, head);
    let body = r#"{"object":"list","data":[{"index":0,"embedding":[0.5]}]}"#;
    let (outcome, _) = ask(&openai(), call, json(200, body)).await;
    let usage = *outcome.unwrap().extensions().get::<Usage>().unwrap();
    assert!(usage.is_estimated);
    assert!(
        (5..=14).contains(&usage.prompt) && usage.completion == 0,
        "{usage:?}"
    );
}

#[tokio::test]
async fn a_family_of_models_with_smaller_tokens_has_more_of_them() {
    let family = |model: &str| {
        let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi)
            .upstream_model(model)
            .build();
        async move {
            let (chunks, _) = stream(&deployment, answer(&[END, DONE])).await;
            last_usage(&chunks).unwrap()
        }
    };
    let (openai, claude) = (family("gpt-4o").await, family("claude-sonnet-4-5").await);
    assert!(claude.completion > openai.completion);
    assert!(claude.prompt >= openai.prompt);
    // One that serves many models knows by the call which it is.
    let many = Deployment::builder("eu-1", "*", Dialect::OpenAi)
        .upstream_model("*")
        .build();
    let asked = call(
        r#"{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"hi"}],"stream":true}"#,
    );
    let (outcome, _) = ask(&many, asked, event_stream(script(answer(&[END, DONE])))).await;
    let (chunks, _) = read(outcome.unwrap().into_body()).await;
    assert_eq!(last_usage(&chunks).unwrap().completion, claude.completion);
}
