use std::sync::Arc;

use steeplechase_core::Pricing;
use steeplechase_core::price::{Price, PriceList, Service, Unit};

use super::{Model, ModelTable};

/// The prices of all models, and what is to happen where there is none.
#[derive(Clone, Debug)]
#[must_use]
pub struct PriceBook {
    table: Arc<ModelTable>,
    unpriced: Unpriced,
}

/// What is to happen to a call whose price nobody knows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Unpriced {
    /// It is made. What it has cost is not known.
    #[default]
    Allow,
    /// It is refused.
    Deny,
    /// It is made, and booked at the price of the dearest model of its provider. If there is none, what it
    /// has cost is not known.
    Estimate,
}

/// The prices of one provider.
#[derive(Debug)]
struct OfProvider {
    book: PriceBook,
    provider: Arc<str>,
    /// What is known of a model that is not in the table.
    unknown: Pricing,
}

// ===== impl PriceBook =====

impl PriceBook {
    /// The prices of a table. Calls without a price are made.
    pub const fn new(table: Arc<ModelTable>) -> Self {
        Self {
            table,
            unpriced: Unpriced::Allow,
        }
    }

    /// The prices that the catalog has.
    pub fn built_in() -> Self {
        Self::new(ModelTable::built_in())
    }

    /// Sets what is to happen to a call whose price nobody knows.
    pub const fn unpriced(mut self, policy: Unpriced) -> Self {
        self.unpriced = policy;
        self
    }

    /// What is known about a model of a provider, by the provider's name for it.
    pub fn model(&self, provider: &str, model: &str) -> Option<&Model> {
        self.table.get(provider, model)
    }

    /// As [`model`](Self::model), but a name that begins with that of another provider means the other's
    /// model: `azure/gpt-4o`.
    pub fn base_model(&self, provider: &str, model: &str) -> Option<&Model> {
        self.model(provider, model).or_else(|| {
            let (other, _) = model.split_once('/')?;
            self.model(other, model)
        })
    }

    /// What is known about the price of a provider's model. A name that holds `*` stands for many, whose
    /// prices are looked up call by call.
    pub fn pricing(&self, provider: &str, model: &str) -> Pricing {
        if model.contains('*') {
            return Pricing::ByModel(Arc::new(OfProvider {
                book: self.clone(),
                provider: provider.into(),
                unknown: self.unknown(provider),
            }));
        }
        let found = self.model(provider, model);
        found
            .and_then(|model| Self::known(provider, model))
            .unwrap_or_else(|| self.unknown(provider))
    }

    /// What is known about the price of a provider's calls that cost as `model` does. `None` if nobody has
    /// said what it costs.
    pub fn known(provider: &str, model: &Model) -> Option<Pricing> {
        let price = model.price();
        let price = (!price.is_empty()).then(|| Arc::clone(price))?;
        Some(if reports_cost(provider) {
            Pricing::Reported(Some(price))
        } else {
            Pricing::Known(price)
        })
    }

    /// What is known about the price of a provider's model that is not in the table.
    pub fn unknown(&self, provider: &str) -> Pricing {
        if reports_cost(provider) {
            return Pricing::Reported(None);
        }
        match self.unpriced {
            Unpriced::Allow => Pricing::Unpriced,
            Unpriced::Deny => Pricing::Denied,
            Unpriced::Estimate => self
                .dearest(provider)
                .map_or(Pricing::Unpriced, Pricing::Estimated),
        }
    }

    /// The price of a provider's dearest model: that for which a token in and a token out are most.
    fn dearest(&self, provider: &str) -> Option<Arc<Price>> {
        let both = |price: &Price| {
            let rates = price.rates(Service::Standard, 0);
            rates.get(Unit::Input).picos() + rates.get(Unit::Output).picos()
        };
        let models = self.table.of_provider(provider);
        let prices = models.map(Model::price).filter(|price| both(price) > 0);
        prices.max_by_key(|price| both(price)).map(Arc::clone)
    }
}

impl Default for PriceBook {
    fn default() -> Self {
        Self::built_in()
    }
}

/// Whether a provider says with each answer what it has cost.
fn reports_cost(provider: &str) -> bool {
    matches!(provider, "openrouter" | "perplexity")
}

// ===== impl OfProvider =====

impl PriceList for OfProvider {
    fn pricing(&self, upstream_model: &str) -> Pricing {
        let found = self.book.model(&self.provider, upstream_model);
        found
            .and_then(|model| PriceBook::known(&self.provider, model))
            .unwrap_or_else(|| self.unknown.clone())
    }
}
