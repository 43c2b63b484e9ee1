//! Claude on Google's Vertex AI: Anthropic's dialect in Google's envelope.
//!
//! ```text
//! …/publishers/anthropic/models/{model}:rawPredict            whole
//! …/publishers/anthropic/models/{model}:streamRawPredict      streamed, if the body says so too
//! …/publishers/anthropic/models/count-tokens:rawPredict
//!
//! body      without `model`, with `anthropic_version`
//! errors    Google's about the call, Anthropic's about the request
//! ```

mod dialect;

pub(crate) use self::dialect::VertexClaude;
