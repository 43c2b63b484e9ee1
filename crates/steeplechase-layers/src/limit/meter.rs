use std::fmt;

use steeplechase_core::deployment::{Need, Permit};
use steeplechase_core::{Carries, Class, Error, Phase, Tally, Usage};

use crate::body::Watch;

/// Holds the permit of a request, and settles it by what the request has used.
///
/// It watches the body of the answer.
pub struct Meter {
    permit: Option<Permit>,
    /// About how many tokens the prompt has. `None` if nobody counts.
    prompt: Option<u64>,
    /// What was reported.
    usage: Option<Used>,
    /// What the model has said since then.
    said: Tally,
    state: State,
}

/// The figures of a usage that count.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    prompt: u64,
    completion: u64,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// It was not sent.
    Held,
    /// It is under way.
    Sent,
    /// Whoever got it has done nothing for it.
    Failed,
    /// Its answer is complete.
    Complete,
}

// ===== impl Meter =====

impl Meter {
    pub(super) const fn new(permit: Permit, need: Option<Need>) -> Self {
        Self {
            permit: Some(permit),
            prompt: match need {
                Some(need) => Some(need.prompt),
                None => None,
            },
            usage: None,
            said: Tally::ZERO,
            state: State::Held,
        }
    }

    /// The request is on its way.
    pub(super) const fn on_poll(&mut self) {
        self.state = State::Sent;
    }

    /// It has failed before there was an answer. It is dropped next.
    pub(super) fn on_error(&mut self, error: &Error) {
        if !is_given_up(error) {
            self.state = State::Failed;
        }
    }

    /// How many tokens of the prompt and of the answer were used.
    fn spent(&self, prompt: u64) -> (u64, u64) {
        let said = self.said.tokens();
        match self.usage {
            Some(used) => {
                // The last report of an answer is of all of it.
                let rest = if self.state == State::Complete {
                    0
                } else {
                    said
                };
                (used.prompt, used.completion.saturating_add(rest))
            }
            None if self.state == State::Failed => (0, 0),
            None => (prompt, said),
        }
    }

    fn report(&mut self, usage: &Usage) {
        let used = self.usage.unwrap_or_default();
        self.usage = Some(Used {
            prompt: used.prompt.max(usage.prompt),
            completion: used.completion.max(usage.completion),
        });
        self.said = Tally::ZERO;
    }
}

/// Whether a failure is that nobody has waited any longer: then there may have been work for it.
fn is_given_up(error: &Error) -> bool {
    let is_timeout = matches!(error.class(), Class::Timeout(phase) if phase != Phase::Connect);
    is_timeout && error.upstream().is_none()
}

impl<D: Carries, E> Watch<D, E> for Meter {
    fn on_data(&mut self, data: &D) {
        if self.prompt.is_none() {
            return;
        }
        match data.usage() {
            Some(usage) => self.report(usage),
            None => self.said += data.said(),
        }
        if data.is_end() {
            self.state = State::Complete;
        }
    }

    fn on_end(&mut self, result: Result<(), &E>) {
        if result.is_ok() && !D::SAYS_END {
            self.state = State::Complete;
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let Some(mut permit) = self.permit.take() else {
            return;
        };
        if self.state == State::Held {
            return permit.give_back();
        }
        let Some(prompt) = self.prompt else {
            return;
        };
        let (prompt, answer) = self.spent(prompt);
        permit.settle(prompt, answer);
        if self.state == State::Complete {
            let said = self.said.tokens();
            let output = self.usage.map_or(said, |used| used.completion);
            permit.limits().answered(output);
        }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter")
            .field("permit", &self.permit)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
