//! LLM calls over several providers, on a stack of tower layers.

pub mod http_client;

pub use steeplechase_core::Error;

pub use self::http_client::HttpClient;
