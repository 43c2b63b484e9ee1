//! The simulated provider: its settings, and the handle to what it has seen.
//!
//! ```text
//! Sim ─┬─ config      what this handle was built with; a setter changes this clone only
//!      └─ shared      script, counters, log, clock: one for all clones
//! ```

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;

use crate::aws::Aws;
use crate::behaviour::Behaviour;
use crate::config::{Brownout, Config, Secret};
use crate::counts::{Counts, Tally, Ticket};
use crate::draw::Draw;
use crate::hold::Gate;
use crate::latency::{Latency, scale};
use crate::plan::Prebuilt;
use crate::quirks::Quirks;
use crate::recorded::Recorded;
use crate::route::Route;

/// A simulated provider.
///
/// It is a [`tower::Service`] of HTTP requests, always ready. Cloning it is cheap, and all clones
/// share their script, counters and log: keep one, and ask it what the others have seen.
///
/// See the [crate documentation](crate) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct Sim {
    pub(crate) config: Arc<Config>,
    pub(crate) shared: Arc<Shared>,
}

/// What all clones of a [`Sim`] have in common.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) tally: Arc<Tally>,
    pub(crate) prebuilt: Prebuilt,
    gate: Gate,
    control: Mutex<Control>,
    log: Mutex<VecDeque<Recorded>>,
    // When the first request came: brownouts are timed from then.
    start: OnceLock<Instant>,
}

#[derive(Debug, Default)]
struct Control {
    script: VecDeque<Arc<Behaviour>>,
    // Replaces `Config::always`.
    always: Option<Arc<Behaviour>>,
}

/// How it is built. Each setter changes this handle only, not the clones made before.
impl Sim {
    /// A provider that answers at once, with sixteen words, and keeps the last 1024 requests.
    ///
    /// Its answers say `name`: in the header `x-sim`, in the ids, and in OpenAI's
    /// `system_fingerprint`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            config: Arc::new(Config::new(name.into())),
            shared: Arc::default(),
        }
    }

    /// A provider for benchmarks: it never waits, keeps no requests, and remembers what it has
    /// answered, so that the frames for a request seen before are not built again.
    ///
    /// The same request therefore gets the same ids each time.
    pub fn instant(name: impl Into<String>) -> Self {
        let mut sim = Self::new(name);
        let config = sim.config_mut();
        config.prebuilt = true;
        config.record = 0;
        sim
    }

    /// Sets the seed. With the same name, seed and requests, a run repeats exactly: whatever is
    /// drawn for a request depends on these and on the number of the request alone. Default: 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.config_mut().seed = seed;
        self
    }

    /// Sets how long after a request the response head comes. Default: at once.
    ///
    /// A stream's first events, which carry no content, come with it. An answer that is not
    /// streamed is not ready before its last token is.
    pub fn head(mut self, latency: Latency) -> Self {
        self.config_mut().head = latency;
        self
    }

    /// Sets how long after a request the first token comes. Default: at once.
    pub fn first_token(mut self, latency: Latency) -> Self {
        self.config_mut().first_token = latency;
        self
    }

    /// Sets the time from one token to the next. Default: none.
    pub fn between_tokens(mut self, latency: Latency) -> Self {
        self.config_mut().between_tokens = latency;
        self
    }

    /// Sets a steady rate of tokens, as [`between_tokens`](Self::between_tokens) does otherwise.
    ///
    /// A rate that is not positive means that the tokens all come at once.
    pub fn tokens_per_second(self, rate: f64) -> Self {
        let gap = if rate > 0.0 {
            scale(Duration::from_secs(1), 1.0 / rate)
        } else {
            Duration::ZERO
        };
        self.between_tokens(Latency::fixed(gap))
    }

    /// Sets how many tokens an answer has. Each is a word. The request's own limit holds too.
    /// Default: 16.
    pub fn tokens(mut self, tokens: usize) -> Self {
        self.config_mut().tokens = tokens;
        self
    }

    /// Lets a request suffer `fault` with probability `share` (0 to 1). May be called several
    /// times: the shares add up, and a request suffers one fault at most.
    pub fn faults(mut self, share: f64, fault: Behaviour) -> Self {
        self.config_mut().faults.push((share, Arc::new(fault)));
        self
    }

    /// Makes a bad time: for as long as `during` lasts, counted from the first request, everything
    /// takes `factor` times as long, and requests are refused as
    /// [`overloaded`](Behaviour::overloaded) with probability `fault_share`.
    pub fn brownout(mut self, during: Range<Duration>, factor: f64, fault_share: f64) -> Self {
        self.config_mut().brownouts.push(Brownout {
            during,
            factor,
            fault_share,
        });
        self
    }

    /// Sets what happens to requests for which there is no script, and that meet no fault.
    /// Default: [`Behaviour::answer`].
    pub fn always(mut self, behaviour: Behaviour) -> Self {
        self.config_mut().always = Arc::new(behaviour);
        self
    }

    /// Says what happens to the next requests, one after the other: as [`enqueue`](Self::enqueue),
    /// while building.
    pub fn script(self, behaviours: impl IntoIterator<Item = Behaviour>) -> Self {
        self.enqueue(behaviours);
        self
    }

    /// Refuses requests without this key, as a bearer token or in the header that the dialect has for
    /// it, such as `x-api-key`. Default: none needed.
    pub fn require_key(mut self, key: impl Into<String>) -> Self {
        self.config_mut().key = Some(Secret(key.into()));
        self
    }

    /// Refuses requests to Vertex AI without this access token, which is not the
    /// [key](Self::require_key) of the other dialects. Default: the key, if there is one.
    pub fn require_google_token(mut self, token: impl Into<String>) -> Self {
        self.config_mut().google_token = Some(Secret(token.into()));
        self
    }

    /// Refuses requests to Bedrock that are not signed with these credentials. If there is a
    /// [key](Self::require_key) as well, a request may have that instead. Default: none needed.
    pub fn require_aws(mut self, aws: Aws) -> Self {
        self.config_mut().aws = Some(aws);
        self
    }

    /// Sets how it differs from OpenAI in OpenAI's dialect. Default: not at all.
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.config_mut().quirks = quirks;
        self
    }

    /// Sets the models that `GET /models` lists. Default: `sim-model`.
    ///
    /// Requests may name any model.
    pub fn models<M: Into<String>>(mut self, models: impl IntoIterator<Item = M>) -> Self {
        self.config_mut().models = models.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how many requests are kept for [`requests`](Self::requests). Default: 1024.
    pub fn record(mut self, requests: usize) -> Self {
        self.config_mut().record = requests;
        self
    }

    fn config_mut(&mut self) -> &mut Config {
        Arc::make_mut(&mut self.config)
    }
}

