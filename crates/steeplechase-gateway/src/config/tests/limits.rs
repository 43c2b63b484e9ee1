//! How much a deployment takes.

use std::time::Duration;

use super::*;

#[test]
fn prompts_answers_and_days_have_limits_of_their_own() {
    let params = with_params(&[
        "itpm: 100000",
        "otpm: '20_000'",
        "rpd: 1e4",
        "tpd: 0",
        "daily_reset_time: \"05:30\"",
    ]);
    let config = quiet(&params);
    let limits = config.models[0].params.limits;
    assert_eq!(limits.input_per_minute, Some(100_000));
    assert_eq!(limits.output_per_minute, Some(20_000));
    assert_eq!(limits.requests_per_day, Some(10_000));
    assert_eq!(limits.tokens_per_day, Some(0));
    assert_eq!(limits.daily_reset, Some(Duration::from_secs(330 * 60)));
    assert!(config.models[0].params.default_params.is_empty());
}

#[test]
fn what_makes_no_sense_is_an_error_that_says_what_would() {
    let bad = [
        "itpm: -1",
        "otpm: many",
        "rpd: 1.5",
        "tpd: {a: b}",
        "daily_reset_time: \"24:00\"",
    ];
    let path = "model_list[0].litellm_params";
    let found: Vec<_> = errors(&with_params(&bad))
        .iter()
        .map(|line| line.replace("config.yaml:", "").replace(path, "#"))
        .collect();
    assert_eq!(
        found,
        [
            "5: #.itpm: expected a whole number of at least 0, found -1; write for example `itpm: 100000`",
            "6: #.otpm: expected a whole number, found \"many\"; write for example `otpm: 20000`",
            "7: #.rpd: expected a whole number, found 1.5; write for example `rpd: 10000`",
            "8: #.tpd: expected a whole number, found a map; write for example `tpd: 5000000`",
            "9: #.daily_reset_time: expected a time of day in UTC, as `HH:MM`, found \"24:00\"; \
             write for example `daily_reset_time: \"05:30\"`",
        ]
    );
    for time in ["5:30", "05:60", "+5:30", "0530", "", "05:30:00"] {
        let written = format!("daily_reset_time: \"{time}\"");
        assert_eq!(errors(&with_params(&[&written])).len(), 1, "{time}");
    }
    // To YAML it is a number.
    let unquoted = errors(&with_params(&["daily_reset_time: 530"]));
    assert!(unquoted[0].contains("a text, in quotes"), "{unquoted:?}");
}

#[test]
fn a_reset_without_a_limit_for_a_day_is_a_warning() {
    assert_eq!(
        warnings(&with_params(&["daily_reset_time: \"05:30\""])),
        [
            "config.yaml:5: model_list[0].litellm_params.daily_reset_time: this has no effect without `rpd` \
             or `tpd`; write for example `rpd: 10000`"
        ]
    );
}
