//! Which calls a deployment is for, and how it answers them.

use std::time::Duration;

use super::*;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn which_calls_a_deployment_is_for_and_how_it_answers_is_read() {
    let config = quiet(&with_params(&[
        "tag_regex: ['^User-Agent: claude-cli/', '(?i)curl']",
        "timeout_by_service_tier: {flex: 900, priority: 10.5}",
        "stream_timeout_by_service_tier: {flex: 600}",
        "mock_response: It is only me",
        "mock_delay: 0.25",
        "keepalive_seconds: 15",
        "allow_client_keepalive_override: true",
    ]));
    let params = &config.models[0].params;
    assert!(params.default_params.is_empty(), "none of it is sent");
    let tiers = [
        ("flex".to_owned(), seconds(900)),
        ("priority".to_owned(), Duration::from_millis(10_500)),
    ];
    assert_eq!(
        params.answers,
        AnswerParams {
            user_agents: vec!["^User-Agent: claude-cli/".to_owned(), "(?i)curl".to_owned()],
            timeout_by_tier: tiers.into(),
            stream_timeout_by_tier: [("flex".to_owned(), seconds(600))].into(),
            mock: Some("It is only me".to_owned()),
            mock_delay: Some(Duration::from_millis(250)),
            keepalive: Some(seconds(15)),
            callers_keepalive: Some(true),
        }
    );
}

#[test]
fn what_makes_no_sense_of_them_is_told_with_its_line() {
    let text = with_params(&[
        "tag_regex: ['(a', '(?!a)b', 1]",
        "timeout_by_service_tier: 900",
        "mock_response: 7",
        "keepalive_seconds: often",
    ]);
    let path = "model_list[0].litellm_params";
    assert_eq!(
        errors(&text),
        [
            "5: #.tag_regex[0]: this is no regular expression: unclosed group; \
             write one without look-around and back-references",
            "5: #.tag_regex[1]: this is no regular expression: look-around, including look-ahead and look-behind, \
             is not supported; write one without look-around and back-references",
            "5: #.tag_regex[2]: expected a text, found 1; write for example `- \"^User-Agent: claude-cli/\"`",
            "6: #.timeout_by_service_tier: expected a map, found 900; write `key: value` lines, indented below it",
            "7: #.mock_response: expected a text, in quotes, found 7; \
             write for example `mock_response: \"It is only me\"`",
            "8: #.keepalive_seconds: expected a number of seconds, zero or more, found \"often\"; \
             write for example `keepalive_seconds: 15`",
        ]
        .map(|line| format!("config.yaml:{}", line.replace('#', path))),
    );
}

#[test]
fn signs_of_life_are_between_a_second_and_five_minutes_apart_or_off() {
    for (written, read) in [("0", 0), ("0.01", 1), ("15", 15), ("9999", 300)] {
        let config = quiet(&with_params(&[&format!("keepalive_seconds: {written}")]));
        let keepalive = config.models[0].params.answers.keepalive;
        assert_eq!(keepalive, Some(seconds(read)), "{written}");
    }
    let text = with_model(
        "litellm_settings: {sse_keepalive_ping_interval_seconds: 20, anthropic_sse_ping_interval_seconds: 400}\n",
    );
    let router = quiet(&text).router;
    assert_eq!(
        (router.keepalive, router.messages_keepalive),
        (Some(seconds(20)), Some(seconds(300)))
    );
}
