//! What holds for every price and every usage.

use proptest::prelude::*;

use crate::Usage;
use crate::price::{Price, PriceBuilder, Rate, Service, Tier, Unit};

/// A kind of token, and how much of it there is more.
type More = fn(&mut Usage, u64);

/// One more of each kind: a part is a part of its whole.
const KINDS: [(Unit, More); 14] = [
    (Unit::Input, |usage, n| usage.prompt += n),
    (Unit::CacheRead, |usage, n| {
        usage.prompt += n;
        usage.cache_read += n;
    }),
    (Unit::CacheWrite, |usage, n| {
        usage.prompt += n;
        usage.cache_write += n;
    }),
    (Unit::CacheWriteHour, |usage, n| {
        usage.prompt += n;
        usage.cache_write += n;
        usage.cache_write_1h += n;
    }),
    (Unit::AudioIn, |usage, n| {
        usage.prompt += n;
        usage.audio_in += n;
    }),
    (Unit::ImageIn, |usage, n| {
        usage.prompt += n;
        usage.image_in += n;
    }),
    (Unit::Output, |usage, n| usage.completion += n),
    (Unit::Reasoning, |usage, n| {
        usage.completion += n;
        usage.reasoning += n;
    }),
    (Unit::AudioOut, |usage, n| {
        usage.completion += n;
        usage.audio_out += n;
    }),
    (Unit::ImageOut, |usage, n| {
        usage.completion += n;
        usage.image_out += n;
    }),
    (Unit::Search, |usage, n| usage.searches += n),
    (Unit::Image, |usage, n| usage.images += n),
    (Unit::Character, |usage, n| usage.characters += n),
    (Unit::Second, |usage, n| usage.milliseconds += n),
];

fn usage() -> impl Strategy<Value = Usage> {
    proptest::collection::vec(0..1_000_000_u64, KINDS.len()).prop_map(|amounts| {
        let mut usage = Usage::ZERO;
        for ((_, more), amount) in KINDS.iter().zip(amounts) {
            more(&mut usage, amount);
        }
        usage
    })
}

fn unit() -> impl Strategy<Value = Unit> {
    proptest::sample::select(&Unit::ALL[..])
}

fn service() -> impl Strategy<Value = Service> {
    proptest::sample::select(&Service::ALL[..])
}

/// Rates in one tier, up to a hundred dollars for a million.
fn flat() -> impl Strategy<Value = Price> {
    proptest::collection::vec((unit(), 0..100_000_000_u64), 0..12).prop_map(|rates| {
        let add = |builder: PriceBuilder, (unit, picos): (Unit, u64)| match unit {
            Unit::Request => builder,
            _ => builder.rate(unit, Rate::from_picos(picos)),
        };
        rates.into_iter().fold(Price::builder(), add).build()
    })
}

/// Anything that can be stated.
fn any_price() -> impl Strategy<Value = Price> {
    let tier = (prop_oneof![Just(0), 1..2_000_000_u64], service());
    let stated = (tier, unit(), 0..=Rate::MAX.picos());
    proptest::collection::vec(stated, 0..30).prop_map(|stated| {
        let add = |builder: PriceBuilder, ((above, service), unit, picos)| {
            builder.rate_in(Tier { above, service }, unit, Rate::from_picos(picos))
        };
        stated.into_iter().fold(Price::builder(), add).build()
    })
}

fn any_usage() -> impl Strategy<Value = Usage> {
    (proptest::array::uniform16(any::<u64>()), service()).prop_map(|(n, service)| Usage {
        prompt: n[0],
        completion: n[1],
        cache_read: n[2],
        cache_write: n[3],
        cache_write_1h: n[4],
        reasoning: n[5],
        audio_in: n[6],
        audio_out: n[7],
        image_in: n[8],
        image_out: n[9],
        images: n[10],
        searches: n[11],
        characters: n[12],
        milliseconds: n[13],
        free_in: n[14],
        free_out: n[15],
        service,
        reported: None,
        is_estimated: false,
    })
}

proptest! {
    #[test]
    fn two_calls_cost_what_one_of_both_does_but_for_the_rounding(price in flat(), a in usage(), b in usage()) {
        let apart = (price.cost(&a) + price.cost(&b)).nanos();
        let together = price.cost(&(a + b)).nanos();
        prop_assert!(apart.abs_diff(together) <= 1, "{apart} and {together}");
    }

    #[test]
    fn more_of_anything_never_costs_less(price in flat(), usage in usage(), more in 1..100_000_u64) {
        for (unit, add) in KINDS {
            let mut larger = usage;
            add(&mut larger, more);
            prop_assert!(price.cost(&larger) >= price.cost(&usage), "{unit:?}");
        }
    }

    #[test]
    fn one_kind_alone_costs_its_rate(price in flat(), amount in 0..1_000_000_000_u64) {
        for (unit, add) in KINDS {
            let mut usage = Usage::ZERO;
            add(&mut usage, amount);
            let rate = u128::from(price.rates(Service::Standard, 0).get(unit).picos());
            let per = if unit == Unit::Second { 1_000_000 } else { 1_000 };
            let expected = (rate * u128::from(amount) + per / 2) / per;
            prop_assert_eq!(u128::from(price.cost(&usage).nanos()), expected, "{:?}", unit);
        }
    }

    #[test]
    fn a_discount_for_cached_tokens_is_given(prompt in 1..1_000_000_u64, share in 0.0..=1.0_f64, input in 0..100_000_000_u64, off in 0.0..=1.0_f64) {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are small")]
        let part = |whole: u64, share: f64| (whole as f64 * share) as u64;
        let cached = part(input, off);
        let price = Price::builder()
            .rate(Unit::Input, Rate::from_picos(input))
            .rate(Unit::CacheRead, Rate::from_picos(cached))
            .build();
        let cache_read = part(prompt, share);
        let fresh = price.cost(&Usage { prompt, ..Usage::ZERO }).nanos();
        let with_cache = price.cost(&Usage { prompt, cache_read, ..Usage::ZERO }).nanos();
        let saved = u128::from(cache_read) * u128::from(input - cached);
        prop_assert!((saved / 1_000).abs_diff(u128::from(fresh - with_cache)) <= 1);
    }

    #[test]
    fn each_size_of_a_prompt_is_in_one_tier(above in 1..1_000_000_u64, prompt in 0..2_000_000_u64, low: u32, high: u32) {
        let price = Price::builder()
            .rate(Unit::Input, Rate::from_picos(low.into()))
            .rate_in(Tier::above(above), Unit::Input, Rate::from_picos(high.into()))
            .build();
        let rate = if prompt > above { high } else { low };
        prop_assert_eq!(price.rates(Service::Standard, prompt).get(Unit::Input).picos(), u64::from(rate));
        let expected = (u128::from(prompt) * u128::from(rate) + 500) / 1_000;
        let cost = price.cost(&Usage { prompt, ..Usage::ZERO });
        prop_assert_eq!(u128::from(cost.nanos()), expected);
    }

    #[test]
    fn nothing_overflows(price in any_price(), usage in any_usage()) {
        let _ = price.cost(&usage);
        let _ = usage + usage;
        prop_assert!(price.thresholds().is_sorted());
    }
}
