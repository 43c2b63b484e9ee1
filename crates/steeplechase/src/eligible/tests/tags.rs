//! Who may serve a call by its tags.

use super::*;

fn deployment(id: &str, tags: &[&str]) -> Arc<Deployment> {
    builder(id).tags(tags.iter().copied()).build()
}

fn group() -> [Arc<Deployment>; 4] {
    [
        deployment("free", &["free"]),
        deployment("paid", &["paid", "eu"]),
        deployment("default", &["default"]),
        deployment("plain", &[]),
    ]
}

fn tagged(tags: &[&str]) -> Request<Call> {
    asking(|asked| asked.tags = tags.iter().map(|tag| (*tag).into()).collect())
}

fn able(rules: Tags, group: &[Arc<Deployment>], tags: &[&str]) -> Vec<String> {
    let rules = Eligibility::new().tags(rules);
    eligible(&rules, group, &tagged(tags)).unwrap_or_default()
}

#[test]
fn a_call_goes_to_those_with_one_of_its_tags() {
    for (tags, expected) in [
        (&["free"][..], &["free"][..]),
        (&["paid"], &["paid"]),
        (&["free", "paid"], &["free", "paid"]),
        (&["free", "mars"], &["free"]),
        (&[], &["default"]),
        (&["mars"], &["default"]),
        (&["default"], &["default"]),
    ] {
        assert_eq!(able(Tags::new(), &group(), tags), expected, "{tags:?}");
    }
}

#[test]
fn or_to_those_with_all_of_them() {
    let all = || Tags::new().match_any(false);
    for (tags, expected) in [
        (&["paid"][..], &["paid"][..]),
        (&["paid", "eu"], &["paid"]),
        (&["free", "eu"], &[]),
        (&["paid", "mars"], &[]),
        (&[], &["default"]),
        (&["mars", "venus"], &["default"]),
    ] {
        assert_eq!(able(all(), &group(), tags), expected, "{tags:?}");
    }
}

#[test]
fn a_tag_may_be_required_or_excluded() {
    let group = [
        deployment("a", &["chat", "eu"]),
        deployment("b", &["chat", "us"]),
        deployment("c", &["default", "us"]),
        deployment("d", &["default", "slow"]),
    ];
    for (tags, expected) in [
        (&["&eu"][..], &["a"][..]),
        (&["&us"], &["b", "c"]),
        (&["chat", "&us"], &["b"]),
        (&["chat", "!us"], &["a"]),
        (&["!us"], &["d"]),
        (&["!slow"], &["c"]),
        (&["mars", "!us"], &["d"]),
        (&["&mars"], &[]),
        (&["chat", "&mars"], &[]),
        // A mark without a tag asks for nothing.
        (&["&", "!"], &["c", "d"]),
    ] {
        assert_eq!(able(Tags::new(), &group, tags), expected, "{tags:?}");
    }
}

#[test]
fn only_tags_with_the_prefix_count_if_there_is_one() {
    let rules = || Tags::new().prefix("route:");
    for (tags, expected) in [
        (&["route:free"][..], &["free"][..]),
        (&["route:&eu", "team-a"], &["paid"]),
        (&["free", "paid"], &["default"]),
    ] {
        assert_eq!(able(rules(), &group(), tags), expected, "{tags:?}");
    }
}

#[test]
fn without_a_default_an_untagged_call_goes_everywhere_and_an_unknown_tag_nowhere() {
    let group = &group()[..2];
    assert_eq!(able(Tags::new(), group, &[]), ["free", "paid"]);
    let rules = Eligibility::new().tags(Tags::new());
    let error = eligible(&rules, group, &tagged(&["mars", "&venus"])).unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.param()),
        (403, Some("tags"))
    );
    assert_eq!(error.code(), Some("tags_not_allowed"));
    assert!(error.message().contains("`mars`, `&venus`"), "{error}");
}

#[test]
fn tags_count_where_somebody_has_said_so() {
    let (group, call) = (group(), tagged(&["free"]));
    for (all, of_group, counts) in [
        (false, None, false),
        (false, Some(true), true),
        (true, None, true),
        (true, Some(false), false),
    ] {
        let rules = Eligibility::new().tags(all.then(Tags::new));
        assert_eq!(rules.of(&group, of_group).may_exclude(&call), counts);
    }
}

#[test]
fn a_deployment_that_is_down_is_not_replaced_by_one_without_its_tag() {
    use std::time::Duration;

    let group = group();
    let until = tokio::time::Instant::now() + Duration::from_secs(60);
    group[0].health().cool_until(until);
    assert_eq!(able(Tags::new(), &group, &["free"]), ["free"]);
}
