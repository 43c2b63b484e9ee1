use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};
use steeplechase::FieldPath;
use steeplechase::deployment::AllowedFails;
use steeplechase::dialects::catalog::Row;
use steeplechase::model_info::Abilities;

use super::{GeneralSettings, LimitParams, RouterSettings};
use crate::config::Secret;

/// A configuration, read and checked.
///
/// An absent setting is `None`, empty or `false`: which default applies in its place is decided by
/// what uses it, not here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The deployments, in the order of the file. At least one.
    pub models: Vec<ModelEntry>,
    /// `router_settings`, with those of `litellm_settings` that say the same under it.
    pub router: RouterSettings,
    /// `general_settings`.
    pub general: GeneralSettings,
    /// `providers`, in the order of the file. LiteLLM has no such thing.
    pub providers: Vec<ProviderEntry>,
    /// `litellm_settings.enable_azure_ad_token_refresh`: whether deployments on Azure that have no key ask for
    /// tokens with the identity of the machine.
    pub azure_managed_identity: bool,
    /// LiteLLM's map of prices, to be laid over the catalog.
    pub price_map: Option<PriceMapFile>,
}

/// An entry of `providers`: what is laid over the row of the table of providers that has its name, or is
/// added to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderEntry {
    /// What stands before the `/` of a model's name.
    pub id: String,
    /// The file this entry is from.
    pub source: String,
    /// The line this entry begins on, from 1.
    pub line: usize,
    /// What is said of it.
    pub row: Row,
}

/// Where LiteLLM's map of prices is, and who has said so.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PriceMapFile {
    /// The file.
    pub path: PathBuf,
    /// The file that names it.
    pub source: String,
    /// The line that names it, from 1; 0 if it is a variable of the environment.
    pub line: usize,
    /// The key, or the variable, that names it.
    pub key_path: String,
}

/// What somebody pays, by LiteLLM's names for the parts of a price (`input_cost_per_token`, ...): dollars
/// for one unit, as they are written. Each is a name that is acted on, and a price.
pub type WrittenPrices = BTreeMap<String, String>;

/// An item of `model_list`: one deployment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelEntry {
    /// What callers ask for. Deployments of the same name share its load. May hold `*`.
    pub model_name: String,
    /// The file this entry is from.
    pub source: String,
    /// The line this entry begins on, from 1.
    pub line: usize,
    /// `litellm_params`.
    pub params: DeploymentParams,
    /// `model_info.id`, if one is written.
    pub id: Option<String>,
    /// `id`, or else a name made of the entry's contents.
    ///
    /// That name is the 64-bit FNV-1a hash, in hexadecimal, of `model_name` and of every key and
    /// value of `litellm_params` in the order of the file. It is the same in every run and on every
    /// machine, and changes with any of them. `os.environ/NAME` is hashed as written, so a new key in
    /// the environment does not change it. Two equal entries have one id, as in LiteLLM; that is a
    /// warning.
    pub deployment_id: String,
    /// `model_info`.
    pub info: ModelInfo,
}

/// The `litellm_params` of a deployment: where it is and how to call it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeploymentParams {
    /// The provider's name for the model, with the provider before it: `anthropic/claude-sonnet-4-5`.
    pub model: String,
    /// `custom_llm_provider`: the provider, whatever `model` says.
    pub provider: Option<String>,
    /// The provider's key.
    pub api_key: Option<Secret>,
    /// The URL the provider's paths are under.
    pub api_base: Option<String>,
    /// Where a deployment at AWS is, and how its requests are signed.
    pub aws: AwsParams,
    /// The project that is billed, on Google's Vertex AI.
    pub vertex_project: Option<String>,
    /// Where the model is, on Google's Vertex AI.
    pub vertex_location: Option<String>,
    /// The key of a service account of Google's, or the path of the file that it is in.
    pub vertex_credentials: Option<Secret>,
    /// The version of the API, for providers that have several.
    pub api_version: Option<String>,
    /// Who asks for tokens of Entra ID, on Azure.
    pub azure: AzureParams,
    /// The organization that is billed. A list of them makes one deployment of each.
    pub organization: Option<String>,
    /// The share of its group's calls, relative to its siblings' weights. Zero or more.
    pub weight: Option<f64>,
    /// Which deployments of the group are tried first: the lowest.
    pub order: Option<i64>,
    /// How long an answer may take.
    pub timeout: Option<Duration>,
    /// How long a streamed answer may take.
    pub stream_timeout: Option<Duration>,
    /// How many calls may be under way at once. At least 1.
    pub max_parallel_requests: Option<u32>,
    /// Calls a minute.
    pub rpm: Option<u64>,
    /// Tokens a minute.
    pub tpm: Option<u64>,
    /// What else it takes, and what it may cost.
    pub limits: LimitParams,
    /// How often a call of this deployment is retried.
    pub num_retries: Option<u32>,
    /// How long the deployment rests after it failed; zero for never.
    pub cooldown_time: Option<Duration>,
    /// Where it is, for requests that may not go elsewhere.
    pub region: Option<String>,
    /// The tags that requests can ask for.
    pub tags: Vec<String>,
    /// Whether parameters that the provider does not know are left out.
    pub drop_params: Option<bool>,
    /// The fields that are left out of calls.
    pub drop_fields: Vec<FieldPath>,
    /// The parameters that are passed on though the provider is not known to take them.
    pub allowed_params: Vec<String>,
    /// Whether what the model thinks is a part of what it says.
    pub merge_reasoning: Option<bool>,
    /// Whether calls for the Responses API go by way of a chat, though the provider has it.
    pub use_chat_completions_api: Option<bool>,
    /// The model whose price and abilities apply. `model_info.base_model` goes before it.
    pub base_model: Option<String>,
    /// What the operator pays. They go before those in `model_info`.
    pub prices: WrittenPrices,
    /// `extra_headers`, and under them `headers`: sent with every call. They are often secrets.
    pub extra_headers: BTreeMap<String, Secret>,
    /// Which calls it is for, and how it answers them.
    pub answers: AnswerParams,
    /// Every other key: request parameters that apply where a request does not set them
    /// (`temperature`, `max_tokens`, `reasoning_effort`, `extra_body`, ...). Nothing is null here.
    pub default_params: Map<String, Value>,
}

