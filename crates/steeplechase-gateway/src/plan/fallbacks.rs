use std::collections::VecDeque;

use super::Plan;
use crate::config::FallbackTarget;

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
}

/// How many other models are asked if nobody says otherwise.
const MOST_LEGS: usize = 5;

impl Plan {
    /// The models that are asked one after the other if each fails for the same reason, the one that the
    /// caller asks for left out. As the fallback layer goes, but for the number of attempts.
    pub(crate) fn chain(&self, model: &str, reason: Reason) -> Vec<&str> {
        let mut asked = vec![model.to_owned()];
        let mut chain = Vec::new();
        let mut ahead: VecDeque<&str> = VecDeque::new();
        loop {
            let failed = asked.last().map_or("", String::as_str);
            for target in self.targets(failed, reason).iter().rev() {
                let target = target.model.as_str();
                if !asked.iter().any(|asked| asked == target) {
                    ahead.retain(|ahead| *ahead != target);
                    ahead.push_front(target);
                }
            }
            let most = self
                .config
                .router
                .max_fallbacks
                .map_or(MOST_LEGS, usize::from);
            let next = ahead.pop_front().filter(|_| chain.len() < most);
            let Some(next) = next else {
                return chain;
            };
            asked.push(next.to_owned());
            chain.push(next);
        }
    }

    /// What is asked instead of a model.
    fn targets(&self, model: &str, reason: Reason) -> &[FallbackTarget] {
        let router = &self.config.router;
        let own = |rules: &'_ [(String, Vec<FallbackTarget>)]| {
            let mut rules = rules.iter();
            rules.position(|(from, _)| from == model)
        };
        let special = match reason {
            Reason::ContextWindow => &router.context_window_fallbacks,
            Reason::ContentPolicy => &router.content_policy_fallbacks,
            Reason::Failure => &router.fallbacks,
        };
        if reason != Reason::Failure && !special.is_empty() {
            return own(special).map_or(&[], |at| &special[at].1);
        }
        let general = &router.fallbacks;
        let any = || general.iter().position(|(from, _)| from == "*");
        match own(general).or_else(any) {
            Some(at) => &general[at].1,
            None => &router.default_fallbacks,
        }
    }
}
