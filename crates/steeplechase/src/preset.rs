//! The recommended stack, in one visible place.
//!
//! ```text
//!   Keepalive          a sign of life to a caller that waits; off unless asked for
//!   Admission          a line for calls when as many are in progress as may be; off unless asked for
//!   (map_request)      how many attempts a call has, and until when
//!   Fallback           another model, by the kind of failure
//!   Race               off, or several deployments at once; or the caller's several models
//!   Models             one stack for each group, and one budget for its extra attempts
//!     Admission        off, or a line for a group whose deployments all have a limit
//!     Continuation     off, or another attempt for the rest of an answer that has broken off
//!     Hedge            off, or a second attempt when the first is slow
//!     Retry            another attempt when one has failed
//!     Route            picks a deployment
//!       Cooldown       leaves one alone that has asked for it, or is broken
//!       Limit          no more than it takes, at a time and in a minute
//!       Observe        what became of each attempt
//!       Timeout        how long each phase may take
//!       Commit         no answer before its first content
//!       Translate      the provider's own request, and its answer
//!   an HTTP client
//! ```
//!
//! The [`Client`](crate::Client) and the gateway are this stack. A stack of your own is the same
//! layers in another `ServiceBuilder`: start from [`group_stack`] and [`Preset::build`].
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http_body_util::BodyExt;
//! use steeplechase::call::{Call, Dialect, Operation};
//! use steeplechase::dialects::intake::scan;
//! use steeplechase::preset::{Group, Preset};
//! use steeplechase::Deployment;
//! use steeplechase_sim::Sim;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let one = Deployment::builder("one", "fast", Dialect::OpenAi).build();
//! let two = Deployment::builder("two", "fast", Dialect::OpenAi).build();
//! let stack = Preset::new()
//!     .group(Group::new("fast", [one, two]))
//!     // Simulated providers here; `HttpClient::new()` for real ones.
//!     .build(Sim::new("provider"))?;
//!
//! let raw = Bytes::from(r#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#);
//! let head = scan(&raw)?;
//! let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
//! let answer = stack.oneshot(http::Request::new(call)).await?;
//! assert!(answer.into_body().collect().await?.to_bytes().starts_with(b"{"));
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use steeplechase_core::attempts::BudgetConfig;
use steeplechase_core::{Attempts, BoxError, Call, Chunk, Cost, Deployment, Error};
use steeplechase_dialects::intake::with_fields;
use steeplechase_dialects::translate::TranslateLayer;
use steeplechase_layers::admission::{AdmissionConfig, AdmissionLayer};
use steeplechase_layers::commit::CommitLayer;
use steeplechase_layers::continuation::ContinuationLayer;
use steeplechase_layers::cooldown::{CooldownConfig, CooldownLayer, Peers};
use steeplechase_layers::fallback::{FallbackLayer, Fallbacks};
use steeplechase_layers::hedge::{Delay, HedgeConfig, HedgeLayer, Repeatable};
use steeplechase_layers::keepalive::{KeepaliveConfig, KeepaliveLayer};
use steeplechase_layers::limit::LimitLayer;
use steeplechase_layers::models::{Models, Table, TableBuilder, TableError};
use steeplechase_layers::observe::ObserveLayer;
use steeplechase_layers::race::{CallLanes, RaceLayer};
use steeplechase_layers::retry::{RetryConfig, RetryLayer};
use steeplechase_layers::route::{DescribeCall, Eligible, RouteLayer};
use steeplechase_layers::timeout::{self, ByStream, TimeoutLayer, Timeouts};
use tower::util::MapResponseLayer;
use tower::{Service, ServiceBuilder, ServiceExt};

use crate::begin::begin;
pub use crate::continuation::{CanContinue, Joined, JoinedSeam};
use crate::continuation::{can_continue, continuable};
use crate::names;

pub use crate::eligible::{Counter, Eligibility, FitsContext, Tags};
pub use crate::estimate::ByFamily;
pub use crate::group::Group;
use crate::providers::Providers;
pub use crate::stack::{AnswerBody, Stack};

