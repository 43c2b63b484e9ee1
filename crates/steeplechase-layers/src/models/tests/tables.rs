//! What makes a table, one sentence for each test.

use super::*;

fn listed(table: &Table<u8>) -> Vec<&str> {
    table.names().iter().map(|name| &**name).collect()
}

#[test]
fn names_are_listed_in_order_and_hidden_ones_are_not() {
    let table = Table::builder()
        .group("fast", 1, None)
        .alias("quick", "slow")
        .group("slow", 2, None)
        .alias("secret", "fast")
        .hide("secret")
        .group("inner", 3, None)
        .hide("inner")
        .build()
        .unwrap();
    assert_eq!(listed(&table), ["fast", "slow", "quick"]);
    assert_eq!(table.get("secret"), Some(&1));
    assert_eq!(table.get("inner"), Some(&3));
    assert_eq!(table.get("quick"), Some(&2));
    assert_eq!(table.get("Fast"), None);
}

#[test]
fn a_name_is_known_without_what_claude_code_puts_after_it() {
    let table = Table::builder()
        .group("fast", 1, None)
        .group("own[1m]", 2, None)
        .group("own", 3, None)
        .group("claude/*", 4, None)
        .alias("quick", "fast")
        .build()
        .unwrap();
    for (model, known) in [
        ("fast[1m]", "fast"),
        ("quick[1m]", "quick"),
        ("claude/opus[1m]", "claude/opus"),
        // It is known as it is, or not at all.
        ("own[1m]", "own[1m]"),
        ("slow[1m]", "slow[1m]"),
        ("fast[1m]x", "fast[1m]x"),
        ("[1m]", "[1m]"),
        ("fast", "fast"),
    ] {
        assert_eq!(table.known(model), known);
    }
}

#[test]
fn an_alias_with_the_name_of_a_group_hides_the_group() {
    let table = Table::builder()
        .group("large", 1, None)
        .group("small", 2, None)
        .alias("large", "small")
        .alias("really-large", "large")
        .build()
        .unwrap();
    assert_eq!(table.get("large"), Some(&2));
    // An alias is for a group, whatever else has the group's name.
    assert_eq!(table.get("really-large"), Some(&1));
    assert_eq!(listed(&table), ["large", "small", "really-large"]);
}

#[test]
fn a_table_that_cannot_be_meant_says_which_name_is_wrong() {
    let fast = || Table::builder().group("fast", 1, None);
    for (builder, name, says) in [
        (fast().group("", 2, None), "", "empty"),
        (fast().alias("", "fast"), "", "empty"),
        (
            fast().group("fast", 2, None),
            "fast",
            "two of the group `fast`",
        ),
        (
            fast().alias("a", "fast").alias("a", "fast"),
            "a",
            "two of the alias `a`",
        ),
        (
            fast().alias("a", "fsat"),
            "a",
            "is for `fsat`, which is no group",
        ),
        (
            fast().alias("a", "fast").alias("b", "a"),
            "b",
            "not of an alias",
        ),
        (fast().hide("fsat"), "fsat", "neither a group nor an alias"),
    ] {
        let debug = format!("{builder:?}");
        let error = builder.build().unwrap_err();
        assert_eq!(error.name(), name, "{debug}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn an_empty_table_is_a_table() {
    let table = Table::<u8>::builder().build().unwrap();
    assert!(table.names().is_empty());
    assert_eq!(table.get("fast"), None);
}

#[test]
fn a_table_can_be_made_of_another() {
    let table = Table::builder()
        .group("fast", 1, None)
        .alias("quick", "fast")
        .build()
        .unwrap();
    let table = table.map(|n| n + 1);
    assert_eq!(table.get("quick"), Some(&2));
    assert_eq!(listed(&table), ["fast", "quick"]);
}

#[test]
fn a_name_with_a_star_serves_what_fits_it_and_has_no_group_of_its_own() {
    let table = Table::builder()
        .group("*", "all", None)
        .group("openai/*", "openai", None)
        .group("openai/gpt-*-mini", "mini", None)
        .group("openai/gpt-4o", "own", None)
        .build()
        .unwrap();
    for (model, group) in [
        ("openai/gpt-4o", "own"),
        ("openai/gpt-4o-mini", "mini"),
        ("openai/gpt-mini", "openai"),
        ("openai/", "openai"),
        ("openai", "all"),
        ("anything", "all"),
    ] {
        assert_eq!(table.get(model), Some(&group), "{model}");
    }
}
