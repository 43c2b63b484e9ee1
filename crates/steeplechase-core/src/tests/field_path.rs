use proptest::prelude::*;

use crate::FieldPath;
use crate::field_path::Step;

fn field(name: &str) -> Step {
    Step::Field(name.into())
}

#[test]
fn a_path_is_names_and_items_and_ends_with_a_name() {
    for (text, steps) in [
        ("top_k", vec![field("top_k")]),
        ("a.b", vec![field("a"), field("b")]),
        ("a[*].b", vec![field("a"), Step::Items, field("b")]),
        (
            "a[12][*].b",
            vec![field("a"), Step::Item(12), Step::Items, field("b")],
        ),
        (
            "messages[*].name",
            vec![field("messages"), Step::Items, field("name")],
        ),
    ] {
        assert_eq!(FieldPath::parse(text).unwrap().steps(), steps, "{text}");
    }
    for text in [
        "", ".", "a.", ".a", "a..b", "[*].a", "a[", "a[*", "a[x].b", "a[-1].b", "a[].b", "a]b",
        "a[*]b", "a[*]", "a[0]", "model", "messages", "input", "prompt",
    ] {
        assert!(FieldPath::parse(text).is_err(), "{text}");
    }
    assert!(FieldPath::parse(&["a"; 20].join(".")).is_ok());
    assert!(FieldPath::parse(&["a"; 21].join(".")).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,40}") {
        _ = FieldPath::parse(&text);
    }
}
