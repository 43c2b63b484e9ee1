use steeplechase::Class;

use super::Plan;

/// Why another model is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reason {
    /// The model has failed.
    Failure,
    /// The prompt is too long for it.
    ContextWindow,
    /// It refuses what the prompt is about.
    ContentPolicy,
}

// ===== impl Reason =====

impl Reason {
    pub(crate) const ALL: [Self; 3] = [Self::Failure, Self::ContextWindow, Self::ContentPolicy];

    /// The reason in words.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Failure => "a failure",
            Self::ContextWindow => "a prompt that is too long",
            Self::ContentPolicy => "content that is refused",
        }
    }

    /// What a failure for this reason is to the layers.
    const fn class(self) -> Class {
        match self {
            Self::Failure => Class::Server,
            Self::ContextWindow => Class::ContextWindow,
            Self::ContentPolicy => Class::ContentPolicy,
        }
    }
}

// ===== impl Plan =====

impl Plan {
    /// The models that are asked one after the other if each fails for the same reason, the one that the
    /// caller asks for left out. As the fallback layer goes, but for the number of attempts.
    pub(crate) fn chain(&self, model: &str, reason: Reason) -> Vec<String> {
        let legs = self.fallbacks.chain(model, reason.class()).into_iter();
        legs.map(|leg| leg.model.to_string()).collect()
    }
}
