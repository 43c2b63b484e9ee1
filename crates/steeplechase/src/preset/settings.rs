use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::attempts::BudgetConfig;
use steeplechase_core::purse::Purses;
use steeplechase_core::{Attempts, Call, Cost};
use steeplechase_layers::admission::AdmissionConfig;
use steeplechase_layers::cooldown::CooldownConfig;
use steeplechase_layers::fallback::Fallbacks;
use steeplechase_layers::hedge::{Delay, HedgeConfig, Repeatable};
use steeplechase_layers::keepalive::KeepaliveConfig;
use steeplechase_layers::retry::RetryConfig;
use steeplechase_layers::route::Eligible;
#[cfg(doc)]
use steeplechase_layers::timeout::Pace;
use steeplechase_layers::timeout::{ByStream, Timeouts};

use super::{Eligibility, Group, Stack};
use crate::providers::Providers;

/// The settings of the recommended stack.
///
/// # Defaults
///
/// * Those of each layer.
/// * 3 attempts a call, all kinds together; a deadline of 600 s; extra attempts for at most 20 % of a
///   group's calls.
/// * 300 s to a whole answer, or between two contents of a streamed one: reasoning models are silent for long.
/// * A streamed answer has until the deadline to begin. But while another attempt could be made, it is given up when
///   it takes longer than nearly all others do, see [`Pace`]; or after 120 s, if only the same deployment could be
///   asked again.
/// * No fallbacks; hedge, race, keepalive and continuation are off.
/// * A deployment can be asked for by its id, and by the provider's name for its model if nobody else has it.
/// * A call goes to every deployment that is not known to be unable to take it, see [`Eligibility`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Preset {
    pub(super) groups: Vec<Group>,
    pub(super) aliases: Vec<(Arc<str>, Arc<str>, bool)>,
    pub(super) upstream_names: bool,
    pub(super) max_attempts: u8,
    pub(super) deadline: Duration,
    pub(super) timeouts: Option<ByStream>,
    pub(super) patience: bool,
    pub(super) budget: BudgetConfig,
    pub(super) retry: RetryConfig,
    pub(super) hedge: HedgeConfig,
    pub(super) hedge_max_cost: Cost,
    pub(super) race: u8,
    pub(super) cooldown: CooldownConfig,
    pub(super) providers: Providers,
    pub(super) fallbacks: Fallbacks,
    pub(super) eligibility: Eligibility,
    pub(super) purses: Arc<Purses>,
    pub(super) continuation: bool,
    pub(super) keepalive: Option<KeepaliveConfig>,
    pub(super) messages_keepalive: Option<Duration>,
    pub(super) admission: Option<AdmissionConfig>,
    pub(super) queue: Option<Duration>,
    pub(super) priority: i32,
    pub(super) previous: Option<Stack>,
}

// ===== impl Preset =====

impl Preset {
    /// The recommended settings, and no groups.
    pub fn new() -> Self {
        Self {
            groups: Vec::new(),
            aliases: Vec::new(),
            upstream_names: true,
            max_attempts: Attempts::DEFAULT_MAX,
            deadline: Duration::from_secs(600),
            timeouts: None,
            patience: true,
            budget: BudgetConfig::new(),
            retry: RetryConfig::new(),
            hedge: HedgeConfig::new(Delay::Off),
            hedge_max_cost: Repeatable::DEFAULT_COST,
            race: 1,
            cooldown: CooldownConfig::new(),
            providers: Providers::default(),
            fallbacks: Fallbacks::default(),
            eligibility: Eligibility::new(),
            purses: Arc::default(),
            continuation: false,
            keepalive: None,
            messages_keepalive: None,
            admission: None,
            queue: None,
            priority: 0,
            previous: None,
        }
    }

    /// How long each phase of an attempt may take if nobody says otherwise, and nobody
    /// [loses patience](Self::patience): 120 s to the first content of a streamed answer.
    pub fn default_timeouts() -> ByStream {
        let (first, next) = (Duration::from_secs(120), Duration::from_secs(300));
        ByStream {
            whole: Timeouts::new().first_token(next),
            stream: Timeouts::new().first_token(first).content_idle(next),
        }
    }

    /// Adds a group.
    pub fn group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// Adds another name for a group. A hidden one is not listed.
    pub fn alias(
        mut self,
        alias: impl Into<Arc<str>>,
        model: impl Into<Arc<str>>,
        hidden: bool,
    ) -> Self {
        self.aliases.push((alias.into(), model.into(), hidden));
        self
    }

    /// Sets whether a model that nobody else serves may be asked for by the name that a provider has for it, with
    /// the provider or without: `openai/gpt-4o`, `gpt-4o`. Such a name is not listed.
    pub fn upstream_names(mut self, may: bool) -> Self {
        self.upstream_names = may;
        self
    }

