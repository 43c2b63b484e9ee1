//! How much a model has said in a stream that is handed on as it is, in each dialect.

use steeplechase_core::deployment::Profile;
use steeplechase_core::{Class, Tally, Usage};

use super::*;

/// So many words are about this many tokens.
const WORDS: usize = 40;
const TOKENS: u64 = 54;

/// A stream in a dialect, without the figures that it ends with.
struct Stream {
    dialect: Dialect,
    start: &'static str,
    /// An event with `{}` in the place of its words.
    word: &'static str,
    end: &'static str,
}

const STREAMS: [Stream; 3] = [
    Stream {
        dialect: Dialect::OpenAi,
        start: r#"data: {"choices":[{"delta":{"role":"assistant"}}]}"#,
        word: r#"data: {"choices":[{"delta":{"content":"{}"}}]}"#,
        end: r#"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

data: [DONE]"#,
    },
    Stream {
        dialect: Dialect::Anthropic,
        start: r#"data: {"type":"message_start","message":{"id":"msg_1","content":[]}}"#,
        word: r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{}"}}"#,
        end: r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}

data: {"type":"message_stop"}"#,
    },
    Stream {
        dialect: Dialect::Responses,
        start: r#"data: {"type":"response.created","response":{"output":[]}}"#,
        word: r#"data: {"type":"response.output_text.delta","delta":"{}","obfuscation":"aB3dE6gH9jK2"}"#,
        end: r#"data: {"type":"response.completed","response":{"output":[{}]}}"#,
    },
];

// ===== impl Stream =====

impl Stream {
    fn deployment(&self) -> Arc<Deployment> {
        let spoken = match self.dialect {
            Dialect::Anthropic => Dialect::Anthropic,
            _ => Dialect::OpenAi,
        };
        let mut profile = Profile::default();
        profile.responses = Some("/responses".into());
        Deployment::builder("eu-1", "fast", spoken)
            .upstream_model("gpt-4o-mini")
            .base_url("https://api.example.com/v1/".parse().unwrap())
            .profile(profile)
            .build()
    }

