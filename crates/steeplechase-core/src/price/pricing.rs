use std::fmt;
use std::sync::Arc;

use super::{Cost, Price};
use crate::Usage;

/// What is known about the price of a deployment's calls.
///
/// In the extensions of a response it is what is known about that answer, where it is another than the
/// deployment's: see [`ByModel`](Self::ByModel).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Pricing {
    /// It depends on the model, which the caller names: the deployment serves all of a provider's.
    ByModel(Arc<dyn PriceList>),
    /// Nobody knows it, and so the deployment is not to be called.
    Denied,
    /// Nobody knows it. It is at most this, as far as one can tell.
    Estimated(Arc<Price>),
    /// It is this.
    Known(Arc<Price>),
    /// The provider says with each answer what it has cost. It is this if it does not.
    Reported(Option<Arc<Price>>),
    /// Nobody knows it.
    #[default]
    Unpriced,
}

/// The prices of a provider's models.
///
/// It is asked once a call, so it should be quick.
pub trait PriceList: fmt::Debug + Send + Sync {
    /// What is known about the price of a model, by the provider's own name. Never
    /// [`Pricing::ByModel`].
    fn pricing(&self, upstream_model: &str) -> Pricing;
}

// ===== impl Pricing =====

impl Pricing {
    /// What is known about the price of calls to a model, by the provider's own name.
    #[must_use]
    pub fn of(&self, upstream_model: &str) -> Self {
        match self {
            Self::ByModel(list) => list.pricing(upstream_model),
            other => other.clone(),
        }
    }

    /// The price, known or estimated.
    pub fn price(&self) -> Option<&Arc<Price>> {
        match self {
            Self::Estimated(price) | Self::Known(price) | Self::Reported(Some(price)) => {
                Some(price)
            }
            Self::ByModel(_) | Self::Denied | Self::Reported(None) | Self::Unpriced => None,
        }
    }

    /// Whether the price is a guess.
    pub const fn is_estimated(&self) -> bool {
        matches!(self, Self::Estimated(_))
    }

    /// What a call has cost that has used so much. `None` if nobody knows.
    pub fn cost(&self, usage: &Usage) -> Option<Cost> {
        let reported = match self {
            Self::Reported(_) => usage.reported,
            _ => None,
        };
        reported.or_else(|| self.price().map(|price| price.cost(usage)))
    }
}