/// Those of `litellm_params` that say which calls a deployment is for, and how it answers them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AnswerParams {
    /// `tag_regex`: regular expressions for the programs whose calls it is for. Each is one.
    pub user_agents: Vec<String>,
    /// How long an answer may take, by the class of service.
    pub timeout_by_tier: BTreeMap<String, Duration>,
    /// How long a streamed answer may take, by the class of service.
    pub stream_timeout_by_tier: BTreeMap<String, Duration>,
    /// `mock_response`: what is answered without asking the provider.
    pub mock: Option<String>,
    /// How long that takes.
    pub mock_delay: Option<Duration>,
    /// After how long a silence of a stream there is a sign of life; zero for never.
    pub keepalive: Option<Duration>,
    /// Whether a call may say that for itself.
    pub callers_keepalive: Option<bool>,
}

/// Those of `litellm_params` that are for AWS.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AwsParams {
    /// The region, such as `eu-west-1`.
    pub region: Option<String>,
    /// The id of an access key.
    pub access_key_id: Option<Secret>,
    /// The access key itself.
    pub secret_access_key: Option<Secret>,
    /// What an access key that expires comes with.
    pub session_token: Option<Secret>,
    /// The profile of AWS's shared files that has the credentials.
    pub profile: Option<String>,
    /// The ARN of a role to assume.
    pub role: Option<String>,
    /// What the session of the role is called.
    pub session_name: Option<String>,
    /// What the owner of the role asks for to tell who assumes it.
    pub external_id: Option<Secret>,
    /// A file with the token that the role is assumed with.
    pub web_identity_file: Option<PathBuf>,
    /// Where roles are assumed, if not at the region's own STS.
    pub sts_endpoint: Option<String>,
    /// The URL of Bedrock's runtime. `api_base` goes before it.
    pub bedrock_endpoint: Option<String>,
    /// What Bedrock is asked for in place of the model: an inference profile's ARN, as a rule.
    pub model_id: Option<String>,
}

/// The `litellm_params` that say who asks for tokens of Entra ID.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AzureParams {
    /// A token that somebody else has fetched.
    pub ad_token: Option<Secret>,
    /// The directory.
    pub tenant_id: Option<String>,
    /// The application, or the identity that was assigned to the machine.
    pub client_id: Option<String>,
    /// The application's secret.
    pub client_secret: Option<Secret>,
    /// For what a token is asked, if not for what the host takes.
    pub scope: Option<String>,
}

/// The `model_info` of a deployment: what is known about the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelInfo {
    /// What the model is for: `chat`, `embedding`, `completion`, `responses`, ...
    pub mode: Option<String>,
    /// The model whose prices and abilities apply, where the name does not tell.
    pub base_model: Option<String>,
    /// The most tokens that a request may have.
    pub max_input_tokens: Option<u64>,
    /// The most tokens that an answer may have. From `max_tokens` if it is not written.
    pub max_output_tokens: Option<u64>,
    /// What the model can do, by `supports_...`.
    pub abilities: Abilities,
    /// How many failures of each kind the deployment may have before it rests.
    pub allowed_fails: AllowedFails,
    /// How long it rests after it failed; zero for never. Under that of `litellm_params`.
    pub cooldown_time: Option<Duration>,
    /// Whether tags count in its group, whatever the router says.
    pub enable_tag_filtering: Option<bool>,
    /// Whether it gets no calls at all.
    pub blocked: bool,
    /// What the operator pays.
    pub prices: WrittenPrices,
    /// Every other key but `id`, as it is written.
    pub extras: Map<String, Value>,
}
