use std::error::Error;
use std::fmt;

use super::decimal;

/// What one unit costs, in pico-dollars: a millionth of a millionth of a dollar.
///
/// Providers state what a million tokens cost, with six digits behind the point at most, so what they
/// state is a whole number of pico-dollars. What a text has beyond that is rounded, a half upwards.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Rate(u64);

/// Why a text is no rate, or no cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum InvalidRate {
    /// It is less than nothing.
    Negative,
    /// It is no decimal number, or not a finite one.
    NotANumber,
    /// It is more than a million dollars for one unit, or more than can be counted.
    TooLarge,
}

// ===== impl Rate =====

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The most that one unit can cost: a million dollars.
    pub const MAX: Self = Self(1_000_000_000_000_000_000);

    /// A rate in pico-dollars for one unit. Clamped to [`MAX`](Self::MAX).
    pub const fn from_picos(picos: u64) -> Self {
        if picos > Self::MAX.0 {
            return Self::MAX;
        }
        Self(picos)
    }

    /// Reads dollars for one unit, such as `1.5e-07`.
    ///
    /// # Errors
    ///
    /// If the text is no number from zero to a million.
    pub fn per_unit(dollars: &str) -> Result<Self, InvalidRate> {
        Self::scaled(dollars, 12)
    }

    /// Reads dollars for a million units, such as `0.15`: as providers state what tokens cost.
    ///
    /// # Errors
    ///
    /// If the text is no number, is negative, or comes to more than a million for one unit.
    pub fn per_million(dollars: &str) -> Result<Self, InvalidRate> {
        Self::scaled(dollars, 6)
    }

    fn scaled(dollars: &str, shift: i32) -> Result<Self, InvalidRate> {
        match decimal::scaled(dollars, shift)? {
            picos if picos <= Self::MAX.0 => Ok(Self(picos)),
            _ => Err(InvalidRate::TooLarge),
        }
    }

    /// The rate in pico-dollars for one unit.
    pub const fn picos(self) -> u64 {
        self.0
    }

    /// Dollars for a million units, with as many digits as it takes.
    pub fn in_millions(self) -> impl fmt::Display {
        InMillions(self.0)
    }
}

/// What a million units cost.
#[derive(Debug)]
struct InMillions(u64);

impl fmt::Display for InMillions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(self.0, 6))
    }
}

impl fmt::Display for Rate {
    /// Dollars for one unit, with as many digits as it takes: `0.00000015`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(self.0, 12))
    }
}

/// A whole number with a point before the last so many digits, and without zeros at the end.
pub(super) fn decimal(number: u64, places: usize) -> String {
    let digits = format!("{number:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

// ===== impl InvalidRate =====

impl fmt::Display for InvalidRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negative => "a price cannot be negative",
            Self::NotANumber => "this is no decimal number",
            Self::TooLarge => "this is too much to be a price",
        })
    }
}

impl Error for InvalidRate {}
