//! What is found, and where.

use serde_json::{Value, json};

use super::text::is_base64;
use super::*;

static LEAF: Shape = Shape::one_of(&[("someText", Kind::Text), ("bytes", Kind::Bytes)]);
static TREE: Shape = Shape::of(&[
    ("leaves", Kind::List(&Kind::Object(&LEAF))),
    ("subTree", Kind::Object(&TREE)),
    ("count", Kind::Integer),
    ("mode", Kind::Word(&["FAST", "SLOW"])),
    ("labels", Kind::Map(&Kind::Text)),
])
.with(&["count"]);

fn found(value: Value, style: Style) -> Vec<String> {
    let Value::Object(mut object) = value else {
        unreachable!("the cases are objects")
    };
    let found = check(&mut object, &TREE, style, &["hidden"]);
    let found = found.iter();
    found
        .map(|wrong| format!("{wrong}: {:?}", wrong.wrong))
        .collect()
}

#[test]
fn all_that_is_wrong_is_found_with_its_place() {
    let tree = json!({
        "count": 1.5,
        "leaves": [{"someText": "x"}, {}, {"bytes": "!"}, 3],
        "subTree": {"mode": "fast", "twig": 1},
        "labels": {"a": 1},
    });
    assert_eq!(
        found(tree, Style::Exact),
        [
            "count: Kind(Number(1.5), \"integer\")",
            "leaves[1]: Union(0)",
            "leaves[2].bytes: Kind(String(\"!\"), \"bytes\")",
            "leaves[3]: Kind(Number(3), \"object\")",
            "subTree.mode: Word(String(\"fast\"), [\"FAST\", \"SLOW\"])",
            "subTree: Unknown(\"twig\")",
            "subTree: Missing(\"count\")",
            "labels.a: Kind(Number(1), \"string\")",
        ]
    );
}

#[test]
fn google_reads_snakes_words_in_any_case_and_numbers_in_texts() {
    let tree = || json!({"count": "7", "sub_tree": {"count": 1, "mode": "slow"}});
    assert_eq!(found(tree(), Style::Proto), [""; 0]);
    assert_eq!(found(tree(), Style::Exact).len(), 2);
    let Value::Object(mut object) = tree() else {
        unreachable!("it is one")
    };
    check(&mut object, &TREE, Style::Proto, &[]);
    assert_eq!(object["subTree"]["mode"], "slow", "and turns the snakes");
    assert_eq!(snake("subTree"), "sub_tree");
}

#[test]
fn base64_is_known_in_all_its_forms() {
    for text in [
        "Cg==",
        "Cg",
        "-_-_",
        "+/+/",
        "skip_thought_signature_validator",
    ] {
        assert!(is_base64(text), "{text}");
    }
    for text in ["a", "Cg=!", "é"] {
        assert!(!is_base64(text), "{text}");
    }
}
