//! What holds for every row.

use std::collections::HashSet;

use steeplechase_core::model_info::{Ability, Mode};
use steeplechase_core::price::{Rate, Service, Unit};

use super::*;

#[test]
fn every_row_is_read_and_none_is_there_twice() {
    let table = ModelTable::read().unwrap_or_else(|why| panic!("{why}"));
    assert!(table.models().len() >= 1_000, "{}", table.models().len());
    let ids: HashSet<_> = table
        .models()
        .iter()
        .map(|it| it.id().to_ascii_lowercase())
        .collect();
    assert_eq!(ids.len(), table.models().len());
}

#[test]
fn a_row_that_is_wrong_is_named_by_its_line() {
    for (text, why) in [
        ("a chat 1/1", "line 1: a model without a source"),
        ("source 2026-01-01", "line 1: a source without a page"),
        ("  in 1", "line 1: rates without a model"),
        (
            "source 2026-01-01 u\na poem 1/1",
            "line 2: there is no mode `poem`",
        ),
        (
            "source 2026-01-01 u\na chat",
            "line 2: a model without limits",
        ),
        (
            "source 2026-01-01 u\na chat 1",
            "line 2: `1` should be like 128000/16384",
        ),
        ("source 2026-01-01 u\na chat x/1", "line 2: `x` is no limit"),
        (
            "source 2026-01-01 u\na chat 1/1 fly",
            "line 2: there is no ability `fly`",
        ),
        (
            "source 2026-01-01 u\na chat 1/1\n  in",
            "line 3: `in` of what?",
        ),
        (
            "source 2026-01-01 u\na chat 1/1\n  inn 1",
            "line 3: there is no unit `inn`",
        ),
        (
            "source 2026-01-01 u\na chat 1/1\n  in x",
            "line 3: `x`: this is no decimal number",
        ),
        (
            "source 2026-01-01 u\na chat 1/1\n  above - in 1",
            "line 3: above what?",
        ),
    ] {
        let read = text::read("p", text, &mut Vec::new());
        assert_eq!(read.unwrap_err(), format!("p, {why}"), "{text}");
    }
}

#[test]
fn every_row_has_a_page_and_a_day() {
    for model in all() {
        let source = model.source().expect("the reader demands one");
        assert!(source.starts_with("https://"), "{}: {source}", model.id());
        let date = model.date().expect("the reader demands one");
        let is_day = date.len() == 10 && date.split('-').count() == 3 && date.starts_with("20");
        assert!(is_day, "{}: {date}", model.id());
    }
}

#[test]
fn every_limit_is_plausible() {
    for model in all() {
        let limits = [
            model.info().max_input_tokens,
            model.info().max_output_tokens,
        ];
        for limit in limits.into_iter().flatten() {
            assert!(
                (64..=20_000_000).contains(&limit),
                "{}: {limit}",
                model.id()
            );
        }
    }
}

#[test]
fn every_model_has_a_price_and_no_price_is_absurd() {
    // Dollars for a million tokens.
    let most = Rate::per_million("1000").unwrap();
    for model in all() {
        let price = model.price();
        assert!(!price.is_empty(), "{}", model.id());
        let sizes = std::iter::once(0).chain(price.thresholds().map(|size| size + 1));
        for (size, service) in sizes.flat_map(|size| Service::ALL.map(|service| (size, service))) {
            let rates = price.rates(service, size);
            for unit in Unit::ALL.into_iter().filter(|unit| unit.is_token()) {
                assert!(rates.get(unit) < most, "{}: {unit:?}", model.id());
            }
        }
        let rates = price.rates(Service::Standard, 0);
        let is_paid = |unit| rates.get(unit) > Rate::ZERO;
        match model.info().mode.expect("the reader demands one") {
            Mode::Chat | Mode::Completion | Mode::Responses => {
                assert!(
                    is_paid(Unit::Input) && is_paid(Unit::Output),
                    "{}",
                    model.id()
                );
            }
            _ => assert!(
                is_paid(Unit::Input) || is_paid(Unit::Search) || is_paid(Unit::Request),
                "{}",
                model.id()
            ),
        }
    }
}

#[test]
fn cached_input_costs_no_more_than_fresh_and_a_long_prompt_no_less_than_a_short_one() {
    for model in all() {
        let price = model.price();
        let short = price.rates(Service::Standard, 0);
        assert!(
            short.get(Unit::CacheRead) <= short.get(Unit::Input),
            "{}",
            model.id()
        );
        for size in price.thresholds() {
            let long = price.rates(Service::Standard, size + 1);
            for unit in [Unit::Input, Unit::Output] {
                assert!(
                    long.get(unit) >= short.get(unit),
                    "{} above {size}",
                    model.id()
                );
            }
        }
    }
}

#[test]
fn the_providers_that_matter_are_there() {
    for (provider, least) in [
        ("anthropic", 15),
        ("azure", 100),
        ("bedrock", 150),
        ("cohere", 5),
        ("deepseek", 4),
        ("fireworks_ai", 50),
        ("gemini", 20),
        ("groq", 3),
        ("mistral", 30),
        ("openai", 50),
        ("together_ai", 20),
        ("vertex_ai", 50),
        ("voyage", 10),
        ("xai", 20),
    ] {
        let count = all().filter(|model| model.provider() == provider).count();
        assert!(count >= least, "{provider}: {count}");
    }
    for mode in [Mode::Chat, Mode::Embedding, Mode::Rerank] {
        assert!(
            all().any(|model| model.info().mode == Some(mode)),
            "{mode:?}"
        );
    }
    let sees = |model: &&Model| model.info().abilities.get(Ability::Vision) == Some(true);
    assert!(all().filter(sees).count() > 300);
}
