//! Golden cases: what comes in, and what it costs to the nano-dollar.

use std::sync::Arc;

use super::{price, rate};
use crate::Usage;
use crate::price::{Cost, Price, PriceList, Pricing, Rate, Service, Tier, Unit};

const ALL: Tier = Tier {
    above: 0,
    service: Service::Standard,
};

fn nanos(price: &Price, usage: Usage) -> u64 {
    price.cost(&usage).nanos()
}

/// Figures like those of Anthropic: each kind of input has a rate of its own.
fn with_caches() -> Price {
    price(&[
        (ALL, Unit::Input, "3"),
        (ALL, Unit::CacheRead, "0.30"),
        (ALL, Unit::CacheWrite, "3.75"),
        (ALL, Unit::CacheWriteHour, "6"),
        (ALL, Unit::Output, "15"),
    ])
}

#[test]
fn input_and_output_have_their_rates() {
    let usage = Usage {
        prompt: 1_000,
        completion: 500,
        ..Usage::ZERO
    };
    assert_eq!(nanos(&with_caches(), usage), 1_000 * 3_000 + 500 * 15_000);
    assert_eq!(nanos(&with_caches(), Usage::ZERO), 0);
    assert_eq!(nanos(&Price::default(), usage), 0);
}

#[test]
fn cached_tokens_do_not_cost_as_fresh_ones_and_none_is_counted_twice() {
    let usage = Usage {
        prompt: 10_000,
        cache_read: 6_000,
        cache_write: 3_000,
        cache_write_1h: 1_000,
        ..Usage::ZERO
    };
    let expected = 1_000 * 3_000 + 6_000 * 300 + 2_000 * 3_750 + 1_000 * 6_000;
    assert_eq!(nanos(&with_caches(), usage), expected);
}

#[test]
fn what_has_no_rate_of_its_own_costs_as_what_it_is_a_part_of() {
    let plain = price(&[(ALL, Unit::Input, "1"), (ALL, Unit::Output, "2")]);
    let usage = Usage {
        prompt: 10,
        cache_read: 1,
        cache_write: 2,
        cache_write_1h: 1,
        audio_in: 1,
        image_in: 1,
        completion: 10,
        reasoning: 3,
        audio_out: 1,
        image_out: 1,
        ..Usage::ZERO
    };
    assert_eq!(nanos(&plain, usage), 10 * 1_000 + 10 * 2_000);

    let hour = price(&[(ALL, Unit::Input, "1"), (ALL, Unit::CacheWrite, "1.25")]);
    let written = Usage {
        prompt: 4,
        cache_write: 4,
        cache_write_1h: 4,
        ..Usage::ZERO
    };
    assert_eq!(nanos(&hour, written), 4 * 1_250);
}

#[test]
fn reasoning_audio_and_images_have_their_own_rates_if_they_are_stated() {
    let price = price(&[
        (ALL, Unit::Input, "1"),
        (ALL, Unit::AudioIn, "40"),
        (ALL, Unit::ImageIn, "5"),
        (ALL, Unit::Output, "2"),
        (ALL, Unit::Reasoning, "3"),
        (ALL, Unit::AudioOut, "80"),
        (ALL, Unit::ImageOut, "30"),
    ]);
    let usage = Usage {
        prompt: 100,
        audio_in: 10,
        image_in: 20,
        completion: 100,
        reasoning: 30,
        audio_out: 5,
        image_out: 6,
        ..Usage::ZERO
    };
    let input = 70 * 1_000 + 10 * 40_000 + 20 * 5_000;
    let output = 59 * 2_000 + 30 * 3_000 + 5 * 80_000 + 6 * 30_000;
    assert_eq!(nanos(&price, usage), input + output);
}

#[test]
fn parts_that_are_more_than_the_whole_are_cut_to_it() {
    let usage = Usage {
        prompt: 10,
        cache_read: 8,
        cache_write: 8,
        cache_write_1h: 99,
        audio_in: 5,
        completion: 3,
        reasoning: 9,
        ..Usage::ZERO
    };
    // Eight were read, two written for an hour, and of the rest there is nothing left.
    assert_eq!(
        nanos(&with_caches(), usage),
        8 * 300 + 2 * 6_000 + 3 * 15_000
    );
}

