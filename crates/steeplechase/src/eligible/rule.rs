use std::fmt;
use std::sync::Arc;

use http::Request;
use steeplechase_core::deployment::Only;
use steeplechase_core::{Attempts, Call, Controls, Deployment, Error};
use steeplechase_layers::route::Eligible;

/// How many characters of what a caller has sent are repeated.
const SHOWN: usize = 100;

/// A call, and what it asks of the gateway.
pub(super) struct Asked<'r> {
    pub(super) request: &'r Request<Call>,
    controls: Option<Arc<Controls>>,
}

/// Which deployments of one group can take a call, by one criterion.
pub(super) trait Rule: fmt::Debug + Send + Sync {
    /// The criterion in a word.
    fn name(&self) -> &'static str;

    /// Whether it may leave anybody out. It is asked once for each attempt, whatever the size of the group.
    fn concerns(&self, asked: &Asked<'_>) -> bool;

    /// Whether it may leave out this one.
    fn concerns_one(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        let _ = deployment;
        self.concerns(asked)
    }

    /// Whether a deployment of the group can take the call.
    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool;

    /// The failure of a call that none of these can take. They are at least one.
    fn refusal(&self, asked: &Asked<'_>, deployments: &[Arc<Deployment>]) -> Error;

    /// Whether it has nothing against a deployment of the group.
    fn passes(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        !self.concerns_one(asked, deployment) || self.admits(asked, deployment)
    }
}

/// A rule of somebody else's.
pub(super) struct Other {
    pub(super) rule: Arc<dyn Eligible<Call> + Send + Sync>,
    pub(super) name: &'static str,
}

// ===== impl Asked =====

impl<'r> Asked<'r> {
    pub(super) fn of(request: &'r Request<Call>) -> Self {
        let attempts = Attempts::get(request.extensions());
        Self {
            request,
            controls: attempts.and_then(Attempts::controls),
        }
    }

    pub(super) fn call(&self) -> &'r Call {
        self.request.body()
    }

    /// The tags that it asks for.
    pub(super) fn tags(&self) -> &[Arc<str>] {
        let controls = self.controls.as_deref();
        controls.map_or(&[], |controls| &controls.tags)
    }

    /// The program that makes it.
    pub(super) fn program(&self) -> Option<&str> {
        self.controls.as_deref()?.program.as_deref()
    }

    /// The deployments that it was asked for by name, by their keys.
    pub(super) fn only(&self) -> Option<&'r [u32]> {
        let Only(keys) = self.request.extensions().get()?;
        Some(keys)
    }

    /// Where it may go.
    pub(super) fn region(&self) -> Option<&str> {
        self.controls.as_deref()?.region.as_deref()
    }
}

// ===== impl Other =====

impl Rule for Other {
    fn name(&self) -> &'static str {
        self.name
    }

    fn concerns(&self, asked: &Asked<'_>) -> bool {
        self.rule.may_exclude(asked.request)
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        self.rule.is_eligible(asked.request, deployment)
    }

    fn refusal(&self, asked: &Asked<'_>, deployments: &[Arc<Deployment>]) -> Error {
        self.rule.refusal(asked.request, deployments)
    }
}

impl fmt::Debug for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Other")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a caller has sent, as it may be in a message: not longer than one, and without what moves a cursor.
pub(super) fn shown(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = text.chars().take(SHOWN).map(clean).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