    /// Sets how many attempts a call has, the first included, all kinds together. Clamped to between 1
    /// and [`Attempts::HARD_CAP`].
    pub fn max_attempts(mut self, max: u8) -> Self {
        self.max_attempts = max.clamp(1, Attempts::HARD_CAP);
        self
    }

    /// Sets how long a call may take to get an answer, all attempts together. A stream that has begun
    /// is one, and may take longer.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how long each phase of an attempt may take. What a deployment says for itself goes first.
    pub fn timeouts(mut self, timeouts: ByStream) -> Self {
        self.timeouts = Some(timeouts);
        self
    }

    /// Sets whether an attempt is given up when its streamed answer takes longer to begin than nearly all others do,
    /// and another attempt could be made. It is for where nobody has said how long that may take, neither for
    /// [all](Self::timeouts) nor for the deployment.
    pub fn patience(mut self, learns: bool) -> Self {
        self.patience = learns;
        self
    }

    /// Sets how many extra attempts a group may have.
    pub fn budget(mut self, budget: BudgetConfig) -> Self {
        self.budget = budget;
        self
    }

    /// Sets when a failed attempt is tried again.
    pub fn retry(mut self, retry: RetryConfig) -> Self {
        self.retry = retry;
        self
    }

    /// Sets when a slow attempt gets company.
    pub fn hedge(mut self, hedge: HedgeConfig) -> Self {
        self.hedge = hedge;
        self
    }

    /// Sets what the prompt of a call may cost at the dearest deployment of its group, for the call to be sent
    /// twice when it is slow.
    pub fn hedge_max_cost(mut self, cost: Cost) -> Self {
        self.hedge_max_cost = cost;
        self
    }

    /// Sets how many deployments a call is sent to at once. 1 is off.
    pub fn race(mut self, width: u8) -> Self {
        self.race = width;
        self
    }

    /// Sets when a deployment is left alone.
    pub fn cooldown(mut self, cooldown: CooldownConfig) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// Sets which models are asked when one fails.
    pub fn fallbacks(mut self, fallbacks: Fallbacks) -> Self {
        self.fallbacks = fallbacks;
        self
    }

    /// Sets which deployments can take a call at all.
    pub fn eligibility(mut self, eligibility: Eligibility) -> Self {
        self.eligibility = eligibility;
        self
    }

    /// Adds a rule of your own, or [`FitsContext`](super::FitsContext), to those that say which deployments can take a call at all.
    pub fn eligible(mut self, rule: impl Eligible<Call> + Send + Sync + 'static) -> Self {
        self.eligibility = self.eligibility.and(rule);
        self
    }

    /// Sets whether a streamed answer that has broken off is continued by another attempt: by a deployment of
    /// the same group whose model is known to go on from where the assistant's message ends.
    pub fn continuation(mut self, continues: bool) -> Self {
        self.continuation = continues;
        self
    }

    /// Gives callers of streams signs of life. A group may know better, see [`Group::keepalive`].
    pub fn keepalive(mut self, keepalive: KeepaliveConfig) -> Self {
        self.keepalive = Some(keepalive);
        self
    }

    /// Gives callers of Anthropic's Messages signs of life after such a silence, whatever is said of the others. Zero for
    /// never.
    pub fn messages_keepalive(mut self, after: Duration) -> Self {
        self.messages_keepalive = Some(after);
        self
    }

    /// Lets no more calls be in progress at a time than the settings say, all models together, and others wait
    /// in line.
    pub fn admission(mut self, admission: AdmissionConfig) -> Self {
        self.admission = Some(admission);
        self
    }

    /// Lets calls wait for so long when all deployments of a group have as many in flight as they take, instead
    /// of refusing them at once. It is for groups all of whose deployments have a limit.
    pub fn queue(mut self, max_wait: Duration) -> Self {
        self.queue = Some(max_wait);
        self
    }

    /// Sets the place in that line of a call that does not say. Lower is sooner.
    pub fn default_priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Sets what may be spent, by whom. Who has nothing left gets no calls.
    pub fn purses(mut self, purses: Purses) -> Self {
        self.purses = Arc::new(purses);
        self
    }

    /// Goes on where another stack has left off, which it is to replace: a group spends what is left of the
    /// budget of the group that had its name, and of a purse is spent what was spent of that which had its owner. What is known of deployments is theirs: see
    /// [`continue_from`](steeplechase_core::deployment::DeploymentBuilder::continue_from).
    pub fn continue_from(mut self, previous: &Stack) -> Self {
        self.previous = Some(previous.clone());
        self
    }
}

impl Default for Preset {
    fn default() -> Self {
        Self::new()
    }
}