/// What it is told while it runs. Holds for all clones.
impl Sim {
    /// Says what happens to the next requests, after those already said: the first to come takes
    /// the first behaviour, and so on. A script goes before faults and brownouts.
    ///
    /// Only requests for an answer take from it, and do so as they come in, valid or not. Listing
    /// models and unknown addresses do not.
    pub fn enqueue(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        let behaviours = behaviours.into_iter().map(Arc::new);
        self.control().script.extend(behaviours);
    }

    /// Sets from now on, for all clones, what [`always`](Self::always) sets while building.
    pub fn set_always(&self, behaviour: Behaviour) {
        self.control().always = Some(Arc::new(behaviour));
    }

    /// Lets all requests go on that are [`held`](Behaviour::held) now. Those that come later wait for
    /// the next release.
    pub fn release(&self) {
        self.shared.gate.release();
    }

    fn control(&self) -> MutexGuard<'_, Control> {
        let control = self.shared.control.lock();
        control.unwrap_or_else(PoisonError::into_inner)
    }
}

/// What it has seen. Of all clones.
impl Sim {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// How many requests there have been, and how they ended.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.tally.counts()
    }

    /// How many requests have not ended yet.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.counts().in_flight()
    }

    /// The most requests that there have been in flight at once.
    #[must_use]
    pub fn peak_in_flight(&self) -> u64 {
        self.shared.tally.peak()
    }

    /// When the caller last gave up a request.
    #[must_use]
    pub fn cancelled_at(&self) -> Option<Instant> {
        self.shared.tally.last_cancel()
    }

    /// Waits until the counts are such that `condition` holds, and returns them.
    ///
    /// The condition is looked at whenever a count changes, and before. Dropping the future has no
    /// effect.
    pub async fn wait_until(&self, condition: impl FnMut(&Counts) -> bool) -> Counts {
        self.shared.tally.wait(condition).await
    }

    /// Waits until `cancelled` requests have been cancelled, over the life of the sim.
    pub async fn wait_cancelled(&self, cancelled: u64) -> Counts {
        self.wait_until(|counts| counts.cancelled >= cancelled)
            .await
    }

    /// The last requests, oldest first, that were read to their end. How many are kept: see
    /// [`record`](Self::record).
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.log().iter().cloned().collect()
    }

    pub(crate) fn keep(&self, recorded: impl FnOnce() -> Recorded) {
        let room = self.config.record;
        if room == 0 {
            return;
        }
        let recorded = recorded();
        let mut log = self.log();
        while log.len() >= room {
            log.pop_front();
        }
        log.push_back(recorded);
    }

    fn log(&self) -> MutexGuard<'_, VecDeque<Recorded>> {
        let log = self.shared.log.lock();
        log.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sim {
    /// Counts a request in and draws all that chance decides about it.
    pub(crate) fn arrive(&self, now: Instant, route: Route) -> (Ticket, Draw) {
        // Before it is counted: whoever sees it counted may release it.
        let hold = self.shared.gate.hold();
        let (number, ticket) = self.shared.tally.start();
        let (step, always) = if route.takes_script() {
            let mut control = self.control();
            (control.script.pop_front(), control.always.clone())
        } else {
            (None, None)
        };
        let since_start = now.saturating_duration_since(*self.shared.start.get_or_init(|| now));
        let always = always.as_ref().unwrap_or(&self.config.always);
        let draw = Draw::new(&self.config, number, since_start, always, step);
        let draw = if route.takes_script() {
            draw
        } else {
            draw.plain()
        };
        (ticket, draw.held_by(hold))
    }

    pub(crate) fn name_header(&self) -> Option<&HeaderValue> {
        self.config.name_header.as_ref()
    }
}
