//! The weights of characters.

use std::time::Duration;

use proptest::prelude::*;
use steeplechase_core::Tally;
use tokio::time::Instant;

use super::samples::SAMPLES;
use super::*;
use crate::tokens::weights::JSON;

/// The families in the order of a sample's counts.
const FAMILIES: [Family; 6] = [
    Family::O200k,
    Family::Cl100k,
    Family::Llama,
    Family::Mistral,
    Family::Claude,
    Family::Gemini,
];

fn estimate(family: Family, text: &str) -> u64 {
    family.weights().tally(text.as_bytes()).tokens()
}

#[test]
fn an_estimate_is_within_the_bounds_that_are_documented() {
    for (at, family) in FAMILIES.into_iter().enumerate() {
        let mut sum = 0.0;
        for sample in &SAMPLES {
            let off = off(estimate(family, sample.text), sample.counts[at]);
            let bound = match sample.name {
                "english" | "rust" | "python" | "markdown" => 20.0,
                "json" => 30.0,
                _ => 40.0,
            };
            assert!(off.abs() < bound, "{family:?} {}: {off:.0} %", sample.name);
            sum += off.abs();
        }
        let mean = sum / f64::from(u8::try_from(SAMPLES.len()).unwrap());
        assert!(mean < 12.0, "{family:?}: {mean:.0} % on average");
    }
}

#[test]
fn families_are_known_by_the_names_that_providers_have_for_their_models() {
    for (family, models) in [
        (
            Family::O200k,
            &[
                "gpt-4o",
                "openai/gpt-4o-mini-2024-07-18",
                "gpt-4.1-nano",
                "gpt-5.1-codex",
                "chatgpt-4o-latest",
                "o1",
                "azure/o3-mini",
                "ft:o4-mini:acme::1",
                "openai.gpt-oss-120b-1:0",
                "ft:gpt-4o-mini:acme",
            ][..],
        ),
        (
            Family::Cl100k,
            &[
                "gpt-4",
                "gpt-4-turbo",
                "gpt-35-turbo",
                "gpt-3.5-turbo-0125",
                "text-embedding-3-small",
                "text-embedding-ada-002",
            ],
        ),
        (
            Family::Claude,
            &[
                "claude-sonnet-4-5",
                "us.anthropic.claude-3-haiku-20240307-v1:0",
            ],
        ),
        (
            Family::Gemini,
            &["gemini-2.5-flash", "google/gemma-3-27b-it"],
        ),
        (
            Family::Llama,
            &[
                "meta-llama/Llama-3.3-70B-Instruct",
                "accounts/fireworks/models/llama-v3p1-8b",
            ],
        ),
        (
            Family::Mistral,
            &[
                "mistral-large-latest",
                "open-mixtral-8x7b",
                "codestral-2501",
            ],
        ),
        (
            Family::Other,
            &["deepseek-chat", "qwen-max", "command-r", "omni-1", "o", ""],
        ),
    ] {
        for model in models {
            assert_eq!(Family::of(model), family, "{model}");
        }
    }
}

#[test]
fn an_estimate_takes_time_in_proportion_to_the_text() {
    const MEGABYTE: usize = 1 << 20;
    for letter in ["a", " ", "\n", "7", "{", "中", "🙂", "\"", "\\"] {
        let text = letter.repeat(MEGABYTE / letter.len());
        let started = Instant::now();
        let tokens = estimate(Family::O200k, &text);
        assert!(JSON.tally_json(text.as_bytes()) < Tally::from_tokens(1 << 22));
        // It takes a few milliseconds, or a hundred times as long in a build without optimisations.
        assert!(started.elapsed() < Duration::from_secs(2), "{letter:?}");
        assert!(
            (60_000..1_000_000).contains(&tokens),
            "{letter:?}: {tokens}"
        );
    }
}

proptest! {
    #[test]
    fn a_text_weighs_as_much_in_pieces_as_it_does_whole(text in ".{0,200}", cut in 0..200_usize) {
        let bytes = text.as_bytes();
        let (head, tail) = bytes.split_at(cut.min(bytes.len()));
        for family in Family::ALL {
            let weights = family.weights();
            prop_assert_eq!(weights.tally(head) + weights.tally(tail), weights.tally(bytes));
        }
    }

    #[test]
    fn escapes_weigh_what_they_stand_for(text in "[a-zA-Z0-9 ,.é中я🙂]{0,60}") {
        let weights = Family::O200k.weights();
        let units: Vec<_> = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let escaped = units.concat();
        prop_assert_eq!(weights.tally_json(escaped.as_bytes()), weights.tally(text.as_bytes()));
        prop_assert_eq!(weights.tally_json(text.as_bytes()), weights.tally(text.as_bytes()));
    }

    #[test]
    fn no_bytes_are_too_much_for_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for family in Family::ALL {
            let most = Tally::from_tokens(4 * bytes.len() as u64);
            prop_assert!(family.weights().tally(&bytes) <= most);
            prop_assert!(family.weights().tally_json(&bytes) <= most);
        }
    }
}
