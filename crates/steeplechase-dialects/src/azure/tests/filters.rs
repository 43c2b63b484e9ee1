use crate::openai::{Judge, Verdict};

const NOTHING: Verdict = Verdict {
    content: false,
    end: false,
    usage: None,
};

#[test]
fn what_is_said_of_the_prompt_is_no_part_of_the_answer() {
    let mut judge = Judge::new(1);
    let prompt = br#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}"#;
    assert_eq!(judge.judge(prompt).unwrap(), NOTHING);
    let role = br#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"content_filter_results":{},"finish_reason":null}]}"#;
    assert_eq!(judge.judge(role).unwrap(), NOTHING);
    assert!(!judge.has_content());
}

#[test]
fn what_is_said_of_the_answer_after_its_end_changes_nothing() {
    let mut judge = Judge::new(1);
    let word = br#"{"choices":[{"index":0,"delta":{"content":"Hi"},"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"finish_reason":null}]}"#;
    assert!(judge.judge(word).unwrap().content);
    let end = br#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    assert!(judge.judge(end).unwrap().end);
    let late = br#"{"choices":[{"index":0,"finish_reason":null,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"content_filter_offsets":{"check_offset":0,"start_offset":0,"end_offset":2}}]}"#;
    assert_eq!(judge.judge(late).unwrap(), NOTHING);
    assert!(judge.is_complete());
}

#[test]
fn a_filter_that_could_not_be_asked_is_no_failure_of_the_stream() {
    let mut judge = Judge::new(1);
    let word = br#"{"choices":[{"index":0,"delta":{"content":"Hi"},"content_filter_results":{"error":{"code":"content_filter_error","message":"The contents are not filtered"}},"finish_reason":null}]}"#;
    assert!(judge.judge(word).unwrap().content);
    assert!(judge.judge(word).unwrap().content);
}
