//! Those of `litellm_params` that say which calls a deployment is for, and how it answers them.

use std::collections::BTreeMap;
use std::time::Duration;

use steeplechase::preset::Tags;

use crate::config::model::AnswerParams;
use crate::config::node::Cursor;

/// The least and the most seconds between two signs of life, as in LiteLLM.
const SIGNS: [u64; 2] = [1, 300];

/// Reads a setting of that kind. `false` if it is none.
pub(super) fn answers(field: &Cursor<'_>, answers: &mut AnswerParams) -> bool {
    match field.key() {
        "tag_regex" => answers.user_agents = patterns(field),
        "timeout_by_service_tier" => answers.timeout_by_tier = by_tier(field),
        "stream_timeout_by_service_tier" => answers.stream_timeout_by_tier = by_tier(field),
        "mock_response" => answers.mock = field.text("It is only me"),
        "mock_delay" => answers.mock_delay = field.seconds("0.5"),
        "keepalive_seconds" => answers.keepalive = keepalive(field),
        "allow_client_keepalive_override" => answers.callers_keepalive = field.flag(),
        _ => return false,
    }
    true
}

/// A time between signs of life, within what LiteLLM takes. Zero is never.
pub(super) fn keepalive(field: &Cursor<'_>) -> Option<Duration> {
    let [least, most] = SIGNS.map(Duration::from_secs);
    let seconds = field.seconds("15")?;
    let is_off = seconds.is_zero();
    Some(if is_off {
        seconds
    } else {
        seconds.clamp(least, most)
    })
}

fn patterns(list: &Cursor<'_>) -> Vec<String> {
    const EXAMPLE: &str = "tag_regex: [\"^User-Agent: claude-cli/\"]";
    let mut patterns = Vec::new();
    for item in list.items(EXAMPLE) {
        let Some(pattern) = item.name("^User-Agent: claude-cli/") else {
            continue;
        };
        match Tags::check_pattern(&pattern) {
            Ok(()) => patterns.push(pattern),
            Err(error) => item.error(
                format!("this is no regular expression: {error}"),
                "write one without look-around and back-references",
            ),
        }
    }
    patterns
}

fn by_tier(section: &Cursor<'_>) -> BTreeMap<String, Duration> {
    let tiers = section.fields().into_iter();
    let tiers = tiers.filter_map(|tier| Some((tier.key().to_owned(), tier.limit("900")?)));
    tiers.collect()
}
