use steeplechase_core::{Cost, Deployment, Usage};

/// How much a request is, for what it costs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Size {
    /// About how many tokens the prompt has.
    pub prompt: u64,
    /// The most tokens that the answer may have, if that is said.
    pub max_tokens: Option<u64>,
}

/// What a copy of a request may cost, where its primary is only slow. It is in the extensions of such a copy, if
/// there is anybody at whom it would cost more: whoever picks a deployment is to keep away from those.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CostBound {
    usage: Usage,
    most: Cost,
}

/// An answer is taken for so many tokens while there was none.
const UNKNOWN_OUTPUT: u64 = 256;

// ===== impl CostBound =====

impl CostBound {
    /// So many times as much as at the deployment of the primary. `None` if nobody knows what it costs there.
    pub(super) fn of(primary: &Deployment, size: Size, ratio: f64) -> Option<Self> {
        let usual = primary.load().mean_output();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a mean of numbers of tokens"
        )]
        let usual = usual.map_or(UNKNOWN_OUTPUT, |tokens| tokens as u64);
        let output = size.max_tokens.map_or(usual, |most| most.min(usual));
        // The same for all: how long an answer is, is not a price.
        let usage = Usage::estimate(size.prompt, output);
        let cost = primary.pricing().cost(&usage)?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "what is too much is as much as can be"
        )]
        let most = Cost::from_nanos((cost.nanos() as f64 * ratio) as u64);
        Some(Self { usage, most })
    }

    /// Whether a deployment may have the copy. One whose price nobody knows may.
    pub fn allows(&self, deployment: &Deployment) -> bool {
        let cost = deployment.pricing().cost(&self.usage);
        cost.is_none_or(|cost| cost <= self.most)
    }
}
