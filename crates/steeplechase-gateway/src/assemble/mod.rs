//! From a configuration, or from the environment, to the stack.
//!
//! ```text
//!  model_list ──► deployments ──► groups ──┐
//!  router_settings ────────────────────────┼──► Preset ──► Stack
//!  the environment's keys ──► groups ──────┘
//! ```
//!
//! What is decided here is what a setting of LiteLLM means in terms of our layers.

mod answers;
mod azure;
mod bedrock;
mod deployments;
mod doubts;
mod environment;
mod intake;
mod limits;
mod moderations;
mod previous;
mod prices;
mod providers;
mod routing;
mod settings;
mod shares;
mod upkeep;
mod vertex;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use steeplechase::Deployment;
use steeplechase::dialects::intake::IntakeConfig;
use steeplechase::preset::Preset;

use crate::config::{Config, Diagnostic};

pub use self::environment::from_environment;
pub use self::previous::Previous;
pub use self::providers::catalog;
pub(crate) use self::settings::{Reserve, fallbacks, reserve};
pub use self::upkeep::Upkeep;

/// What a configuration comes to.
#[derive(Debug)]
pub struct Assembled {
    /// The stack, but for an HTTP client.
    pub preset: Preset,
    /// How calls are taken in.
    pub intake: IntakeConfig,
    /// How many decisions are kept, if somebody has said so.
    pub decisions: Option<usize>,
    /// The providers that are called, without repetition.
    pub providers: Vec<Arc<str>>,
    /// All deployments, in the order in which they are configured.
    pub deployments: Vec<Arc<Deployment>>,
    /// The model for moderations that name none.
    pub moderation_model: Option<Arc<str>>,
    /// A model to try: one that is listed and can be asked for as it is.
    pub example: Option<Arc<str>>,
    /// The credentials that have to be kept fresh.
    pub upkeep: Vec<Upkeep>,
    /// What an operator should know.
    pub warnings: Vec<Diagnostic>,
}

/// Assembles what a configuration says. `env` looks up variables of the environment.
///
/// A deployment that cannot be used, as one of a provider that is not supported, is left out with a
/// warning, as in LiteLLM.
///
/// This blocks while the map of prices is read, if there is one.
///
/// # Errors
///
/// All that makes the configuration unusable: a wrong URL, a map of prices that cannot be read, or no
/// deployment that can be used.
pub fn from_config(
    config: &Config,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Assembled, Vec<Diagnostic>> {
    from_config_after(Previous::default(), config, env)
}

/// As [`from_config`], for a configuration that replaces another: what is known of the deployments that are
/// still there is kept.
///
/// # Errors
///
/// As [`from_config`].
pub fn from_config_after(
    previous: Previous,
    config: &Config,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Assembled, Vec<Diagnostic>> {
    let deployments::Deployments {
        groups,
        providers,
        upkeep,
        mut warnings,
    } = deployments::read_after(previous, config, env)?;
    let names: Vec<_> = groups.iter().map(|(model, _)| Arc::clone(model)).collect();
    let example = names.iter().find(|model| !model.contains('*')).cloned();
    let mut preset = settings::preset(config, &mut warnings);
    let deployments: Vec<_> = groups
        .iter()
        .flat_map(|(_, group)| group)
        .cloned()
        .collect();
    let catalog = catalog(config)?;
    preset = preset.purses(limits::purses(
        config,
        &catalog,
        &deployments,
        &mut warnings,
    ));
    let moderation_model = moderations::model(config, &deployments, &mut warnings);
    let intake = intake::settings(config, &deployments, &mut warnings);
    warnings.extend(shares::amiss(config));
    preset = routing::groups(preset, config, groups, &mut warnings);
    for alias in &config.router.model_group_alias {
        if names.iter().any(|name| **name == alias.model) {
            preset = preset.alias(&*alias.alias, &*alias.model, alias.hidden);
        } else {
            warnings.push(settings::alias_of_nothing(alias));
        }
    }
    Ok(Assembled {
        preset,
        intake,
        decisions: config.general.decisions.map(|kept| kept as usize),
        providers,
        deployments,
        moderation_model,
        example,
        upkeep,
        warnings,
    })
}