    fn call(&self, stream: bool) -> Call {
        let prompt = match self.dialect {
            Dialect::Responses => r#""input":"hi""#,
            _ => r#""messages":[{"role":"user","content":"hi"}]"#,
        };
        let raw = format!(r#"{{"model":"fast","max_tokens":9,"stream":{stream},{prompt}}}"#);
        let raw = Bytes::from(raw);
        let head = scan(&raw).unwrap();
        Call::new(Operation::Chat, self.dialect, raw, head)
    }

    /// What comes of a stream of these events.
    async fn hand_on(
        &self,
        events: impl IntoIterator<Item = String>,
    ) -> (Vec<Chunk>, Option<Error>) {
        let events = [self.start.to_owned()].into_iter().chain(events);
        let steps = events.map(|event| data(&format!("{event}\n\n")));
        let answer = event_stream(script(steps));
        let (outcome, _) = ask(&self.deployment(), self.call(true), answer).await;
        read(outcome.unwrap().into_body()).await
    }

    fn word(&self, text: &str) -> String {
        self.word.replace("{}", text)
    }
}

fn said(chunks: &[Chunk]) -> u64 {
    chunks.iter().map(Chunk::said).sum::<Tally>().tokens()
}

fn last_usage(chunks: &[Chunk]) -> Option<Usage> {
    chunks.iter().rev().find_map(|chunk| chunk.usage()).copied()
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_how_much_was_said() {
    for stream in STREAMS {
        let words = (0..WORDS).map(|_| stream.word(" hedges"));
        let (chunks, error) = stream.hand_on(words).await;
        assert_eq!(error.unwrap().class(), Class::Truncated);
        assert_eq!(last_usage(&chunks), None);
        assert_eq!(said(&chunks), TOKENS, "{:?}", stream.dialect);
        // Each piece says what is new in it.
        let each: Vec<_> = chunks.iter().map(Chunk::said).collect();
        assert!(each[0].is_zero() && each[1..].iter().all(|said| *said == each[1]));
    }
}

#[tokio::test]
async fn a_stream_that_ends_without_usage_gets_an_estimated_one() {
    for stream in STREAMS {
        let words = (0..WORDS).map(|_| stream.word(" hedges"));
        let events = words.chain([stream.end.to_owned()]);
        let (chunks, error) = stream.hand_on(events).await;
        assert!(error.is_none(), "{:?}", stream.dialect);
        let usage = last_usage(&chunks).unwrap();
        assert!(usage.is_estimated && usage.prompt > 0);
        assert_eq!(usage.completion, said(&chunks), "{:?}", stream.dialect);
    }
}

#[tokio::test]
async fn what_is_escaped_weighs_what_it_stands_for() {
    for stream in STREAMS {
        let weight = async |text: &str| {
            let words = (0..WORDS).map(|_| stream.word(text));
            said(&stream.hand_on(words).await.0)
        };
        assert_eq!(weight(r"\u00e9").await, weight("é").await);
        assert_eq!(weight(r#"\"\\"#).await, weight("!?").await);
        assert_eq!(weight("").await, 0);
    }
}

#[tokio::test]
async fn thoughts_and_calls_count_and_seals_and_sounds_do_not() {
    let [_, anthropic, responses] = STREAMS;
    let weight = async |stream: &Stream, event: &str| {
        let events = [event; WORDS].map(str::to_owned);
        said(&stream.hand_on(events).await.0)
    };
    for (kind, field, counts) in [
        ("thinking_delta", "thinking", true),
        ("input_json_delta", "partial_json", true),
        ("compaction_delta", "content", true),
        ("signature_delta", "signature", false),
    ] {
        let event = format!(
            r#"data: {{"type":"content_block_delta","index":0,"delta":{{"type":"{kind}","{field}":" hedges"}}}}"#
        );
        let expected = if counts { TOKENS } else { 0 };
        assert_eq!(weight(&anthropic, &event).await, expected, "{kind}");
    }
    let open = r#"data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_0123456789","name":" hedges","input":{}}}"#;
    assert_eq!(
        weight(&anthropic, open).await,
        TOKENS,
        "the name of the tool"
    );
    let found = open.replace("tool_use", "web_search_tool_result");
    assert_eq!(weight(&anthropic, &found).await, 0);

    for (kind, counts) in [
        ("reasoning_summary_text", true),
        ("function_call_arguments", true),
        ("custom_tool_call_input", true),
        ("refusal", true),
        ("audio", false),
    ] {
        let event = format!(r#"data: {{"type":"response.{kind}.delta","delta":" hedges"}}"#);
        let expected = if counts { TOKENS } else { 0 };
        assert_eq!(weight(&responses, &event).await, expected, "{kind}");
    }
    // The same words once more, and whole.
    let done = r#"data: {"type":"response.output_text.done","text":" hedges"}"#;
    assert_eq!(weight(&responses, done).await, 0);
}

#[tokio::test]
async fn a_whole_answer_without_usage_gets_an_estimated_one() {
    let words = " hedges".repeat(WORDS);
    let [_, anthropic, responses] = STREAMS;
    for (stream, body) in [
        (
            &anthropic,
            format!(
                r#"{{"type":"message","content":[{{"type":"text","text":"{words}"}}],"stop_reason":"end_turn"}}"#
            ),
        ),
        (
            &anthropic,
            format!(
                r#"{{"type":"message","content":[{{"type":"tool_use","id":"t","name":"f","input":{{"q":"{words}"}}}}],"usage":{{}}}}"#
            ),
        ),
        (
            &responses,
            format!(
                r#"{{"status":"completed","output":[{{"type":"message","content":[{{"type":"output_text","text":"{words}"}}]}}]}}"#
            ),
        ),
        (
            &responses,
            format!(
                r#"{{"status":"completed","output":[{{"type":"reasoning","summary":[{{"text":"{words}"}}]}},{{"type":"function_call","name":"f","arguments":"{{}}"}}]}}"#
            ),
        ),
    ] {
        let answer = json(200, &body);
        let (outcome, _) = ask(&stream.deployment(), stream.call(false), answer).await;
        let (chunks, _) = read(outcome.unwrap().into_body()).await;
        let usage = last_usage(&chunks).unwrap();
        assert!(usage.is_estimated, "{body}");
        assert!(
            (TOKENS..=TOKENS + 6).contains(&usage.completion),
            "{usage:?} {body}"
        );
        assert_eq!(text(&chunks), body, "the bytes stay as they are");
    }
}

#[tokio::test]
async fn what_a_provider_says_is_not_estimated() {
    let [_, anthropic, responses] = STREAMS;
    for (stream, end) in [
        (
            &anthropic,
            r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":9,"output_tokens":4}}

data: {"type":"message_stop"}"#,
        ),
        (
            &responses,
            r#"data: {"type":"response.completed","response":{"output":[{}],"usage":{"input_tokens":9,"output_tokens":4}}}"#,
        ),
    ] {
        let words = (0..WORDS).map(|_| stream.word(" hedges"));
        let (chunks, error) = stream.hand_on(words.chain([end.to_owned()])).await;
        assert!(error.is_none());
        let usage = last_usage(&chunks).unwrap();
        let told = (usage.prompt, usage.completion, usage.is_estimated);
        assert_eq!(told, (9, 4, false));
    }
}
