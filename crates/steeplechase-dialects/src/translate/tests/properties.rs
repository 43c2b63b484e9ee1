use proptest::prelude::*;
use steeplechase_core::Class;

use super::translated::{CLOSE, OPEN, REASON, START, STOP, WORD};
use super::*;

const EVENTS: [&str; 7] = [
    "\u{FEFF}: hello\r\n\r\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
    "data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"h\u{e9}\"}}]}\r\n\r\n",
    "id: 7\ndata: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"!\"}}]}\n\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
    "data: [DONE]\n\n",
];

fn whole() -> String {
    EVENTS.concat()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn pieces(text: &str, cuts: &[prop::sample::Index]) -> Vec<Step> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    let frame =
        |cut: &[usize]| Step::Data(Bytes::copy_from_slice(&text.as_bytes()[cut[0]..cut[1]]));
    cuts.windows(2).map(frame).collect()
}

#[test]
fn a_relayed_stream_that_is_cut_anywhere_is_a_prefix_and_a_clean_failure() {
    let whole = whole();
    let finished = EVENTS[..5].concat().len();
    let marked = whole.len() - 1;
    for cut in 0..whole.len() {
        let bytes = &whole.as_bytes()[..cut];
        let steps = [Step::Data(Bytes::copy_from_slice(bytes))];
        let (chunks, error) = run(stream(&openai(), steps));
        let sent: Vec<u8> = chunks
            .iter()
            .flat_map(|chunk| chunk.data().to_vec())
            .collect();
        let at_edge = EVENTS.iter().scan(0, |end, event| {
            *end += event.len();
            Some(*end)
        });
        let at_edge = at_edge.into_iter().any(|edge| edge == cut);
        if cut >= finished && (at_edge || cut >= marked - 1) {
            assert!(error.is_none(), "cut at {cut}: {error:?}");
            assert!(chunks.iter().any(Chunk::is_end));
            continue;
        }
        let error = error.unwrap();
        assert_eq!(error.class(), Class::Truncated, "cut at {cut}");
        assert!(whole.as_bytes().starts_with(&sent));
        assert_eq!(
            chunks.iter().any(Chunk::is_end),
            cut >= finished,
            "cut at {cut}"
        );
    }
}

#[test]
fn a_translated_stream_that_is_cut_anywhere_never_gets_an_end_that_was_not_sent() {
    let whole = [START, OPEN, WORD, CLOSE, REASON, STOP].concat();
    let said = whole.len() - STOP.len();
    for cut in 0..whole.len() {
        let (chunks, error) = run(stream(&anthropic(), [data(&whole[..cut])]));
        let text = text(&chunks);
        assert_eq!(error.is_none(), cut >= said, "cut at {cut}");
        assert_eq!(
            text.contains("\"finish_reason\":\"stop\""),
            cut >= said,
            "cut at {cut}"
        );
        assert_eq!(text.contains("[DONE]"), cut >= said);
        assert_eq!(chunks.iter().any(Chunk::is_end), cut >= said);
        if let Some(error) = error {
            assert_eq!(error.class(), Class::Truncated);
        }
    }
}

/// What a chunk says, without the time.
fn without_time(text: &str) -> Vec<serde_json::Value> {
    let events = text
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: {"));
    events
        .map(|json| {
            let mut event: serde_json::Value = serde_json::from_str(&format!("{{{json}")).unwrap();
            event["created"].take();
            event
        })
        .collect()
}

proptest! {
    #[test]
    fn any_cuts_give_the_same_bytes_and_the_same_verdicts(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40)
    ) {
        let whole = whole();
        let (chunks, error) = run(stream(&openai(), pieces(&whole, &cuts)));
        prop_assert!(error.is_none());
        prop_assert_eq!(text(&chunks), whole);
        prop_assert!(chunks.iter().any(Chunk::is_content));
        prop_assert!(chunks.iter().any(Chunk::is_end));
        let usage = chunks.iter().find_map(Chunk::usage).unwrap();
        prop_assert_eq!((usage.prompt, usage.completion), (3, 4));
    }

    #[test]
    fn any_cuts_give_the_same_translation(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40)
    ) {
        let whole = [START, OPEN, WORD, CLOSE, REASON, STOP].concat();
        let (expected, _) = run(stream(&anthropic(), [data(&whole)]));
        let (chunks, error) = run(stream(&anthropic(), pieces(&whole, &cuts)));
        prop_assert!(error.is_none());
        prop_assert_eq!(without_time(&text(&chunks)), without_time(&text(&expected)));
    }
}