/// The settings of the recommended stack.
///
/// # Defaults
///
/// * Those of each layer.
/// * 3 attempts a call, all kinds together; a deadline of 600 s; extra attempts for at most 20 % of a
///   group's calls.
/// * 120 s to the first content of a streamed answer, and 300 s between two contents, or to a whole
///   answer: reasoning models are silent for long.
/// * No fallbacks; hedge, race, keepalive and continuation are off.
/// * A deployment can be asked for by its id, and by the provider's name for its model if nobody else has it.
/// * A call goes to every deployment that is not known to be unable to take it, see [`Eligibility`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Preset {
    groups: Vec<Group>,
    aliases: Vec<(Arc<str>, Arc<str>, bool)>,
    upstream_names: bool,
    max_attempts: u8,
    deadline: Duration,
    timeouts: ByStream,
    budget: BudgetConfig,
    retry: RetryConfig,
    hedge: HedgeConfig,
    hedge_max_cost: Cost,
    race: u8,
    cooldown: CooldownConfig,
    providers: Providers,
    fallbacks: Fallbacks,
    eligibility: Eligibility,
    continuation: bool,
    keepalive: Option<KeepaliveConfig>,
    admission: Option<AdmissionConfig>,
    queue: Option<Duration>,
    previous: Option<Stack>,
}

/// The stack of one group, over an HTTP client. It is what a hand-made stack starts from.
pub fn group_stack<C, B>(
    group: &Group,
    preset: &Preset,
    client: C,
) -> impl Service<
    Request<Call>,
    Response = Response<impl Body<Data = Chunk, Error = Error> + Send + use<C, B>>,
    Error = Error,
    Future: Send,
> + Clone
+ Send
+ Sync
+ use<C, B>
where
    C: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Future: Send,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let (cooldown, timeouts) = (preset.cooldown, preset.timeouts);
    let (peers, providers) = (
        Peers::of(&group.model, &group.deployments),
        preset.providers.clone(),
    );
    let repeatable = Repeatable::new().at_most(preset.hedge_max_cost, &group.deployments);
    let eligible = preset.eligibility.of(&group.deployments, group.tags);
    // Without anybody who could go on, there is nothing to watch for.
    let continues = preset.continuation && group.deployments.iter().any(|one| can_continue(one));
    ServiceBuilder::new()
        .layer(line_of(group, preset))
        .layer(ContinuationLayer::new(continues.then_some(Joined)))
        .layer(
            HedgeLayer::with(preset.hedge)
                .policy(repeatable)
                .pool(group.deployments.iter().cloned())
                .group(Arc::clone(&group.model)),
        )
        .layer(RetryLayer::with(group.retry_or(preset.retry)))
        .layer(
            RouteLayer::new(
                group.deployments.iter().cloned(),
                Arc::clone(&group.routing),
                move |deployment: &Arc<Deployment>| {
                    (
                        // Erased here: what is moved through all the layers above is small then.
                        MapResponseLayer::new(erase),
                        CooldownLayer::of(deployment, cooldown)
                            .peers(&peers, deployment.load())
                            .provider(providers.get(deployment)),
                        LimitLayer::tracking(deployment.limits()).policy(ByFamily::of(deployment)),
                        ObserveLayer::new(deployment).policy(ByFamily::of(deployment)),
                        TimeoutLayer::new().policy(OfCall(timeouts_of(deployment, timeouts))),
                        CommitLayer::first_content(),
                        TranslateLayer::to(deployment),
                    )
                },
            )
            .eligible(continuable(eligible, continues))
            .describe(DescribeCall),
        )
        .service(client)
}

/// The line for the places of a group, if there is a number of them.
fn line_of(group: &Group, preset: &Preset) -> AdmissionLayer {
    let places = group.deployments.iter().try_fold(0_u32, |sum, deployment| {
        let max = deployment.limits().max_in_flight()?;
        Some(sum.saturating_add(max))
    });
    let (Some(max_wait), Some(places @ 1..)) = (preset.queue, places) else {
        return AdmissionLayer::off();
    };
    let config = AdmissionConfig::new(places).max_wait(max_wait);
    AdmissionLayer::with(config).name(Arc::clone(&group.model))
}

/// Makes of the name of a model the one by which it is known, before anybody looks for what is said of it.
fn by_known_name<T>(request: &mut Request<Call>, table: &Table<T>) {
    let model = request.body().model();
    let known = table.known(model);
    if known.len() != model.len() {
        let call = request.body().with_model(known);
        *request.body_mut() = call;
    }
}

fn erase<B>(response: Response<B>) -> Response<AnswerBody>
where
    B: Body<Data = Chunk, Error = Error> + Send + 'static,
{
    response.map(BodyExt::boxed_unsync)
}

/// The limits of a deployment, or those that a call has for itself.
#[derive(Clone, Copy, Debug)]
struct OfCall(ByStream);

