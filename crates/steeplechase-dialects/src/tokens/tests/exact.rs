//! OpenAI's own encodings.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::samples::SAMPLES;
use super::*;

#[test]
fn texts_have_as_many_tokens_as_openai_says() {
    // From OpenAI's guide to counting tokens.
    for (text, o200k, cl100k) in [
        ("tiktoken is great!", 6, 6),
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
        ("お誕生日おめでとう", 8, 9),
        ("", 0, 0),
    ] {
        assert_eq!(count_text("gpt-4o", text), Count::exact(o200k), "{text}");
        assert_eq!(count_text("gpt-4", text), Count::exact(cl100k), "{text}");
    }
    for sample in &SAMPLES {
        let [o200k, cl100k, ..] = sample.counts;
        assert_eq!(count_text(Family::O200k, sample.text), Count::exact(o200k));
        assert_eq!(
            count_text(Family::Cl100k, sample.text),
            Count::exact(cl100k)
        );
    }
}

#[test]
fn what_looks_like_a_mark_of_the_encoding_is_text() {
    assert!(count_text("gpt-4o", "<|endoftext|>").tokens > 1);
}

#[test]
fn a_long_text_is_cut_where_its_tokens_are() {
    let text = SAMPLES.map(|sample| sample.text).join("\n\n").repeat(40);
    assert!(text.len() > 200_000);
    let whole = tiktoken::get_encoding("o200k_base").unwrap().count(&text);
    assert_eq!(count_text("gpt-4o", &text), Count::exact(whole as u64));
}

#[test]
fn what_cannot_be_cut_is_cut_anyway_and_counts_as_an_estimate() {
    const MEGABYTE: usize = 1 << 20;
    for (letter, tokens) in [("a", 131_072), (" ", 8_192), ("中", 349_525)] {
        let text = letter.repeat(MEGABYTE / letter.len());
        let started = Instant::now();
        let count = count_text("gpt-4o", &text);
        // A fifth of a second with optimisations.
        assert!(started.elapsed() < Duration::from_secs(20), "{letter:?}");
        assert!(!count.is_exact);
        assert!(
            off(count.tokens, tokens).abs() < 1.0,
            "{letter:?}: {}",
            count.tokens
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_is_too_much_for_it(text in "\\PC{0,200}") {
        let count = count_text("gpt-4o", &text);
        prop_assert!(count.is_exact && count.tokens <= text.len() as u64);
    }
}
