use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

/// About how many tokens a text has, in thousandths of a token.
///
/// It is an estimate, and counted so finely that it does not matter into how many pieces the text is cut:
/// the tally of a whole is the sum of those of its parts. Sums saturate.
///
/// ```
/// use steeplechase_core::Tally;
///
/// let words = [Tally::from_thousandths(1_400), Tally::from_thousandths(1_300)];
/// assert_eq!(words.into_iter().sum::<Tally>().tokens(), 3);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tally(u64);

impl Tally {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A tally of so many tokens.
    pub const fn from_tokens(tokens: u64) -> Self {
        Self(tokens.saturating_mul(1_000))
    }

    /// A tally in thousandths of a token.
    pub const fn from_thousandths(thousandths: u64) -> Self {
        Self(thousandths)
    }

    /// The tally in thousandths of a token.
    pub const fn thousandths(self) -> u64 {
        self.0
    }

    /// The tally in tokens, rounded up: what is there at all is at least one.
    pub const fn tokens(self) -> u64 {
        self.0.div_ceil(1_000)
    }

    /// Whether there is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Tally {
    type Output = Self;

    /// What is left, which is never less than nothing.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::ZERO, Self::add)
    }
}
