use std::collections::BTreeMap;

use super::parts::Parts;
use super::{Cost, Rate, Unit};
use crate::Usage;

/// What a model costs: all rates that its provider states.
///
/// See the [module documentation](super) for how it is applied, and for an example.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Price {
    /// From the plainest tier to the most special one, so that what comes later goes first.
    stated: Box<[Stated]>,
}

/// Puts a [`Price`] together. Nothing is stated until it is.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PriceBuilder {
    stated: BTreeMap<(Tier, Unit), Rate>,
}

/// The rates that apply to a call.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rates([Option<Rate>; Unit::ALL.len()]);

/// To which calls a rate applies. The default is: to all.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tier {
    // The order of the fields is that in which tiers go before each other.
    /// Prompts of more tokens than these.
    pub above: u64,
    /// The class of service.
    pub service: Service,
}

/// The class of service that a call was given.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Service {
    /// What everybody gets who asks for nothing else.
    #[default]
    Standard,
    /// Later, and cheaper: answers are fetched when they are there.
    Batch,
    /// Slower, and cheaper.
    Flex,
    /// Quicker, and dearer.
    Priority,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Stated {
    tier: Tier,
    unit: Unit,
    rate: Rate,
}

// ===== impl Price =====

impl Price {
    /// Starts one.
    pub fn builder() -> PriceBuilder {
        PriceBuilder::default()
    }

    /// Whether nothing is stated.
    pub fn is_empty(&self) -> bool {
        self.stated.is_empty()
    }

    /// All that is stated, from what holds for all calls to what holds for few.
    pub fn stated(&self) -> impl Iterator<Item = (Tier, Unit, Rate)> + '_ {
        self.stated.iter().map(|it| (it.tier, it.unit, it.rate))
    }

    /// The price with another one laid over it.
    ///
    /// What `over` states for all calls replaces all that is stated for that unit, and for the units that
    /// fall back to it: who has a price of their own for input does not have somebody else's for cached
    /// input. What it states for some calls replaces just that.
    #[must_use]
    pub fn with(&self, over: &Self) -> Self {
        let general = over.stated().filter(|(tier, ..)| *tier == Tier::default());
        let general: Vec<Unit> = general.map(|(_, unit, _)| unit).collect();
        let is_replaced = |unit: Unit| general.iter().any(|general| unit.is_kind_of(*general));
        let kept = self.stated().filter(|(_, unit, _)| !is_replaced(*unit));
        let all = kept.chain(over.stated());
        all.fold(Self::builder(), |price, (tier, unit, rate)| {
            price.rate_in(tier, unit, rate)
        })
        .build()
    }

    /// The sizes of prompts above which other rates apply, in order.
    pub fn thresholds(&self) -> impl Iterator<Item = u64> + '_ {
        let mut last = 0;
        let sizes = self.stated.iter().map(|stated| stated.tier.above);
        sizes.filter(move |above| std::mem::replace(&mut last, *above) != *above)
    }

    /// Whether a class of service has rates of its own.
    pub fn has(&self, service: Service) -> bool {
        self.stated.iter().any(|it| it.tier.service == service)
    }

    /// The rates for a class of service and a prompt of so many tokens.
    ///
    /// A rate for larger prompts goes before one for all, and one for the class of service before one
    /// for each.
    pub fn rates(&self, service: Service, prompt: u64) -> Rates {
        let mut rates = Rates::default();
        for Stated { tier, unit, rate } in &self.stated {
            let is_for_it = [Service::Standard, service].contains(&tier.service);
            if is_for_it && (tier.above == 0 || prompt > tier.above) {
                rates.0[*unit as usize] = Some(*rate);
            }
        }
        rates
    }

    /// What a call has cost that has used so much. Saturates.
    ///
    /// A batch without rates of its own costs half: that is what providers give for one.
    pub fn cost(&self, usage: &Usage) -> Cost {
        // A millionth of a nano-dollar, as the rates are in pico-dollars and the parts in thousandths.
        const NANO: u128 = 1_000_000;

        let rates = self.rates(usage.service, usage.prompt);
        let parts = Parts::of(usage);
        let cost = |unit: Unit| {
            let rate = u128::from(rates.get(unit).picos());
            rate.saturating_mul(parts.thousandths(unit))
        };
        let sum = Unit::ALL
            .into_iter()
            .map(cost)
            .fold(0, u128::saturating_add);
        let is_half = usage.service == Service::Batch && !self.has(Service::Batch);
        let nano = if is_half { 2 * NANO } else { NANO };
        let nanos = sum.saturating_add(nano / 2) / nano;
        Cost::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

// ===== impl PriceBuilder =====

impl PriceBuilder {
    /// States a rate for all calls.
    pub fn rate(self, unit: Unit, rate: Rate) -> Self {
        self.rate_in(Tier::default(), unit, rate)
    }

    /// States a rate for some calls. Of two for the same ones the later counts.
    pub fn rate_in(mut self, tier: Tier, unit: Unit, rate: Rate) -> Self {
        self.stated.insert((tier, unit), rate);
        self
    }

    /// The price.
    pub fn build(self) -> Price {
        let stated = self.stated.into_iter();
        Price {
            stated: stated
                .map(|((tier, unit), rate)| Stated { tier, unit, rate })
                .collect(),
        }
    }
}

// ===== impl Rates =====

impl Rates {
    /// The rate of a unit: its own, or that of the unit it falls back to, or nothing.
    pub fn get(&self, unit: Unit) -> Rate {
        let mut next = Some(unit);
        while let Some(unit) = next {
            if let Some(rate) = self.stated(unit) {
                return rate;
            }
            next = unit.falls_back_to();
        }
        Rate::ZERO
    }

    /// The rate of a unit, if it has one of its own.
    pub fn stated(&self, unit: Unit) -> Option<Rate> {
        self.0[unit as usize]
    }
}

// ===== impl Tier =====

impl Tier {
    /// Calls with prompts of more than so many tokens.
    pub const fn above(tokens: u64) -> Self {
        Self {
            above: tokens,
            service: Service::Standard,
        }
    }

    /// Calls of a class of service.
    pub const fn of(service: Service) -> Self {
        Self { above: 0, service }
    }
}

// ===== impl Service =====

impl Service {
    /// Every class of service there is.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Batch, Self::Flex, Self::Priority];

    /// Its name, as it is in answers and in the catalog.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "default",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
        }
    }

    /// The class of service that a provider says it has given. What is not known is standard.
    pub fn from_name(name: &str) -> Self {
        let named = Self::ALL.into_iter().find(|it| it.as_str() == name);
        named.unwrap_or_default()
    }

    /// The first of the two that is not standard.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self == Self::Standard { other } else { self }
    }
}
