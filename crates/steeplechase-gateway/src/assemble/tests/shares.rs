//! What a deployment of a group gets of its calls, and how many it takes.

use steeplechase::deployment::Measure;

use super::*;

const RATED: &str = "
model_list:
  - {model_name: a, litellm_params: {model: openai/x, rpm: 100, tpm: 5000}}
";

fn only(text: &str) -> Arc<Deployment> {
    Arc::clone(&groups(text)[0].1[0])
}

#[test]
fn one_without_an_order_beside_one_with_comes_last() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: openai/x, order: 2}}
  - {model_name: a, litellm_params: {model: openai/y}}
  - {model_name: a, litellm_params: {model: openai/z, order: 1}}
  - {model_name: b, litellm_params: {model: openai/x}}
";
    let groups = groups(text);
    let mut first: Vec<_> = groups[0].1.iter().collect();
    first.sort_by_key(|deployment| deployment.order());
    let models: Vec<_> = first.iter().map(|it| it.upstream_model()).collect();
    assert_eq!(models, ["z", "x", "y"]);
    assert_eq!(first[2].order(), 3, "it is a number that can be told");
    assert_eq!(groups[1].1[0].order(), 0);
}

#[test]
fn one_that_is_blocked_gets_no_calls_wherever_that_is_said() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: openai/x}, blocked: true}
  - {model_name: a, litellm_params: {model: openai/y}, model_info: {blocked: true}}
  - {model_name: a, litellm_params: {model: openai/z}, blocked: false}
";
    let groups = groups(text);
    assert_eq!(groups.len(), 1);
    let models: Vec<_> = groups[0].1.iter().map(|it| it.upstream_model()).collect();
    assert_eq!(models, ["z"]);
}

#[test]
fn rates_are_limits_unless_litellms_ways_count_which_makes_them_shares() {
    let limits = |settings: &str| {
        let deployment = only(&format!("{RATED}router_settings: {settings}\n"));
        assert_eq!(deployment.weight().to_string(), "100");
        deployment.limits().requests_per_minute()
    };
    assert_eq!(limits("{}"), Some(100));
    assert_eq!(limits("{routing_strategy: least-busy}"), Some(100));
    assert_eq!(limits("{compat: litellm}"), None);
    let by_usage = "{compat: litellm, routing_strategy: usage-based-routing-v2}";
    assert_eq!(limits(by_usage), Some(100));
}

#[test]
fn limits_of_prompts_answers_and_days_hold_in_any_case_and_are_no_shares() {
    let limits = |more: &str, settings: &str| {
        let entry = format!("{{model_name: a, litellm_params: {{model: openai/x{more}}}}}");
        let text = format!("model_list:\n  - {entry}\nrouter_settings: {settings}\n");
        let deployment = only(&text);
        assert_eq!(deployment.weight().to_string(), "1");
        let limits = deployment.limits();
        let begin = limits.days().map(|days| days.begin().as_secs());
        let all = [
            Measure::InputPerMinute,
            Measure::OutputPerMinute,
            Measure::RequestsPerDay,
            Measure::TokensPerDay,
        ];
        (all.map(|of| limits.limit(of)), begin)
    };
    let more = ", itpm: 1, otpm: 2, rpd: 3, tpd: 4, daily_reset_time: \"01:30\"";
    let all = [Some(1), Some(2), Some(3), Some(4)];
    assert_eq!(limits(more, "{}"), (all, Some(90 * 60)));
    assert_eq!(limits(more, "{compat: litellm}"), (all, Some(90 * 60)));
    let of_day = [None, None, Some(3), None];
    assert_eq!(limits(", rpd: 3", "{}"), (of_day, Some(0)), "from midnight");
    assert_eq!(limits("", "{}"), ([None; 4], None));
}
