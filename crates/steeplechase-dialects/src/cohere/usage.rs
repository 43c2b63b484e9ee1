use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use steeplechase_core::Usage;

/// What an answer has taken, and what of it is paid for: a preamble of the provider's own is not.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Counts {
    billed_units: Option<Amounts>,
    tokens: Option<Amounts>,
    cached_tokens: Option<Count>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Amounts {
    input_tokens: Option<Count>,
    output_tokens: Option<Count>,
    image_tokens: Option<Count>,
    search_units: Option<Count>,
}

/// A number of something, which the provider may write as `12.0`. What is none counts as zero.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Count(pub(crate) u64);

// ===== impl Counts =====

impl Counts {
    /// The same, as everybody counts.
    pub(crate) fn usage(&self) -> Usage {
        let billed = self.billed_units.unwrap_or_default();
        let tokens = self.tokens.unwrap_or_default();
        let of = |count: Option<Count>| count.unwrap_or_default().0;
        let images = of(billed.image_tokens);
        let paid = (
            of(billed.input_tokens).saturating_add(images),
            of(billed.output_tokens),
        );
        let prompt = tokens.input_tokens.map_or(paid.0, |count| count.0);
        let completion = tokens.output_tokens.map_or(paid.1, |count| count.0);
        let free = |all: u64, paid: u64, is_told: bool| {
            if is_told { all.saturating_sub(paid) } else { 0 }
        };
        Usage {
            prompt,
            completion,
            cache_read: of(self.cached_tokens).min(prompt),
            image_in: images,
            searches: of(billed.search_units),
            free_in: free(prompt, paid.0, billed.input_tokens.is_some()),
            free_out: free(completion, paid.1, billed.output_tokens.is_some()),
            ..Usage::default()
        }
    }
}

// ===== impl Count =====

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value: &'de RawValue = Deserialize::deserialize(deserializer)?;
        let value = value.get();
        let whole = value.split_once('.').map_or(value, |(whole, _)| whole);
        Ok(Self(whole.parse().unwrap_or(0)))
    }
}
