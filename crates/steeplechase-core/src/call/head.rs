use std::ops::Range;
use std::sync::Arc;

use crate::Tally;

/// What one scan of a call's bytes told.
///
/// Start from [`Head::default`] and set what the bytes say.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a field of the call, not a state"
)]
pub struct Head {
    /// The model asked for, as the caller spelled it.
    pub model: Arc<str>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// Whether a streamed answer is to end with its usage.
    pub include_usage: bool,
    /// Whether the answers of several models are to race (`fastest_response`).
    pub fastest_response: bool,
    /// The class of service that is asked for (`service_tier`), if that is a text.
    pub service_tier: Option<Arc<str>>,
    /// The most tokens that the answer may have, if the caller has said so.
    pub max_tokens: Option<u64>,
    /// How many answers are asked for.
    pub n: u32,
    /// Whether the call offers tools.
    pub tools: bool,
    /// About how many tokens the prompt has, tools included, whatever the model. Zero if nobody has
    /// estimated it.
    pub prompt: Tally,
    /// Where in the bytes things are.
    pub spans: Spans,
}

/// Where in a call's bytes the parts are that a forwarding of the same bytes replaces.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Spans {
    /// The value of the top-level `model`, with its quotes. Empty if there is none.
    pub model: Range<usize>,
    /// Fields that are for us and not for the provider, each with one of its commas, in
    /// order, without overlap.
    pub own: Vec<Range<usize>>,
    /// The value of the top-level `metadata`, if some of [`own`](Self::own) are in it. Else empty.
    pub metadata: Range<usize>,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            model: Arc::from(""),
            stream: false,
            include_usage: false,
            fastest_response: false,
            service_tier: None,
            max_tokens: None,
            n: 1,
            tools: false,
            prompt: Tally::ZERO,
            spans: Spans::default(),
        }
    }
}
