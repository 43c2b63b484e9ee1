use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use steeplechase::dialects::catalog::models::{
    ModelTable, PriceBook, PriceFields, PriceMap, Unpriced,
};
use steeplechase::model_info::{Ability, Mode};
use steeplechase::{Deployment, ModelInfo, Price, Pricing};

use super::deployments::about;
use crate::config::{Config, Diagnostic, ModelEntry, PriceMapFile, WrittenPrices};

/// The largest map of prices that is read. LiteLLM's has some megabytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// All that is known about prices: the catalog, under a file, under what a deployment says for itself.
pub(super) struct Prices {
    book: PriceBook,
    unpriced: Unpriced,
}

impl Prices {
    /// Reads the map of prices, if there is one. Its models that cannot be used are warnings.
    pub(super) fn read(config: &Config) -> Result<(Self, Vec<Diagnostic>), Diagnostic> {
        let unpriced = config.general.unpriced;
        let mut table = ModelTable::built_in();
        let mut warnings = Vec::new();
        if let Some(file) = &config.price_map {
            let map = read(&file.path)
                .map_err(|why| from(file, format!("cannot read the prices: {why}")))?;
            warnings = map
                .left_out
                .into_iter()
                .map(|why| from(file, why))
                .collect();
            table = (*table).clone().with(map.models).into();
        }
        let book = PriceBook::new(table).unpriced(unpriced);
        Ok((Self { book, unpriced }, warnings))
    }

    /// What is known about the price and the model of a deployment of `provider`, for its `model`.
    pub(super) fn of(
        &self,
        entry: &ModelEntry,
        provider: &str,
        model: &str,
    ) -> (Pricing, ModelInfo) {
        let known = match base_model(entry) {
            Some(base) => self.book.base_model(provider, base),
            None => self.book.model(provider, model),
        };
        let info = laid_over(entry, known.map(|it| *it.info()).unwrap_or_default());
        let own = own(entry, provider);
        let pricing = if !own.is_empty() {
            let price = known.map(|it| it.price().with(&own));
            Pricing::Known(price.unwrap_or(own).into())
        } else if base_model(entry).is_some() {
            let price = known.and_then(|it| PriceBook::known(provider, it));
            price.unwrap_or_else(|| self.book.unknown(provider))
        } else {
            self.book.pricing(provider, model)
        };
        (pricing, info)
    }

    /// Says in the log that what the calls of a deployment cost is not booked. It is no warning: who runs
    /// models of their own has no prices.
    pub(super) fn log(entry: &ModelEntry, deployment: &Deployment) {
        if matches!(deployment.pricing(), Pricing::Unpriced) {
            tracing::info!(
                model = entry.model_name,
                upstream_model = entry.params.model,
                "the price is not known, so what calls cost is not booked"
            );
        }
    }

    /// What an operator should know about the price of a deployment.
    pub(super) fn warnings(
        &self,
        entry: &ModelEntry,
        deployment: &Deployment,
    ) -> impl Iterator<Item = Diagnostic> {
        let fix = "write `input_cost_per_token` and `output_cost_per_token`, or a `base_model`";
        let what = match deployment.pricing() {
            Pricing::Denied => Some("is not known, so its calls are refused (`unpriced: deny`)"),
            Pricing::Estimated(_) => Some(
                "is not known, so its calls are booked at that of the provider's dearest model \
                 (`unpriced: estimate`)",
            ),
            Pricing::Unpriced if self.unpriced == Unpriced::Estimate => {
                Some("is not known, and there is no other of its provider to estimate it by")
            }
            _ => None,
        };
        let price = what.map(|what| {
            let message = format!("the price of `{}` {what}", entry.params.model);
            about(entry, "model", message, fix)
        });
        let seconds = is_priced_by_seconds(entry, deployment).then(|| {
            let message = "this counts seconds of audio, and not how long an answer takes";
            about(entry, "input_cost_per_second", message.to_owned(), fix)
        });
        price.into_iter().chain(seconds)
    }
}

/// The model that an entry says it is.
pub(super) fn base_model(entry: &ModelEntry) -> Option<&str> {
    let base = entry.info.base_model.as_deref();
    base.or(entry.params.base_model.as_deref())
        .filter(|base| !base.is_empty())
}

/// What the entry says of its price. `litellm_params` goes before `model_info`.
fn own(entry: &ModelEntry, provider: &str) -> Price {
    let mut price = PriceFields::new(provider);
    let prices: [&WrittenPrices; 2] = [&entry.info.prices, &entry.params.prices];
    for (field, dollars) in prices.into_iter().flatten() {
        let set = price.set(field, dollars);
        debug_assert_eq!(set, Ok(true), "it was checked when it was read");
    }
    price.build()
}

