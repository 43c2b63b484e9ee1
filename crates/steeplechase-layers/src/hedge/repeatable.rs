use std::sync::Arc;

use http::Request;
use memchr::memmem;
use steeplechase_core::{Call, Cost, Deployment, Dialect, Operation, Usage};

use super::{Policy, Size};

/// A [`Policy`] for calls: those may be sent twice that do the same the second time, and cost little.
///
/// Not sent twice are calls that
///
/// * ask for several answers: they cost as many times more, and a hedge of one would draw as little on the
///   budget as that of any other;
/// * let the provider act: with tools that it runs itself (a web search, an interpreter of code, a computer, an
///   MCP server), or in the background;
/// * go on with a conversation that the provider keeps, which would then have two ends;
/// * are passed on as they are: nobody knows what they do;
/// * have too long a prompt, see [`at_most`](Self::at_most).
///
/// Tools are looked for in calls of up to [`MAX_LOOKED_THROUGH`](Self::MAX_LOOKED_THROUGH) bytes. A longer one
/// that offers tools is not sent twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Repeatable {
    /// In tokens.
    longest_prompt: u64,
}

/// How the types of tools begin that a provider runs itself, whatever the dialect.
const ACTING: &[&[u8]] = &[
    b"web_search",
    b"web_fetch",
    b"code_interpreter",
    b"code_execution",
    b"computer",
    b"mcp",
    b"image_generation",
];

/// The fields of a call that are tools themselves.
const TOOLS: &[&[u8]] = &[b"\"web_search_options\"", b"\"mcp_servers\""];

/// The fields of a call of Responses that go on with what the provider keeps, or without the caller.
const KEEPING: &[&[u8]] = &[
    b"\"background\"",
    b"\"previous_response_id\"",
    b"\"conversation\"",
];

// ===== impl Repeatable =====

impl Repeatable {
    /// The longest call in which tools are looked for, in bytes.
    pub const MAX_LOOKED_THROUGH: usize = 256 * 1024;

    /// What a second copy of a prompt costs at most where nobody says otherwise: five cents.
    pub const DEFAULT_COST: Cost = Cost::from_nanos(50_000_000);

    /// A prompt of any length may be sent twice.
    pub const fn new() -> Self {
        Self {
            longest_prompt: u64::MAX,
        }
    }

    /// Does not send a prompt twice that alone would cost more than `most` at the dearest of `deployments`, as far
    /// as prices are known. A copy that loses has most likely said nothing, so its prompt is what it costs.
    pub fn at_most<'a>(
        mut self,
        most: Cost,
        deployments: impl IntoIterator<Item = &'a Arc<Deployment>>,
    ) -> Self {
        let longest = |deployment: &Arc<Deployment>| longest_prompt(deployment, most);
        let longest = deployments.into_iter().map(longest).min();
        self.longest_prompt = longest.unwrap_or(u64::MAX);
        self
    }
}

impl Default for Repeatable {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy<Call> for Repeatable {
    fn may_hedge(&self, request: &Request<Call>) -> bool {
        let call = request.body();
        let head = call.head();
        head.n <= 1
            && call.operation() != Operation::Forward
            && head.prompt.tokens() <= self.longest_prompt
            && !(head.tools && lets_act(call.raw()))
            && !(call.dialect() == Dialect::Responses && names_any(call.raw(), KEEPING))
    }

    fn size(&self, request: &Request<Call>) -> Option<Size> {
        let head = request.body().head();
        Some(Size {
            prompt: head.prompt.tokens(),
            max_tokens: head.max_tokens,
        })
    }
}

/// The most tokens of a prompt that cost no more than `most` there.
fn longest_prompt(deployment: &Deployment, most: Cost) -> u64 {
    let costs = |tokens| deployment.pricing().cost(&Usage::estimate(tokens, 0));
    let fits = |tokens| costs(tokens).is_none_or(|cost| cost <= most);
    // No prompt is longer than that.
    let (mut fit, mut over) = (0, 1 << 32);
    if fits(over) {
        return u64::MAX;
    }
    while over - fit > 1 {
        let middle = fit + (over - fit) / 2;
        *(if fits(middle) { &mut fit } else { &mut over }) = middle;
    }
    fit
}

/// Whether a call that offers tools offers one that its provider runs.
fn lets_act(raw: &[u8]) -> bool {
    const TYPE: &[u8] = b"\"type\"";
    if raw.len() > Repeatable::MAX_LOOKED_THROUGH {
        return true;
    }
    let mut types = memmem::find_iter(raw, TYPE).filter_map(|at| {
        let value = raw[at + TYPE.len()..].trim_ascii_start();
        let value = value.strip_prefix(b":")?.trim_ascii_start();
        value.strip_prefix(b"\"")
    });
    types.any(|name| ACTING.iter().any(|acting| name.starts_with(acting))) || names_any(raw, TOOLS)
}

/// Whether one of these, with their quotes, is the name of a field.
fn names_any(raw: &[u8], fields: &[&[u8]]) -> bool {
    fields.iter().any(|field| {
        let after = |at: usize| raw[at + field.len()..].trim_ascii_start();
        memmem::find_iter(raw, field).any(|at| after(at).starts_with(b":"))
    })
}
