use steeplechase_core::model_info::Ability;
use steeplechase_core::price::{InvalidRate, Price, PriceBuilder, Rate, Service, Tier, Unit};

/// Puts a [`Price`] together from LiteLLM's names for its parts, such as
/// `input_cost_per_token_above_200k_tokens_priority`.
#[derive(Clone, Debug)]
#[must_use]
pub struct PriceFields {
    price: PriceBuilder,
    is_empty: bool,
    /// Whether a tier begins at its threshold, and not above it.
    is_inclusive: bool,
}

/// What a model can do, by LiteLLM's name for it, such as `supports_vision`.
pub fn ability_of(flag: &str) -> Option<Ability> {
    Some(match flag.strip_prefix("supports_")? {
        "assistant_prefill" => Ability::Prefill,
        "audio_input" => Ability::AudioIn,
        "audio_output" => Ability::AudioOut,
        "computer_use" => Ability::ComputerUse,
        "function_calling" => Ability::Tools,
        "parallel_function_calling" => Ability::ParallelTools,
        "pdf_input" => Ability::Pdf,
        "prompt_caching" => Ability::Caching,
        "reasoning" => Ability::Reasoning,
        "response_schema" => Ability::JsonSchema,
        "tool_choice" => Ability::ToolChoice,
        "video_input" => Ability::VideoIn,
        "vision" => Ability::Vision,
        "web_search" => Ability::WebSearch,
        _ => return None,
    })
}

// ===== impl PriceFields =====

impl PriceFields {
    /// No price yet, of a model of `provider`.
    pub fn new(provider: &str) -> Self {
        Self {
            price: Price::builder(),
            is_empty: true,
            is_inclusive: provider == "xai",
        }
    }

    /// Whether a field is the name of a part of a price that is acted on.
    pub fn knows(field: &str) -> bool {
        parse(field).is_some()
    }

    /// Whether nothing was set.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Sets a part, in dollars for one unit. `false` if `field` is none that is acted on.
    ///
    /// # Errors
    ///
    /// If `dollars` is no price.
    pub fn set(&mut self, field: &str, dollars: &str) -> Result<bool, InvalidRate> {
        self.set_above(0, field, dollars)
    }

    /// As [`set`](Self::set), for prompts of more than so many tokens.
    ///
    /// # Errors
    ///
    /// If `dollars` is no price.
    pub fn set_above(
        &mut self,
        above: u64,
        field: &str,
        dollars: &str,
    ) -> Result<bool, InvalidRate> {
        let Some((mut tier, unit)) = parse(field) else {
            return Ok(false);
        };
        let rate = Rate::per_unit(dollars)?;
        if above > 0 {
            tier.above = above;
        } else if self.is_inclusive {
            tier.above = tier.above.saturating_sub(1);
        }
        let price = std::mem::take(&mut self.price);
        self.price = price.rate_in(tier, unit, rate);
        self.is_empty = false;
        Ok(true)
    }

    /// The price.
    pub fn build(self) -> Price {
        self.price.build()
    }
}

/// What a field states, and for which calls.
fn parse(field: &str) -> Option<(Tier, Unit)> {
    const SERVICES: [(&str, Service); 3] = [
        ("_batches", Service::Batch),
        ("_flex", Service::Flex),
        ("_priority", Service::Priority),
    ];
    let mut tier = Tier::default();
    let mut name = field;
    for (suffix, service) in SERVICES {
        if let Some(rest) = name.strip_suffix(suffix) {
            (name, tier.service) = (rest, service);
        }
    }
    if let Some(rest) = name.strip_suffix("_tokens")
        && let Some((rest, above)) = rest.rsplit_once("_above_")
    {
        (name, tier.above) = (rest, tokens(above)?);
    }
    let unit = match name {
        "cache_creation_input_token_cost" => Unit::CacheWrite,
        "cache_creation_input_token_cost_above_1hr" => Unit::CacheWriteHour,
        "cache_read_input_token_cost" | "input_cost_per_token_cache_hit" => Unit::CacheRead,
        "input_cost_per_audio_token" => Unit::AudioIn,
        "input_cost_per_character" => Unit::Character,
        "input_cost_per_image_token" => Unit::ImageIn,
        "input_cost_per_query" => Unit::Search,
        "input_cost_per_request" => Unit::Request,
        "input_cost_per_second" => Unit::Second,
        "input_cost_per_token" => Unit::Input,
        "output_cost_per_audio_token" => Unit::AudioOut,
        "output_cost_per_image" => Unit::Image,
        "output_cost_per_image_token" => Unit::ImageOut,
        "output_cost_per_reasoning_token" => Unit::Reasoning,
        "output_cost_per_token" => Unit::Output,
        _ => return None,
    };
    Some((tier, unit))
}

/// `200k`, or `200000`.
fn tokens(text: &str) -> Option<u64> {
    match text.strip_suffix('k') {
        Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1_000),
        None => text.parse().ok(),
    }
}
