use crate::anthropic::Capabilities;
use crate::anthropic::Sampling;
use crate::anthropic::Thinking;
use crate::chat::Effort;

#[test]
fn a_name_is_understood_wherever_the_model_is_hosted() {
    let same = [
        "claude-3-5-haiku-20241022",
        "claude-3-5-haiku-latest",
        "claude-3-5-haiku@20241022",
        "claude-3.5-haiku",
        "anthropic/claude-3.5-haiku",
        "us.anthropic.claude-3-5-haiku-20241022-v1:0",
        "anthropic.claude-3-5-haiku-v2:0",
    ];
    for name in same {
        let found = Capabilities::for_model(name);
        assert_eq!(found, Capabilities::for_model(same[0]), "{name}");
        assert_eq!(found.max_output, Some(8192), "{name}");
    }
}

/// Name, thinking, sampling; forced tool, prefill, schema, system in between.
const VERSIONS: &[(&str, Thinking, Sampling, &str)] = &[
    ("claude-2.1", Thinking::Never, Sampling::Free, "fp--"),
    (
        "claude-instant-1.2",
        Thinking::Never,
        Sampling::Free,
        "fp--",
    ),
    (
        "claude-3-opus-20240229",
        Thinking::Never,
        Sampling::Free,
        "fp--",
    ),
    (
        "claude-3-7-sonnet-20250219",
        Thinking::Budget,
        Sampling::Free,
        "fp--",
    ),
    (
        "claude-sonnet-4-20250514",
        Thinking::Budget,
        Sampling::Free,
        "fp--",
    ),
    (
        "claude-opus-4-1-20250805",
        Thinking::Budget,
        Sampling::Exclusive,
        "fp--",
    ),
    (
        "claude-haiku-4-5",
        Thinking::Budget,
        Sampling::Exclusive,
        "fps-",
    ),
    (
        "claude-opus-4-5-20251101",
        Thinking::Budget,
        Sampling::Exclusive,
        "fps-",
    ),
    (
        "claude-opus-4-6",
        Thinking::Either,
        Sampling::Exclusive,
        "f-s-",
    ),
    (
        "claude-sonnet-4.7",
        Thinking::Adaptive,
        Sampling::None,
        "f-s-",
    ),
    (
        "claude-opus-4-8-20260701",
        Thinking::Adaptive,
        Sampling::None,
        "f-sm",
    ),
    (
        "claude-haiku-5",
        Thinking::ByDefault,
        Sampling::None,
        "f-sm",
    ),
    (
        "claude-sonnet-5-5",
        Thinking::Always,
        Sampling::None,
        "--sm",
    ),
    ("claude-fable-5-1", Thinking::Always, Sampling::None, "--sm"),
    (
        "claude-mythos-preview",
        Thinking::Always,
        Sampling::None,
        "--s-",
    ),
    ("claude-opus-6", Thinking::Always, Sampling::None, "--sm"),
    ("house-special", Thinking::Adaptive, Sampling::None, "f-s-"),
    ("claude-next", Thinking::Adaptive, Sampling::None, "f-s-"),
];

#[test]
fn each_version_takes_what_it_takes() {
    for (name, thinking, sampling, flags) in VERSIONS.iter().copied() {
        let found = Capabilities::for_model(name);
        let flag = |on, c| if on { c } else { '-' };
        let told: String = [
            flag(found.forced_tool, 'f'),
            flag(found.prefill, 'p'),
            flag(found.json_schema, 's'),
            flag(found.mid_system, 'm'),
        ]
        .into_iter()
        .collect();
        assert_eq!(
            (found.thinking, found.sampling),
            (thinking, sampling),
            "{name}"
        );
        assert_eq!(told, flags, "{name}");
    }
}

#[test]
fn an_effort_that_is_not_known_becomes_the_nearest() {
    use Effort::{High, Low, Max, Medium, Minimal, Xhigh};
    let table = [
        (
            "claude-opus-4-5",
            [(Minimal, Low), (Medium, Medium), (Xhigh, High), (Max, High)],
        ),
        (
            "claude-opus-4-6",
            [(Minimal, Low), (Medium, Medium), (Xhigh, Max), (Max, Max)],
        ),
        (
            "claude-opus-4-7",
            [(Minimal, Low), (Medium, Medium), (Xhigh, Xhigh), (Max, Max)],
        ),
    ];
    for (name, efforts) in table {
        for (asked, wanted) in efforts {
            let found = Capabilities::for_model(name).effort(asked);
            assert_eq!(found, Some(wanted), "{name} {asked:?}");
        }
    }
    assert_eq!(
        Capabilities::for_model("claude-sonnet-4").effort(High),
        None
    );
}
