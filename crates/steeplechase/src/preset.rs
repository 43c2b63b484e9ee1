//! The recommended stack, in one visible place.
//!
//! ```text
//!   Keepalive          a sign of life to a caller that waits; off unless asked for
//!   (map_request)      how many attempts a call has, and until when
//!   Fallback           another model, by the kind of failure
//!   Race               off, or several deployments at once; or the caller's several models
//!   Models             one stack for each group, and one budget for its extra attempts
//!     Hedge            off, or a second attempt when the first is slow
//!     Retry            another attempt when one has failed
//!     Route            picks a deployment
//!       Cooldown       leaves one alone that has asked for it, or is broken
//!       Limit          no more at a time than it takes
//!       Observe        what became of each attempt
//!       Timeout        how long each phase may take
//!       Commit         no answer before its first content
//!       Split          no more texts in a request for vectors than it takes
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
use steeplechase_core::{Attempts, BoxError, Budget, Call, Chunk, Deployment, Error};
use steeplechase_dialects::embed::split::SplitLayer;
use steeplechase_dialects::translate::TranslateLayer;
use steeplechase_layers::commit::CommitLayer;
use steeplechase_layers::cooldown::{CooldownConfig, CooldownLayer};
use steeplechase_layers::fallback::{FallbackLayer, Fallbacks};
use steeplechase_layers::hedge::{Delay, HedgeConfig, HedgeLayer, SingleAnswer};
use steeplechase_layers::keepalive::{KeepaliveConfig, KeepaliveLayer};
use steeplechase_layers::limit::LimitLayer;
use steeplechase_layers::models::{Models, Table, TableBuilder, TableError};
use steeplechase_layers::observe::ObserveLayer;
use steeplechase_layers::race::{CallLanes, RaceLayer};
use steeplechase_layers::retry::{RetryConfig, RetryLayer};
use steeplechase_layers::route::{Eligible, RouteLayer};
use steeplechase_layers::timeout::{ByStream, TimeoutLayer, Timeouts};
use tokio::time::Instant;
use tower::util::MapResponseLayer;
use tower::{Service, ServiceBuilder, ServiceExt};

pub use crate::context::{Counter, FitsContext};
pub use crate::estimate::ByFamily;
pub use crate::group::Group;
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
/// * No fallbacks; hedge, race and keepalive are off. Every deployment can take every call.
#[derive(Clone, Debug)]
#[must_use]
pub struct Preset {
    groups: Vec<Group>,
    aliases: Vec<(Arc<str>, Arc<str>, bool)>,
    max_attempts: u8,
    deadline: Duration,
    timeouts: ByStream,
    budget: BudgetConfig,
    retry: RetryConfig,
    hedge: HedgeConfig,
    race: u8,
    cooldown: CooldownConfig,
    fallbacks: Fallbacks,
    eligible: Option<Arc<Eligibility>>,
    keepalive: Option<KeepaliveConfig>,
}

/// Says which deployments can take a call at all.
type Eligibility = dyn Eligible<Call> + Send + Sync;

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
    ServiceBuilder::new()
        .layer(
            HedgeLayer::with(preset.hedge)
                .policy(SingleAnswer)
                .group(Arc::clone(&group.model)),
        )
        .layer(RetryLayer::with(preset.retry))
        .layer(
            RouteLayer::new(
                group.deployments.iter().cloned(),
                Arc::clone(&group.routing),
                move |deployment: &Arc<Deployment>| {
                    (
                        // Erased here: what is moved through all the layers above is small then.
                        MapResponseLayer::new(erase),
                        CooldownLayer::with(cooldown)
                            .track(deployment.health())
                            .name(deployment.id()),
                        LimitLayer::tracking(deployment.limits()),
                        ObserveLayer::new(deployment).policy(ByFamily::of(deployment)),
                        TimeoutLayer::new().policy(timeouts_of(deployment, timeouts)),
                        CommitLayer::first_content(),
                        SplitLayer::to(deployment),
                        TranslateLayer::to(deployment),
                    )
                },
            )
            .eligible(preset.eligible.clone()),
        )
        .service(client)
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
            max_attempts: Attempts::DEFAULT_MAX,
            deadline: Duration::from_secs(600),
            timeouts: Self::default_timeouts(),
            budget: BudgetConfig::new(),
            retry: RetryConfig::new(),
            hedge: HedgeConfig::new(Delay::Off),
            race: 1,
            cooldown: CooldownConfig::new(),
            fallbacks: Fallbacks::default(),
            eligible: None,
            keepalive: None,
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

    /// Sets which deployments can take a call at all, as [`FitsContext`] does.
    pub fn eligible(mut self, eligible: impl Eligible<Call> + Send + Sync + 'static) -> Self {
        self.eligible = Some(Arc::new(eligible));
        self
    }

    /// Gives callers of streams signs of life.
    pub fn keepalive(mut self, keepalive: KeepaliveConfig) -> Self {
        self.keepalive = Some(keepalive);
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
    pub fn build<C, B>(self, client: C) -> Result<Stack, TableError>
    where
        C: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        C::Future: Send,
        C::Error: Into<BoxError>,
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        let mut table: TableBuilder<_> = Models::builder();
        let mut served: TableBuilder<Arc<[_]>> = Table::builder();
        for group in &self.groups {
            let deployments = group.deployments.iter().cloned().collect();
            served = served.group(Arc::clone(&group.model), deployments, None);
            let stack = group_stack(group, &self, client.clone());
            table = table.group(Arc::clone(&group.model), stack, Budget::new(self.budget));
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
        let (table, served) = (table.build()?, Arc::new(served.build()?));
        let names = table.names().into();

        let (max_attempts, deadline) = (self.max_attempts, self.deadline);
        let known = Arc::clone(&served);
        let keepalive = self
            .keepalive
            .map_or(KeepaliveLayer::off(), KeepaliveLayer::with);
        let stack = ServiceBuilder::new()
            .layer(keepalive)
            .map_request(move |mut request: Request<Call>| {
                by_known_name(&mut request, &known);
                let attempts = Attempts::of(request.extensions_mut());
                // Who names several models wants all of them to run.
                let call = request.body();
                let is_race = call.head().fastest_response && call.model().contains(',');
                attempts.set_max(if is_race {
                    Attempts::HARD_CAP
                } else {
                    max_attempts
                });
                // One that is too far away to be told is none.
                if let Some(at) = Instant::now().checked_add(deadline) {
                    attempts.limit_deadline(at);
                }
                request
            })
            .layer(FallbackLayer::new(self.fallbacks))
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
