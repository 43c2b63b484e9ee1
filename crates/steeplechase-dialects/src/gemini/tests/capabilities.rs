use crate::chat::Effort;
use crate::gemini::{Capabilities, Resolution, Thinking};

fn of(name: &str) -> Capabilities {
    Capabilities::for_model(name)
}

#[test]
fn a_name_says_what_a_model_can_do() {
    let budget = |minimal, least| Thinking::Budget { minimal, least };
    let two = &[Effort::Low, Effort::High];
    let three = &[Effort::Low, Effort::Medium, Effort::High];
    let four = &[Effort::Minimal, Effort::Low, Effort::Medium, Effort::High];
    for (name, thinking) in [
        ("gemini-1.5-pro-002", Thinking::Never),
        ("gemini-2.0-flash-001", Thinking::Never),
        ("gemini-2.5-flash", budget(1, 0)),
        ("models/gemini-2.5-flash-preview-04-17", budget(1, 0)),
        ("google/gemini-2.5-flash-lite", budget(512, 0)),
        ("gemini-2.5-pro", budget(128, 128)),
        ("gemini-2.5-flash-image", Thinking::Never),
        ("gemini-2.5-pro-preview-tts", Thinking::Never),
        ("gemini-3-pro-preview", Thinking::Level(two)),
        ("gemini-3.1-pro-preview", Thinking::Level(three)),
        ("gemini-3-flash-preview", Thinking::Level(four)),
        ("gemini-3.1-flash-lite-preview", Thinking::Level(four)),
        ("gemini-4-ultra", Thinking::Level(three)),
        ("gemini-flash-latest", Thinking::Level(four)),
        ("gemini-pro-latest", Thinking::Level(three)),
        ("gemma-3-27b-it", Thinking::Never),
        ("1234567890", Thinking::Never),
    ] {
        assert_eq!(of(name).thinking, thinking, "{name}");
    }
}

#[test]
fn each_generation_takes_more_than_the_one_before() {
    let names = [
        "gemini-1.5-flash",
        "gemini-2.0-flash",
        "gemini-2.5-flash",
        "gemini-3-flash",
    ];
    let [one, two, two_5, three] = names.map(of);
    assert!(!one.answer_schema && two.answer_schema);
    assert!(!two.tool_schema && two_5.tool_schema);
    assert!(!two_5.json_with_tools && three.json_with_tools);
    assert!(!two_5.sealed_calls && three.sealed_calls);
    assert!(two_5.penalties && !three.penalties);
    let resolutions = [one, two, two_5, three].map(|it| it.resolution);
    let wanted = [
        Resolution::None,
        Resolution::All,
        Resolution::All,
        Resolution::Each,
    ];
    assert_eq!(resolutions, wanted);
    assert!(!of("gemma-3-4b-it").system);
}