#[test]
fn a_prompt_above_a_threshold_moves_the_whole_call() {
    let price = price(&[
        (ALL, Unit::Input, "1.25"),
        (ALL, Unit::CacheRead, "0.125"),
        (ALL, Unit::Output, "10"),
        (Tier::above(128_000), Unit::Input, "2"),
        (Tier::above(200_000), Unit::Input, "2.5"),
        (Tier::above(200_000), Unit::Output, "15"),
    ]);
    let with = |prompt| Usage {
        prompt,
        cache_read: 1_000,
        completion: 1_000,
        ..Usage::ZERO
    };
    let at = |prompt: u64, input: u64, output: u64| {
        let expected = (prompt - 1_000) * input + 1_000 * 125 + 1_000 * output;
        assert_eq!(nanos(&price, with(prompt)), expected, "{prompt}");
    };
    at(128_000, 1_250, 10_000);
    at(128_001, 2_000, 10_000);
    at(200_000, 2_000, 10_000);
    at(200_001, 2_500, 15_000);
    at(9_000_000, 2_500, 15_000);
    assert!(price.thresholds().eq([128_000, 200_000]));
}

#[test]
fn a_class_of_service_has_its_own_rates_and_otherwise_the_standard_ones() {
    let flex = Tier::of(Service::Flex);
    let price = price(&[
        (ALL, Unit::Input, "4"),
        (ALL, Unit::Output, "8"),
        (flex, Unit::Input, "2"),
        (Tier::above(1_000), Unit::Input, "6"),
        (
            Tier {
                above: 1_000,
                ..flex
            },
            Unit::Input,
            "3",
        ),
    ]);
    let of = |service, prompt| {
        let rates = price.rates(service, prompt);
        let rate = |unit| rates.get(unit).in_millions().to_string();
        (rate(Unit::Input), rate(Unit::Output))
    };
    let pair = |input: &str, output: &str| (input.to_owned(), output.to_owned());
    assert_eq!(of(Service::Standard, 10), pair("4", "8"));
    assert_eq!(of(Service::Flex, 10), pair("2", "8"));
    assert_eq!(of(Service::Priority, 10), pair("4", "8"));
    assert_eq!(of(Service::Flex, 1_001), pair("3", "8"));
    assert_eq!(of(Service::Priority, 1_001), pair("6", "8"));
    assert_eq!(Service::from_name("flex"), Service::Flex);
    assert_eq!(Service::from_name("scale"), Service::Standard);
}

#[test]
fn a_batch_costs_half_unless_its_price_is_stated() {
    let usage = Usage {
        prompt: 1,
        service: Service::Batch,
        ..Usage::ZERO
    };
    let half = price(&[(ALL, Unit::Input, "3")]);
    assert_eq!(nanos(&half, usage), 1_500);
    let stated = price(&[
        (ALL, Unit::Input, "3"),
        (Tier::of(Service::Batch), Unit::Input, "2"),
    ]);
    assert_eq!(nanos(&stated, usage), 2_000);
}

#[test]
fn what_is_free_is_not_paid_for() {
    let price = price(&[(ALL, Unit::Input, "1"), (ALL, Unit::Output, "10")]);
    let usage = Usage {
        prompt: 95,
        completion: 30,
        free_in: 75,
        free_out: 22,
        ..Usage::ZERO
    };
    assert_eq!(nanos(&price, usage), 20 * 1_000 + 8 * 10_000);
    let more_than_there_is = Usage {
        free_in: 1_000,
        ..usage
    };
    assert_eq!(nanos(&price, more_than_there_is), 8 * 10_000);
}

#[test]
fn calls_searches_seconds_characters_and_images_are_counted_apart() {
    let dollars = |text| Rate::per_unit(text).unwrap();
    let price = Price::builder()
        .rate(Unit::Request, dollars("0.005"))
        .rate(Unit::Search, dollars("0.002"))
        .rate(Unit::Second, dollars("0.0001"))
        .rate(Unit::Character, dollars("0.000015"))
        .rate(Unit::Image, dollars("0.04"))
        .build();
    let usage = Usage {
        searches: 3,
        milliseconds: 1_500,
        characters: 10,
        images: 2,
        ..Usage::ZERO
    };
    let expected = 5_000_000 + 3 * 2_000_000 + 150_000 + 10 * 15_000 + 2 * 40_000_000;
    assert_eq!(nanos(&price, usage), expected);
}