/// What the entry says of its model, and under it what the catalog knows.
fn laid_over(entry: &ModelEntry, mut info: ModelInfo) -> ModelInfo {
    let own = &entry.info;
    let mode = own.mode.as_deref().and_then(Mode::from_name);
    info.mode = mode.or(info.mode);
    info.max_input_tokens = own.max_input_tokens.or(info.max_input_tokens);
    info.max_output_tokens = own.max_output_tokens.or(info.max_output_tokens);
    for ability in Ability::ALL {
        if let Some(can) = own.abilities.get(ability) {
            info.abilities.set(ability, can);
        }
    }
    info
}

/// LiteLLM bills some answers by how long they take.
fn is_priced_by_seconds(entry: &ModelEntry, deployment: &Deployment) -> bool {
    const FIELD: &str = "input_cost_per_second";
    let is_audio = matches!(
        deployment.model_info().mode,
        Some(Mode::AudioSpeech | Mode::AudioTranscription)
    );
    let written = [&entry.info.prices, &entry.params.prices];
    !is_audio && written.iter().any(|prices| prices.contains_key(FIELD))
}

fn read(path: &Path) -> Result<PriceMap, String> {
    let bytes = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = bytes().map_err(|error| format!("{}: {error}", path.display()))?;
    if bytes.len() as u64 > MAX_BYTES {
        let most = MAX_BYTES / (1024 * 1024);
        return Err(format!("{} is larger than {most} MiB", path.display()));
    }
    let source = path.display().to_string();
    PriceMap::read(&bytes, &source)
        .map_err(|error| format!("{source} is no map of prices as LiteLLM has them: {error}"))
}

