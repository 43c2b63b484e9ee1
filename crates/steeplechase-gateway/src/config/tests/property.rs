use proptest::prelude::*;

use super::*;

/// Pieces that configurations are made of, so that random ones get past the parser.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "model_list:",
        "model_name:",
        "litellm_params:",
        "model:",
        "router_settings:",
        "fallbacks:",
        "hedge:",
        "race:",
        "weight:",
        "input_cost_per_token:",
        "1.5e-07",
        "timeout:",
        "include:",
        "environment_variables:",
        "<<:",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        "*a",
        "&a ",
        "'",
        "\"",
        "|\n",
        "!!int ",
        "!x ",
        "---\n",
        "os.environ/WORD",
        "os.environ/",
        "openai/*",
        "auto",
        "-1",
        ".nan",
        "1e400",
        "yes",
        "~",
        "\u{feff}",
        "é",
        "\t",
        "# ",
    ];
    prop::sample::select(pieces.map(str::to_owned).to_vec())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat()),
        // A configuration that is sound but for one place.
        (any::<prop::sample::Index>(), piece()).prop_map(|(at, piece)| {
            let text = real::PROXY.to_owned();
            let at = at.index(text.len());
            let at = (at..=text.len())
                .find(|at| text.is_char_boundary(*at))
                .unwrap_or(0);
            format!("{}{piece}{}", &text[..at], &text[at..])
        }),
    ]
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in text()) {
        match Config::parse(&text, "config.yaml", env) {
            Ok(loaded) => prop_assert!(!loaded.config.models.is_empty()),
            Err(errors) => {
                prop_assert!(!errors.as_slice().is_empty());
                let lines = text.split(['\n', '\r']).count() + 1;
                for error in errors.as_slice() {
                    prop_assert!(error.line <= lines, "{error} of {lines} lines");
                }
            }
        }
    }

    #[test]
    fn a_number_is_read_as_it_is_written(rpm: u32, weight in 0.0..1e9, quoted: bool) {
        let quote = if quoted { "'" } else { "" };
        let rpm_line = format!("rpm: {quote}{rpm}{quote}");
        let weight_line = format!("weight: {quote}{weight}{quote}");
        let config = quiet(&with_params(&[&rpm_line, &weight_line]));
        prop_assert_eq!(config.models[0].params.rpm, Some(u64::from(rpm)));
        prop_assert_eq!(config.models[0].params.weight, Some(weight));
    }

    #[test]
    fn a_text_in_quotes_stays_what_it_is(word in "[ -~]{1,40}") {
        let quoted = word.replace('\'', "''");
        prop_assume!(!word.starts_with("os.environ/"));
        let config = quiet(&with_params(&[&format!("zz: '{quoted}'")]));
        prop_assert_eq!(&config.models[0].params.default_params["zz"], &word);
    }
}
