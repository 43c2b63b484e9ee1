/// What a strategy has made of a deployment that it could pick, for who wants to know why it has picked another.
///
/// # Example
///
/// ```
/// use steeplechase_core::attempts::{Measure, Score, Wins};
///
/// static DISTANCE: Measure = Measure::new("kilometres", Wins::Lowest);
/// static WEIGHT: Measure = Measure::new("weight", Wins::ByChance);
///
/// let near = Score::new(&DISTANCE, 12.0).then(&WEIGHT, 1.0);
/// assert_eq!((near.by.name(), near.value), ("kilometres", 12.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// What was measured.
    pub by: &'static Measure,
    /// How much of it there is. Infinite if that is as bad as can be.
    pub value: f64,
    /// What is looked at next, among those that are as good by that.
    pub then: Option<(&'static Measure, f64)>,
}

/// What deployments are measured by.
#[derive(Debug, Eq, PartialEq)]
pub struct Measure {
    name: &'static str,
    wins: Wins,
}

/// Which of several values is picked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Wins {
    /// The lowest.
    Lowest,
    /// The highest.
    Highest,
    /// One by chance: each as often as its part of all of them is.
    ByChance,
}

// ===== impl Score =====

impl Score {
    /// So much of a measure.
    pub const fn new(by: &'static Measure, value: f64) -> Self {
        Self {
            by,
            value,
            then: None,
        }
    }

    /// Says what is looked at next, among those that are as good by the first measure.
    #[must_use]
    pub const fn then(mut self, by: &'static Measure, value: f64) -> Self {
        self.then = Some((by, value));
        self
    }
}

// ===== impl Measure =====

impl Measure {
    /// A measure with a name for records, such as `latency_seconds`.
    pub const fn new(name: &'static str, wins: Wins) -> Self {
        Self { name, wins }
    }

    /// Its name, with its unit.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Which of several values is picked.
    pub const fn wins(&self) -> Wins {
        self.wins
    }
}

// ===== impl Wins =====

impl Wins {
    /// The name of the rule, for records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lowest => "lowest",
            Self::Highest => "highest",
            Self::ByChance => "by_chance",
        }
    }
}
