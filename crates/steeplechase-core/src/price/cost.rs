use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use super::decimal;
use super::rate::{self, InvalidRate};

/// What something has cost, in nano-dollars: a billionth of a dollar.
///
/// Sums saturate, at more than 18 billion dollars. `Display` is in dollars, with as many digits as it
/// takes: `0.0000075`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Cost(u64);

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A cost in nano-dollars.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Reads dollars, such as `0.0012` or `7.5e-06`. What is less than a nano-dollar is rounded, a half
    /// upwards.
    ///
    /// # Errors
    ///
    /// If the text is no number, is negative, or is more than a cost can be.
    pub fn from_dollars(dollars: &str) -> Result<Self, InvalidRate> {
        decimal::scaled(dollars, 9).map(Self)
    }

    /// What is left of it without another, or nothing.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The cost in nano-dollars.
    pub const fn nanos(self) -> u64 {
        self.0
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::ZERO, Self::add)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&rate::decimal(self.0, 9))
    }
}
