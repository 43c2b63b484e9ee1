//! Who may serve the calls of a program.

use super::*;

fn deployment(id: &str, tags: &[&str], patterns: &[&str]) -> Arc<Deployment> {
    let builder = builder(id).tags(tags.iter().copied());
    builder.user_agents(patterns.iter().copied()).build()
}

fn group() -> [Arc<Deployment>; 4] {
    [
        deployment("claude", &[], &["^User-Agent: claude-cli/"]),
        deployment("curl", &["tools"], &["(?i)curl", "wget"]),
        deployment("default", &["default"], &[]),
        deployment("plain", &[], &[]),
    ]
}

fn of(program: &str, tags: &[&str]) -> Request<Call> {
    asking(|asked| {
        asked.tags = tags.iter().map(|tag| (*tag).into()).collect();
        asked.program = (!program.is_empty()).then(|| program.into());
    })
}

fn able(rules: Tags, group: &[Arc<Deployment>], request: &Request<Call>) -> Vec<String> {
    let rules = Eligibility::new().tags(rules);
    eligible(&rules, group, request).unwrap_or_default()
}

#[test]
fn a_call_goes_to_those_that_are_for_its_program_or_have_its_tags() {
    for (program, tags, expected) in [
        ("claude-cli/1.0", &[][..], &["claude"][..]),
        ("CURL/8.5.0", &[], &["curl"]),
        ("wget/1", &[], &["curl"]),
        ("not claude-cli/1.0", &[], &["default"]),
        ("", &[], &["default"]),
        ("python/3", &["tools"], &["curl"]),
        ("claude-cli/1.0", &["tools"], &["claude", "curl"]),
        ("claude-cli/1.0", &["mars"], &["claude"]),
        ("python/3", &["mars"], &["default"]),
        // Who requires a tag has named a deployment.
        ("claude-cli/1.0", &["&tools"], &["curl"]),
        // Who is excluded is not asked for its programs.
        ("curl/8", &["!tools"], &["default"]),
    ] {
        let request = of(program, tags);
        assert_eq!(
            able(Tags::new(), &group(), &request),
            expected,
            "{program} {tags:?}"
        );
    }
}

#[test]
fn where_all_tags_are_needed_a_program_does_not_get_around_them() {
    let all = || Tags::new().match_any(false);
    for (program, tags, expected) in [
        ("curl/8", &[][..], &["default"][..]),
        ("curl/8", &["mars"], &["default"]),
        ("curl/8", &["tools"], &["curl"]),
        ("claude-cli/1.0", &[], &["claude"]),
        ("claude-cli/1.0", &["mars"], &["claude"]),
    ] {
        let request = of(program, tags);
        assert_eq!(
            able(all(), &group(), &request),
            expected,
            "{program} {tags:?}"
        );
    }
}

#[test]
fn a_program_that_nobody_is_for_is_named_if_there_is_no_default() {
    let group = [
        deployment("claude", &[], &["^User-Agent: claude-cli/"]),
        deployment("plain", &[], &[]),
    ];
    let rules = Eligibility::new().tags(Tags::new());
    let error = eligible(&rules, &group, &of("python/3", &[])).unwrap_err();
    assert_eq!(error.status(), http::StatusCode::FORBIDDEN);
    assert!(
        error
            .message()
            .ends_with("a call of `User-Agent: python/3`"),
        "{error}"
    );
    // Without a name, it is as without tags.
    assert_eq!(able(Tags::new(), &group, &of("", &[])), ["claude", "plain"]);
}

#[test]
fn a_pattern_that_makes_no_sense_is_for_nobody_and_says_what_is_wrong() {
    let group = [
        deployment("a", &[], &["(", "curl"]),
        deployment("b", &["default"], &["["]),
    ];
    assert_eq!(able(Tags::new(), &group, &of("curl/8", &[])), ["a"]);
    assert_eq!(able(Tags::new(), &group, &of("[", &[])), ["b"]);
    assert_eq!(Tags::check_pattern("^User-Agent: a+"), Ok(()));
    assert_eq!(Tags::check_pattern("(a").unwrap_err(), "unclosed group");
}

#[test]
fn programs_do_not_count_where_tags_do_not() {
    let all = eligible(&Eligibility::new(), &group(), &of("curl/8", &[]));
    assert_eq!(all.unwrap().len(), 4);
}
