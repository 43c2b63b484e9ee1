//! Texts with variables in them.

use proptest::prelude::*;

use super::super::template::Template;
use super::*;

fn template(text: &str) -> Template {
    Template::try_from(text.to_owned()).unwrap()
}

#[test]
fn variables_are_replaced_by_the_first_that_is_set_or_by_the_default() {
    let variables = [("B", "2"), ("C", "3")];
    for (text, expected) in [
        ("", Ok("")),
        ("a.b", Ok("a.b")),
        ("{B}", Ok("2")),
        ("x{A|B|C}y{C}", Ok("x2y3")),
        ("{A:us-east-1}.z", Ok("us-east-1.z")),
        ("{A:}", Ok("")),
        ("{B:1}", Ok("2")),
        ("{B}{A|D}", Err("A D")),
    ] {
        let template = template(text);
        let expanded = template
            .expand(env(&variables))
            .map_err(|names| names.join(" "));
        assert_eq!(
            expanded.as_deref().map_err(String::as_str),
            expected,
            "{text}"
        );
        assert_eq!(template.as_str(), text);
    }
    let names: Vec<_> = template("{A|B}{C:d}")
        .variables()
        .map(str::to_owned)
        .collect();
    assert_eq!(names, ["A", "B", "C"]);
}

#[test]
fn what_is_no_variable_is_refused() {
    for text in ["{", "{}", "a{A", "{A B}", "{A|}", "{a-b}", "{{A}}"] {
        assert!(Template::try_from(text.to_owned()).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_text_without_braces_is_itself_and_nothing_panics(text in "[^{}]{0,20}", any in ".{0,20}") {
        let expanded = template(&text).expand(|_| None).unwrap();
        prop_assert_eq!(expanded, text);
        if let Ok(template) = Template::try_from(any) {
            let _ = template.expand(|_| Some("x".into()));
        }
    }
}
