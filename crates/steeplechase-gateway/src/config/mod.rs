//! Reads the `config.yaml` of a LiteLLM proxy, as it is.
//!
//! ```text
//!  config.yaml ─► yaml ──► include ──► sections ──────► checks ──► Config
//!                 lines    one tree    models, router,  names,     plain data
//!                 of all   of all      litellm,         loops,
//!                 nodes    files       general          weights
//!                   │        │            │                │
//!                   ╰────────┴─────┬──────┴────────────────╯
//!                                  ▼
//!                       errors and warnings: key, line, fix
//! ```
//!
//! # What it promises
//!
//! * A file that LiteLLM starts with is read, with the same meaning. What this program does not act
//!   on yet is a warning by name and line, so that nothing is dropped in silence.
//! * A value that makes no sense is an error, with what to write instead. All errors are told at
//!   once.
//! * No input makes it panic, hang or fill the memory; and no diagnostic holds a secret.
//!
//! # Where it is stricter than LiteLLM
//!
//! | Written | LiteLLM | Here |
//! |---|---|---|
//! | a key twice in one map | the last one wins | error |
//! | `master_key: os.environ/NAME`, and `NAME` is not set | serves everybody | error |
//! | a deployment without a model, or with values of the wrong type | skipped | error |
//! | no `model_list` | starts with none | error |
//!
//! # Secrets and the environment
//!
//! A text that begins with `os.environ/` stands for an environment variable, at any depth; as in
//! LiteLLM, not where it is itself the item of a list. A variable that is not set leaves its
//! setting out, with a warning. Keys are held as [`Secret`]s.
//!
//! `environment_variables` is laid over the environment for these look-ups, and by
//! [`Loaded::variable`] for those of the providers' default keys and URLs. The environment of the
//! process is not touched.
//!
//! # Our own keys
//!
//! LiteLLM warns about them and goes on, so one file can serve both.
//!
//! ```yaml
//! router_settings:
//!   hedge: auto                           # or {delay: 0.8, max_extra: 0.05}
//!   race: {width: 2}                      # 2 to 5 deployments at once
//!   queue: 3                              # seconds that a call waits for a place
//!   compat: litellm                       # its rules where users rely on them
//!   routing_strategy: hot-cold            # or success-rate, slo-cheapest
//! general_settings:
//!   unpriced: allow                       # or deny, or estimate
//!   caller_overrides: [timeout, retries]  # what callers may ask for; all, or none
//!   decisions: 10000                      # how many are kept to be looked at
//! providers:
//!   house:                                # `model: house/NAME` works from now on
//!     base_url: https://llm.example.com/v1
//!     key_env: [HOUSE_KEY]
//!     renames: {max_completion_tokens: max_tokens}
//!   groq:                                 # laid over the row that is built in, field by field
//!     base_url: https://groq.proxy.example.com/v1
//! ```
//!
//! The fields of a provider are those of [`catalog`](steeplechase::dialects::catalog).
//!
//! # Example
//!
//! ```
//! use steeplechase_gateway::config::{Config, RoutingStrategy};
//!
//! let text = "
//! model_list:
//!   - model_name: gpt-4o
//!     litellm_params:
//!       model: openai/gpt-4o
//!       api_key: os.environ/OPENAI_API_KEY
//!       temperature: 0.2
//! router_settings:
//!   routing_strategy: least-busy
//!   num_retrys: 3
//! ";
//! let env = |name: &str| (name == "OPENAI_API_KEY").then(|| "sk-1234".to_owned());
//! let loaded = Config::parse(text, "config.yaml", env)?;
//!
//! let model = &loaded.config.models[0];
//! assert_eq!(model.model_name, "gpt-4o");
//! assert_eq!(model.params.api_key.as_ref().unwrap().expose(), "sk-1234");
//! assert_eq!(model.params.default_params["temperature"], 0.2);
//! assert_eq!(loaded.config.router.routing_strategy, RoutingStrategy::LeastBusy);
//! assert_eq!(
//!     loaded.warnings[0].to_string(),
//!     "config.yaml:10: router_settings.num_retrys: unknown key, ignored; \
//!      did you mean `num_retries`?",
//! );
//! # Ok::<(), steeplechase_gateway::config::ConfigErrors>(())
//! ```

mod checks;
mod credentials;
mod diagnostic;
mod environment;
mod identity;
mod include;
mod known;
mod model;
mod node;
mod read;
mod secret;
mod sections;
mod values;
mod yaml;

#[cfg(test)]
mod tests;

pub use self::diagnostic::{ConfigErrors, Diagnostic};
pub(crate) use self::known::{nearest, nearest_few};
pub use self::model::{
    Admission, Alias, AnswerParams, AwsParams, AzureParams, BudgetSettings, Compat, Config,
    DeploymentParams, FallbackTarget, GeneralSettings, HedgeDelay, HedgeSettings, LimitParams,
    ModelEntry, ModelInfo, PriceMapFile, ProviderEntry, RaceSettings, RouterSettings, RoutingArgs,
    RoutingGroup, RoutingStrategy, WrittenPrices,
};
pub use self::read::Loaded;
pub(crate) use self::read::read_file;
pub use self::secret::Secret;
