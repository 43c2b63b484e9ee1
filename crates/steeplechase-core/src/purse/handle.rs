use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::account::{Account, Claim, Empty};
use crate::Cost;

/// What may be spent in a while, and what was.
///
/// See the [module documentation](super) for how it counts.
#[derive(Debug)]
pub struct Purse {
    owner: Owner,
    limit: Cost,
    window: Duration,
    account: Arc<Account>,
}

/// Who draws on a purse. `Display` is for messages: ``the provider `openai` ``.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Owner {
    /// The deployments with an id.
    Deployment(Arc<str>),
    /// All deployments of a provider.
    Provider(Arc<str>),
    /// All calls that have a tag.
    Tag(Arc<str>),
}

// ===== impl Purse =====

impl Purse {
    /// One from which so much may be spent in each window.
    pub fn new(owner: Owner, limit: Cost, window: Duration) -> Self {
        Self {
            owner,
            limit,
            window,
            account: Arc::default(),
        }
    }

    /// Goes on with what was spent of another that has its owner and windows that are as long. What is under way there
    /// counts for both. The limit may be another one.
    #[must_use]
    pub fn continue_from(mut self, old: &Self) -> Self {
        if self.owner == old.owner && self.window == old.window {
            self.account = Arc::clone(&old.account);
        }
        self
    }

    /// Who draws on it.
    pub const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// What may be spent in a window.
    pub const fn limit(&self) -> Cost {
        self.limit
    }

    /// How long a window is.
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// Whether there is anything left at `now`, however little.
    ///
    /// # Errors
    ///
    /// There is nothing.
    pub fn check(&self, now: Instant) -> Result<(), Empty> {
        self.account.check(self.limit, now)
    }

    /// Reserves what an attempt is expected to cost, whether or not it is there.
    pub fn claim(&self, estimate: Cost) -> Claim {
        self.account.claim(estimate, self.window)
    }

    /// What was spent in the window that `now` is in.
    pub fn spent(&self, now: Instant) -> Cost {
        self.account.spent(now)
    }

    /// What is reserved for attempts that are under way.
    pub fn reserved(&self) -> Cost {
        self.account.reserved()
    }
}

// ===== impl Owner =====

impl Owner {
    /// What it is, in a word: `deployment`, `provider`, `tag`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deployment(_) => "deployment",
            Self::Provider(_) => "provider",
            Self::Tag(_) => "tag",
        }
    }

    /// Its name among those of its kind.
    pub const fn name(&self) -> &Arc<str> {
        match self {
            Self::Deployment(name) | Self::Provider(name) | Self::Tag(name) => name,
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} `{}`", self.kind(), self.name())
    }
}