impl timeout::Policy<Call> for OfCall {
    fn timeouts(&self, request: &Request<Call>) -> Timeouts {
        let timeouts = self.0.timeouts(request);
        let controls = Attempts::get(request.extensions()).and_then(Attempts::controls);
        match controls.and_then(|controls| controls.stream_timeout) {
            Some(limit) if request.body().head().stream => {
                timeouts.first_token(limit).content_idle(limit).of_caller()
            }
            _ => timeouts,
        }
    }
}

fn timeouts_of(deployment: &Deployment, timeouts: ByStream) -> ByStream {
    let ByStream { whole, stream } = timeouts;
    let of_stream = deployment.stream_timeout().or(deployment.timeout());
    ByStream {
        whole: match deployment.timeout() {
            Some(limit) => whole.first_token(limit),
            None => whole,
        },
        stream: match of_stream {
            Some(limit) => stream.first_token(limit).content_idle(limit),
            None => stream,
        },
    }
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
            timeouts: Self::default_timeouts(),
            budget: BudgetConfig::new(),
            retry: RetryConfig::new(),
            hedge: HedgeConfig::new(Delay::Off),
            hedge_max_cost: Repeatable::DEFAULT_COST,
            race: 1,
            cooldown: CooldownConfig::new(),
            providers: Providers::default(),
            fallbacks: Fallbacks::default(),
            eligibility: Eligibility::new(),
            continuation: false,
            keepalive: None,
            admission: None,
            queue: None,
            previous: None,
        }
    }

    /// How long each phase of an attempt may take if nobody says otherwise.
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
        self.timeouts = timeouts;
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

    /// Adds a rule of your own, or [`FitsContext`], to those that say which deployments can take a call at all.
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

    /// Gives callers of streams signs of life.
    pub fn keepalive(mut self, keepalive: KeepaliveConfig) -> Self {
        self.keepalive = Some(keepalive);
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

    /// Goes on where another stack has left off, which it is to replace: a group spends what is left of the
    /// budget of the group that had its name. What is known of deployments is theirs: see
    /// [`continue_from`](steeplechase_core::deployment::DeploymentBuilder::continue_from).
    pub fn continue_from(mut self, previous: &Stack) -> Self {
        self.previous = Some(previous.clone());
        self
    }

    /// The stack, over an HTTP client.
    ///
    /// # Errors
    ///
    /// A model has two groups, or an alias has none.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "as with every service that is wrapped, it is given away"
    )]
    pub fn build<C, B>(mut self, client: C) -> Result<Stack, TableError>
    where
        C: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        C::Future: Send,
        C::Error: Into<BoxError>,
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        self.providers = Providers::of(&self.groups);
        let mut table: TableBuilder<_> = Models::builder();
        let mut served: TableBuilder<Arc<[_]>> = Table::builder();
        for group in &self.groups {
            let deployments = group.deployments.iter().cloned().collect();
            let budget = Stack::budget_after(self.previous.as_ref(), &group.model, self.budget);
            served = served.group(Arc::clone(&group.model), deployments, budget.clone());
            let stack = group_stack(group, &self, client.clone());
            table = table.group(Arc::clone(&group.model), stack, budget);
            if group.hidden {
                table = table.hide(Arc::clone(&group.model));
            }
        }
        for (alias, model, hidden) in &self.aliases {
            table = table.alias(Arc::clone(alias), Arc::clone(model));
            served = served.alias(Arc::clone(alias), Arc::clone(model));
            if *hidden {
                table = table.hide(Arc::clone(alias));
            }
        }
        for part in names::parts(&self.groups, self.upstream_names) {
            table = part.add_to(table);
            served = part.add_to(served);
        }
        let (table, served) = (table.build()?, Arc::new(served.build()?));
        let names = table.names().into();

        let (max_attempts, deadline) = (self.max_attempts, self.deadline);
        let known = Arc::clone(&served);
        let keepalive = self
            .keepalive
            .map_or(KeepaliveLayer::off(), KeepaliveLayer::with);
        let admission = self
            .admission
            .map_or(AdmissionLayer::off(), AdmissionLayer::with);
        let stack = ServiceBuilder::new()
            .layer(keepalive)
            .map_request(move |mut request: Request<Call>| {
                by_known_name(&mut request, &known);
                begin(request, max_attempts, deadline)
            })
            .layer(admission)
            .layer(FallbackLayer::new(self.fallbacks).patch(with_fields))
            .layer(RaceLayer::new(self.race).policy(CallLanes { width: self.race }))
            .service(Models::new(table));
        let inner = stack.map_response(|response| response.map(BodyExt::boxed_unsync));
        Ok(Stack::new(inner, names, served))
    }
}

impl Default for Preset {
    fn default() -> Self {
        Self::new()
    }
}