#[test]
fn the_sum_is_rounded_once_a_half_upwards() {
    // 0.02 of a nano-dollar a token.
    let price = price(&[
        (ALL, Unit::Input, "0.00002"),
        (ALL, Unit::Output, "0.00002"),
    ]);
    let cost = |prompt, completion| {
        nanos(
            &price,
            Usage {
                prompt,
                completion,
                ..Usage::ZERO
            },
        )
    };
    assert_eq!(
        (cost(24, 0), cost(25, 0), cost(74, 0), cost(75, 0)),
        (0, 1, 1, 2)
    );
    assert_eq!(cost(13, 12), 1, "each part alone would be nothing");
}

#[test]
fn a_price_of_ones_own_takes_with_it_what_follows_from_the_one_it_replaces() {
    let catalog = price(&[
        (ALL, Unit::Input, "3"),
        (ALL, Unit::CacheRead, "0.3"),
        (ALL, Unit::CacheWrite, "3.75"),
        (ALL, Unit::Output, "15"),
        (Tier::above(200_000), Unit::Input, "6"),
        (Tier::of(Service::Flex), Unit::Output, "7.5"),
    ]);
    let rates = |price: &Price, service, prompt| {
        let rates = price.rates(service, prompt);
        [
            Unit::Input,
            Unit::CacheRead,
            Unit::CacheWriteHour,
            Unit::Output,
        ]
        .map(|unit| rates.get(unit).in_millions().to_string())
    };
    // One for input, and with it for all input.
    let own = catalog.with(&price(&[(ALL, Unit::Input, "1")]));
    assert_eq!(rates(&own, Service::Standard, 1), ["1", "1", "1", "15"]);
    assert_eq!(rates(&own, Service::Flex, 300_000), ["1", "1", "1", "7.5"]);
    // One for cached input, and for nothing else.
    let own = catalog.with(&price(&[(ALL, Unit::CacheRead, "0.1")]));
    assert_eq!(
        rates(&own, Service::Standard, 1),
        ["3", "0.1", "3.75", "15"]
    );
    // One for some calls.
    let own = catalog.with(&price(&[(Tier::above(200_000), Unit::Output, "20")]));
    assert_eq!(
        rates(&own, Service::Standard, 300_000),
        ["6", "0.3", "3.75", "20"]
    );
    assert_eq!(
        rates(&own, Service::Standard, 1),
        ["3", "0.3", "3.75", "15"]
    );
    assert_eq!(catalog.with(&Price::default()), catalog);
}

#[test]
fn every_unit_has_a_name_of_its_own() {
    for unit in Unit::ALL {
        assert_eq!(Unit::from_name(unit.as_str()), Some(unit));
    }
    assert_eq!(Unit::from_name("dream"), None);
}

#[derive(Debug)]
struct OnlyOne(Arc<Price>);

impl PriceList for OnlyOne {
    fn pricing(&self, upstream_model: &str) -> Pricing {
        match upstream_model {
            "one" => Pricing::Known(Arc::clone(&self.0)),
            _ => Pricing::Denied,
        }
    }
}

#[test]
fn who_does_not_know_the_price_does_not_make_one_up() {
    let usage = Usage {
        prompt: 1,
        reported: Some(Cost::from_nanos(42)),
        ..Usage::ZERO
    };
    let price = Arc::new(Price::builder().rate(Unit::Input, rate("1")).build());
    let known = || Arc::clone(&price);
    let list = Pricing::ByModel(Arc::new(OnlyOne(known())));
    for (pricing, nanos) in [
        (Pricing::Unpriced, None),
        (Pricing::Denied, None),
        (list.clone(), None),
        (list.of("one"), Some(1_000)),
        (list.of("two"), None),
        (Pricing::Known(known()), Some(1_000)),
        (Pricing::Estimated(known()), Some(1_000)),
        (Pricing::Reported(None), Some(42)),
        (Pricing::Reported(Some(known())), Some(42)),
    ] {
        let cost = pricing.cost(&usage).map(Cost::nanos);
        assert_eq!(cost, nanos, "{pricing:?}");
        assert_eq!(
            pricing.is_estimated(),
            matches!(pricing, Pricing::Estimated(_))
        );
    }
    let silent = Usage {
        reported: None,
        ..usage
    };
    let pricing = Pricing::Reported(Some(known()));
    assert_eq!(pricing.cost(&silent).map(Cost::nanos), Some(1_000));
    assert_eq!(Pricing::Reported(None).cost(&silent), None);
    assert!(matches!(pricing.of("any"), Pricing::Reported(Some(_))));
}
