use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use steeplechase_core::ModelInfo;
use steeplechase_core::model_info::Mode;

use super::{Model, PriceFields, ability_of, names};

/// LiteLLM's map of prices, `model_prices_and_context_window.json`: a JSON object that has an object for
/// each model.
///
/// Prices are read digit by digit. A field that is not known is passed over, so a newer map can be read too.
#[derive(Clone, Debug, Default)]
pub struct PriceMap {
    /// The models of the map.
    pub models: Vec<Model>,
    /// What is wrong with models that were left out, for people.
    pub left_out: Vec<String>,
}

/// Keys at the top that are no models.
const NO_MODELS: [&str; 2] = ["fallback_generalizations", "sample_spec"];

type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

// ===== impl PriceMap =====

impl PriceMap {
    /// Reads a map. Its models are said to be from `source`.
    ///
    /// # Errors
    ///
    /// If it is no JSON object of objects.
    pub fn read(json: &[u8], source: &str) -> Result<Self, serde_json::Error> {
        let entries: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(json)?;
        let mut map = Self::default();
        for (id, entry) in entries {
            if NO_MODELS.contains(&&*id) {
                continue;
            }
            let fields: Fields<'_> = serde_json::from_str(entry.get())?;
            match model(&id, &fields, source) {
                Ok(model) => map.models.push(model),
                Err(why) => map.left_out.push(format!("`{id}`: {why}")),
            }
        }
        Ok(map)
    }
}

fn model(id: &str, fields: &Fields<'_>, source: &str) -> Result<Model, String> {
    let provider = text(fields, "litellm_provider").unwrap_or_default();
    let provider = names::provider(&provider).to_owned();
    let mut price = PriceFields::new(&provider);
    let mut info = ModelInfo {
        mode: text(fields, "mode").and_then(|mode| Mode::from_name(&mode)),
        max_input_tokens: whole(fields, "max_input_tokens"),
        max_output_tokens: whole(fields, "max_output_tokens")
            .or_else(|| whole(fields, "max_tokens")),
        ..ModelInfo::default()
    };
    for (field, value) in fields {
        if let Some(ability) = ability_of(field) {
            match value.get() {
                "true" => info.abilities.set(ability, true),
                "false" => info.abilities.set(ability, false),
                _ => {}
            }
        } else if field == "tiered_pricing" {
            tiers(value, &mut price)?;
        } else if field == "search_context_cost_per_query" {
            searches(value, &mut price)?;
        } else {
            set(field, value, 0, &mut price)?;
        }
    }
    Ok(Model {
        id: Cow::Owned(id.to_owned()),
        provider: Cow::Owned(provider),
        info,
        price: Arc::new(price.build()),
        source: Some(Cow::Owned(source.to_owned())),
        date: None,
    })
}

fn set(field: &str, value: &RawValue, above: u64, price: &mut PriceFields) -> Result<(), String> {
    if value.get() == "null" {
        return Ok(());
    }
    // Some are written as texts.
    let dollars = value.get().trim_matches('"');
    let set = price.set_above(above, field, dollars);
    set.map_err(|why| format!("`{field}`: {why}"))?;
    Ok(())
}

/// A list of ranges of the size of the prompt. Each has prices of its own, from just above its start. Ranges
/// of anything else, such as results of a search, are not acted on.
fn tiers(value: &RawValue, price: &mut PriceFields) -> Result<(), String> {
    let tiers: Vec<Fields<'_>> = serde_json::from_str(value.get()).unwrap_or_default();
    for tier in tiers {
        let range = tier.get("range").map(|range| range.get());
        let range: Vec<f64> = range
            .and_then(|range| serde_json::from_str(range).ok())
            .unwrap_or_default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it saturates, and a size is whole"
        )]
        let above = range.first().map(|start| *start as u64);
        let Some(above) = above else {
            continue;
        };
        for (field, value) in &tier {
            set(field, value, above, price)?;
        }
    }
    Ok(())
}

/// What a search of the web costs, by how much of it is read. Nobody says how much that was, so it is the
/// price in the middle.
fn searches(value: &RawValue, price: &mut PriceFields) -> Result<(), String> {
    let sizes: Fields<'_> = serde_json::from_str(value.get()).unwrap_or_default();
    match sizes.get("search_context_size_medium") {
        Some(medium) => set("input_cost_per_query", medium, 0, price),
        None => Ok(()),
    }
}

fn text(fields: &Fields<'_>, field: &str) -> Option<String> {
    serde_json::from_str(fields.get(field)?.get()).ok()
}

/// A whole number above zero. Some are written as `8192.0`, or as texts.
fn whole(fields: &Fields<'_>, field: &str) -> Option<u64> {
    let value = fields.get(field)?.get().trim_matches('"');
    let value = value.strip_suffix(".0").unwrap_or(value);
    value.parse().ok().filter(|number| *number > 0)
}
