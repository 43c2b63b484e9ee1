use proptest::prelude::*;

use super::super::overlap::Overlap;

/// What is handed on of a rest that comes in these pieces.
fn rest(first: &str, pieces: &[&str]) -> String {
    let mut overlap = Overlap::after(first);
    let mut out: String = pieces.iter().map(|piece| overlap.take(piece)).collect();
    out.push_str(&overlap.settle());
    out
}

#[test]
fn what_the_rest_repeats_is_dropped_once() {
    for (first, pieces, expected) in [
        (
            "The capital of Fra",
            &["nce is ", "Paris"][..],
            "nce is Paris",
        ),
        ("Hello, wor", &["wor", "ld!"], "ld!"),
        ("Hello, wor", &["w", "o", "r", "ld!"], "ld!"),
        ("Hello, wor", &["Hello, world!"], "ld!"),
        // The white space that was left out of the call.
        ("fn f() {\n    ", &["\n    1\n}"], "1\n}"),
        ("Over ", &[" the"], "the"),
        ("Over ", &["the"], "the"),
        // Too few to be an echo.
        ("ha", &["haha"], "haha"),
        ("1", &["1 apples"], "1 apples"),
        // An echo that does not go on to be one.
        ("Hello, wor", &["wo", "men"], "women"),
        ("", &["a"], "a"),
        ("abcabc", &["abcd"], "d"),
        ("日本語", &["日本語です"], "です"),
        ("all of it", &["all of it"], ""),
    ] {
        assert_eq!(rest(first, pieces), expected, "{first:?} {pieces:?}");
    }
}

#[test]
fn no_more_is_repeated_than_256_characters() {
    let first = "x".repeat(300) + "y";
    let echo = format!("{}y", "x".repeat(255));
    assert_eq!(rest(&first, &[&echo, "!"]), "!");
    let echo = format!("{}y", "x".repeat(256));
    assert_eq!(rest(&first, &[&echo, "!"]), format!("{echo}!"));
}

#[test]
fn a_rest_that_repeats_nothing_is_not_held_back() {
    let mut overlap = Overlap::after("The capital of Fra");
    assert_eq!(overlap.take("nce"), "nce");
    assert_eq!(
        overlap.take("capital of Fra"),
        "capital of Fra",
        "it is settled"
    );
}

proptest! {
    #[test]
    fn it_does_not_matter_how_the_rest_is_cut(
        first in "[ab é]{0,6}",
        second in "[ab é]{0,9}",
        cuts in proptest::collection::vec(0..9_usize, 0..4),
    ) {
        let mut pieces = Vec::new();
        let mut left = &*second;
        for cut in cuts {
            let at = left.char_indices().nth(cut).map_or(left.len(), |(at, _)| at);
            let (piece, more) = left.split_at(at);
            pieces.push(piece);
            left = more;
        }
        pieces.push(left);
        let whole = rest(&first, &[&second]);
        prop_assert_eq!(rest(&first, &pieces), &*whole);
        // What is dropped is in both.
        let dropped = second.strip_suffix(&*whole).unwrap();
        prop_assert!(first.ends_with(dropped));
    }
}
