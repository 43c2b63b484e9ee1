//! LLM calls over several providers, on a stack of tower layers.

pub mod client;
pub mod environment;
pub mod http_client;
pub mod preset;

pub use steeplechase_core::{
    ApiKey, Attempts, BoxError, Budget, Call, Chunk, Class, Classify, Deployment, Dialect, Error,
    Operation, Outcome, Phase, Retry, Scope, Usage, attempts, call, chunk, classify, deployment,
    error,
};
pub use steeplechase_dialects as dialects;
pub use steeplechase_layers as layers;

pub use self::client::Client;
pub use self::http_client::HttpClient;
pub use self::preset::{Group, Preset, Stack};