fn from(file: &PriceMapFile, message: String) -> Diagnostic {
    Diagnostic {
        source: file.source.clone(),
        line: file.line,
        key_path: file.key_path.clone(),
        message,
        fix: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use steeplechase::Usage;

    use super::*;
    use crate::assemble::deployments;

    /// A deployment of a configuration, and what its operator is told.
    fn one(text: &str) -> (Arc<Deployment>, Vec<String>) {
        let config = Config::parse(text, "config.yaml", |_| None).unwrap().config;
        let read = deployments::read(&config, &|_| None);
        let read = read.unwrap_or_else(|errors| panic!("{errors:?}"));
        let warnings = read.warnings.iter().map(ToString::to_string).collect();
        (Arc::clone(&read.groups[0].1[0]), warnings)
    }

    fn entry(params: &str, info: &str, rest: &str) -> String {
        format!(
            "model_list:\n  - model_name: m\n    litellm_params: {{api_key: k, {params}}}\n    \
             model_info: {{{info}}}\n{rest}\n"
        )
    }

    /// What 1 000 tokens in, 400 of them cached, and 500 out cost.
    fn cost(deployment: &Deployment) -> Option<String> {
        let usage = Usage {
            prompt: 1_000,
            cache_read: 400,
            completion: 500,
            ..Usage::ZERO
        };
        let cost = deployment.pricing().cost(&usage);
        cost.map(|cost| cost.to_string())
    }

    #[test]
    fn a_model_that_the_catalog_knows_has_its_price_and_its_limits() {
        let (deployment, warnings) = one(&entry("model: openai/gpt-4o", "", ""));
        // $2.50, $1.25 and $10 for a million.
        assert_eq!(cost(&deployment).as_deref(), Some("0.007"));
        assert_eq!(deployment.model_info().max_input_tokens, Some(128_000));
        assert_eq!(warnings, [] as [String; 0]);
    }

    #[test]
    fn what_an_entry_says_goes_before_what_the_catalog_knows() {
        let text = entry(
            "model: openai/gpt-4o, input_cost_per_token: 1e-06",
            "input_cost_per_token: 9e-06, output_cost_per_token: 2e-06, mode: completion, \
             max_input_tokens: 7, supports_vision: false",
            "",
        );
        let (deployment, _) = one(&text);
        // Cached input has no price of its own any more.
        assert_eq!(cost(&deployment).as_deref(), Some("0.002"));
        let info = deployment.model_info();
        assert_eq!(info.mode, Some(Mode::Completion));
        assert_eq!(info.max_input_tokens, Some(7));
        assert_eq!(info.max_output_tokens, Some(16_384));
        assert_eq!(info.abilities.get(Ability::Vision), Some(false));
        assert_eq!(info.abilities.get(Ability::Tools), Some(true));
    }

    #[test]
    fn a_base_model_stands_for_a_name_that_says_nothing() {
        for text in [
            entry(
                "model: openai/my-deployment",
                "base_model: azure/gpt-4o",
                "",
            ),
            entry("model: openai/my-deployment, base_model: gpt-4o", "", ""),
        ] {
            let (deployment, _) = one(&text);
            assert_eq!(cost(&deployment).as_deref(), Some("0.007"), "{text}");
            assert_eq!(deployment.model_info().max_input_tokens, Some(128_000));
        }
        let (deployment, _) = one(&entry("model: openai/gpt-4o", "base_model: gone", ""));
        assert_eq!(cost(&deployment), None, "it is said to be another model");
    }

    #[test]
    fn without_a_price_a_call_is_made_refused_or_estimated() {
        let with = |policy: &str| {
            let rest = format!("general_settings: {{unpriced: {policy}}}");
            one(&entry("model: openai/mystery", "", &rest))
        };
        let about =
            "config.yaml:2: model_list[m].litellm_params.model: the price of `openai/mystery`";
        let fix = "write `input_cost_per_token` and `output_cost_per_token`, or a `base_model`";

        let (deployment, warnings) = with("allow");
        assert!(matches!(deployment.pricing(), Pricing::Unpriced));
        assert_eq!(warnings, [] as [String; 0]);

        let (deployment, warnings) = with("deny");
        assert!(matches!(deployment.pricing(), Pricing::Denied));
        let what = "is not known, so its calls are refused (`unpriced: deny`)";
        assert_eq!(warnings, [format!("{about} {what}; {fix}")]);

        let (deployment, warnings) = with("estimate");
        assert!(deployment.pricing().is_estimated());
        let what = "is not known, so its calls are booked at that of the provider's dearest model \
                    (`unpriced: estimate`)";
        assert_eq!(warnings, [format!("{about} {what}; {fix}")]);

        let text = entry(
            "model: groq/llama-of-tomorrow, output_cost_per_token: 1e-06",
            "",
            "general_settings: {unpriced: deny}",
        );
        assert_eq!(cost(&one(&text).0).as_deref(), Some("0.0005"));
    }

    #[test]
    fn a_map_of_prices_lies_over_the_catalog_and_under_the_entry() {
        let directory = std::env::temp_dir().join(format!("steeplechase-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("prices.json");
        let map = r#"{
            "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 0},
            "broken": {"input_cost_per_token": -1}}"#;
        std::fs::write(&path, map).unwrap();
        let rest = format!(
            "litellm_settings: {{model_cost_map_url: '{}'}}",
            path.display()
        );

        let (deployment, warnings) = one(&entry("model: openai/gpt-4o", "", &rest));
        assert_eq!(cost(&deployment).as_deref(), Some("0.001"));
        let why = "`broken`: `input_cost_per_token`: a price cannot be negative";
        assert_eq!(
            warnings,
            [format!(
                "config.yaml:5: litellm_settings.model_cost_map_url: {why}"
            )]
        );
        let (deployment, _) = one(&entry("model: openai/gpt-4o-mini", "", &rest));
        assert_eq!(cost(&deployment).as_deref(), Some("0.00042"));
        let own = "model: openai/gpt-4o, output_cost_per_token: 2e-06";
        assert_eq!(
            cost(&one(&entry(own, "", &rest)).0).as_deref(),
            Some("0.002")
        );
        std::fs::remove_dir_all(&directory).unwrap();

        let config = Config::parse(&entry(own, "", &rest), "config.yaml", |_| None);
        let errors = deployments::read(&config.unwrap().config, &|_| None);
        let errors = errors.map(|_| ()).unwrap_err();
        let error = errors[0].to_string();
        assert!(
            error.starts_with(
                "config.yaml:5: litellm_settings.model_cost_map_url: cannot read the prices: "
            ),
            "{error}"
        );
    }

    #[test]
    fn seconds_of_an_answer_are_not_what_is_counted() {
        let text = |mode| {
            entry(
                "model: openai/gpt-4o, input_cost_per_second: 0.001",
                mode,
                "",
            )
        };
        let (_, warnings) = one(&text(""));
        assert!(
            warnings[0].contains("counts seconds of audio"),
            "{warnings:?}"
        );
        let (_, warnings) = one(&text("mode: audio_transcription"));
        assert_eq!(warnings, [] as [String; 0]);
    }
}
