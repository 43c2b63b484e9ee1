//! From text to whole numbers, and back.

use proptest::prelude::*;

use crate::price::{Cost, InvalidRate, Rate};

#[test]
fn a_rate_is_read_digit_by_digit() {
    for (dollars, picos) in [
        ("0", 0),
        ("-0.0", 0),
        ("1.5e-07", 150_000),
        ("1.5E-7", 150_000),
        ("0.00000015", 150_000),
        ("+2e-8", 20_000),
        (" 3e-06 ", 3_000_000),
        ("1_000e-9", 1_000_000),
        (".5", 500_000_000_000),
        ("5.", 5_000_000_000_000),
        ("1000000", 1_000_000_000_000_000_000),
        // What `0.1 + 0.2` is in binary, and not here.
        ("0.30000000000000004", 300_000_000_000),
        // What is left behind the last digit is rounded, a half upwards.
        ("4e-13", 0),
        ("5e-13", 1),
        ("1.4999e-12", 1),
        ("1.5e-12", 2),
        // Digits without end, and numbers without size.
        (
            "0.0000001499999999999999999999999999999999999999999999999",
            150_000,
        ),
        ("1e-999999999999", 0),
        ("0e999999999999", 0),
        (
            "0000000000000000000000000000000000000000000000000001e-9",
            1_000,
        ),
    ] {
        assert_eq!(
            Rate::per_unit(dollars).map(Rate::picos),
            Ok(picos),
            "{dollars}"
        );
    }
    assert_eq!(rate_of_a_million("0.02").picos(), 20_000);
    assert_eq!(rate_of_a_million("0.546875").picos(), 546_875);
}

fn rate_of_a_million(dollars: &str) -> Rate {
    Rate::per_million(dollars).unwrap()
}

#[test]
fn what_is_no_price_is_refused() {
    for (text, why) in [
        ("", InvalidRate::NotANumber),
        (".", InvalidRate::NotANumber),
        ("-", InvalidRate::NotANumber),
        ("e5", InvalidRate::NotANumber),
        ("1e", InvalidRate::NotANumber),
        ("1e+", InvalidRate::NotANumber),
        ("1.2.3", InvalidRate::NotANumber),
        ("_1", InvalidRate::NotANumber),
        ("1 2", InvalidRate::NotANumber),
        ("0x10", InvalidRate::NotANumber),
        ("NaN", InvalidRate::NotANumber),
        ("inf", InvalidRate::NotANumber),
        (".inf", InvalidRate::NotANumber),
        ("$1", InvalidRate::NotANumber),
        ("-1e-9", InvalidRate::Negative),
        ("1000000.000001", InvalidRate::TooLarge),
        ("1e7", InvalidRate::TooLarge),
        ("1e400", InvalidRate::TooLarge),
        ("1e99999999999", InvalidRate::TooLarge),
        (
            "99999999999999999999999999999999999999999999",
            InvalidRate::TooLarge,
        ),
    ] {
        assert_eq!(Rate::per_unit(text), Err(why), "{text}");
    }
    assert_eq!(Rate::from_picos(u64::MAX), Rate::MAX);
    assert_eq!(Cost::from_dollars("-1"), Err(InvalidRate::Negative));
    assert_eq!(Cost::from_dollars("1e11"), Err(InvalidRate::TooLarge));
}

#[test]
fn dollars_are_printed_with_as_many_digits_as_it_takes() {
    assert_eq!(Cost::ZERO.to_string(), "0");
    assert_eq!(Cost::from_nanos(1).to_string(), "0.000000001");
    assert_eq!(Cost::from_nanos(7_500).to_string(), "0.0000075");
    assert_eq!(Cost::from_nanos(12_500_000_000).to_string(), "12.5");
    assert_eq!(
        Cost::from_nanos(u64::MAX).to_string(),
        "18446744073.709551615"
    );
    assert_eq!(rate_of_a_million("0.15").to_string(), "0.00000015");
    assert_eq!(rate_of_a_million("0.15").in_millions().to_string(), "0.15");
    assert_eq!(
        format!("{:>6}", rate_of_a_million("12").in_millions()),
        "    12"
    );
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(nanos: u64, picos in 0..=Rate::MAX.picos()) {
        let cost = Cost::from_nanos(nanos);
        prop_assert_eq!(Cost::from_dollars(&cost.to_string()), Ok(cost));
        let rate = Rate::from_picos(picos);
        prop_assert_eq!(Rate::per_unit(&rate.to_string()), Ok(rate));
        prop_assert_eq!(Rate::per_million(&rate.in_millions().to_string()), Ok(rate));
    }

    /// The shortest text of a number in binary has the digits that somebody has written.
    #[test]
    fn a_number_in_binary_is_the_decimal_that_it_was_written_as(digits in 0..10_000_000_u64, power in 6..13_i32) {
        let written = format!("{digits}e-{power}");
        let binary: f64 = written.parse().unwrap();
        prop_assert_eq!(Rate::per_unit(&format!("{binary:e}")), Rate::per_unit(&written));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-+0-9._eE x]{0,40}") {
        let _ = Rate::per_unit(&text);
        let _ = Rate::per_million(&text);
    }
}
