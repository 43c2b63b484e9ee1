//! An outage of everybody: it costs little more than if nobody tried again, and each caller is told.

use std::collections::HashMap;
use std::time::Duration;

use http_body_util::BodyExt;
use steeplechase::attempts::Kind;
use steeplechase::layers::fallback::Fallbacks;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::retry::RetryConfig;
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::{Attempts, Error, Group, Preset, Stack};
use steeplechase_sim::{Behaviour, Latency, Sim};
use tokio::task::JoinSet;
use tokio::time::{self, Instant};
use tower::ServiceExt;

use super::*;

const OUTAGE: Duration = Duration::from_secs(600);

/// Until a call has to be over.
const DEADLINE: Duration = Duration::from_secs(45);

/// What a budget holds when it is full.
const BURST: usize = 10;

/// The providers of the model asked for, and those of its fallback.
const FIRST: [&str; 2] = ["one", "two"];
const SECOND: [&str; 2] = ["three", "four"];

/// What a caller has seen.
struct Told {
    mark: String,
    took: Duration,
    /// How many attempts were counted, the first included.
    used: u8,
    /// Whether it came to the other model.
    fell_back: bool,
    outcome: Result<(), Error>,
}

struct World {
    hosts: Hosts,
    stack: Stack,
    calls: JoinSet<Told>,
    made: usize,
    /// How long the last calls went on after nobody else came.
    rest: Duration,
}

// ===== impl World =====

impl World {
    fn new(preset: Preset, are_gone: bool) -> Self {
        let sims = FIRST.into_iter().chain(SECOND).map(|name| {
            let sim = Sim::new(name).first_token(Latency::lognormal(millis(400), 0.4));
            sim.record(0)
        });
        let mut hosts = Hosts::new(sims);
        hosts.are_gone = are_gone;
        let first = Timeouts::new().first_token(secs(10));
        let timeouts = ByStream {
            whole: first,
            stream: first,
        };
        let group = |model, sims: [&str; 2]| {
            Group::new(model, sims.map(|sim| deployment(sim, model).build()))
        };
        let preset = preset
            .group(group(MODEL, FIRST))
            .group(group(SPARE, SECOND))
            .timeouts(timeouts)
            .deadline(DEADLINE);
        Self {
            stack: hosts.stack(preset),
            hosts,
            calls: JoinSet::new(),
            made: 0,
            rest: Duration::ZERO,
        }
    }

    fn set_always(&self, behaviour: &Behaviour) {
        for sim in self.hosts.sims.values() {
            sim.set_always(behaviour.clone());
        }
    }

    /// Lets calls come for a time, every second one for a stream, and waits for what becomes of them.
    async fn run(&mut self, during: Duration, gap: Duration) -> Vec<Told> {
        let end = Instant::now() + during;
        while Instant::now() < end {
            let stack = self.stack.clone();
            let (mark, is_streamed) = (self.made.to_string(), self.made.is_multiple_of(2));
            self.made += 1;
            self.calls.spawn(async move {
                let mut request = call(&mark, is_streamed);
                let attempts = Attempts::of(request.extensions_mut());
                let began = Instant::now();
                let outcome = stack.oneshot(request).await;
                let took = began.elapsed();
                let outcome = match outcome {
                    Ok(answer) => answer.into_body().collect().await.map(drop),
                    Err(error) => Err(error),
                };
                Told {
                    mark,
                    took,
                    used: attempts.used(),
                    fell_back: attempts.count(Kind::Fallback) > 0,
                    outcome,
                }
            });
            time::sleep(gap).await;
        }
        let last = Instant::now();
        let over = std::mem::take(&mut self.calls).join_all();
        let told = time::timeout(DEADLINE + secs(1), over).await;
        self.rest = last.elapsed();
        told.expect("no call hangs")
    }

    /// The most extra attempts that a group may have: a fifth of its calls, the bucket that is full when it
    /// begins, and the reserve of one a second when no more calls come to put in as much. Before that they do:
    /// there are five of them a second.
    fn most_extra(&self, calls: usize) -> usize {
        let reserve = usize::try_from(self.rest.as_secs()).unwrap();
        calls / 5 + BURST + reserve
    }

    /// What each group has sent for these calls.
    fn bills(&self, told: &[Told]) -> [Bill; 2] {
        let mut attempts: HashMap<(&str, bool), usize> = HashMap::new();
        let sent = self.hosts.sent.lock().unwrap();
        for (mark, host) in &*sent {
            let is_first = FIRST.contains(&host.as_str());
            *attempts.entry((mark, is_first)).or_default() += 1;
        }
        [true, false].map(|is_first| {
            let came = told.iter().filter(|told| is_first || told.fell_back);
            let mut bill = Bill::default();
            for told in came {
                let sent = attempts.get(&(told.mark.as_str(), is_first));
                let sent = sent.copied().unwrap_or_default();
                bill.calls += 1;
                bill.sent += sent;
                bill.extra += sent.saturating_sub(1);
            }
            bill
        })
    }
}

/// What a group has sent.
#[derive(Debug, Default)]
struct Bill {
    /// The calls that came to it.
    calls: usize,
    /// All attempts of those calls.
    sent: usize,
    /// The attempts of those calls but for the first of each.
    extra: usize,
}

/// What tries the most: retries, hedges, and as many attempts as there may be.
fn eager() -> Preset {
    Preset::new()
        .max_attempts(Attempts::HARD_CAP)
        .retry(RetryConfig::new().max_retries(4))
        .hedge(HedgeConfig::new(Delay::Auto))
}

/// Each of the callers was told in time, so that nobody above tries again what was tried here.
fn assert_told(name: &str, told: &[Told], hosts: &Hosts) {
    let mut sent: HashMap<String, usize> = HashMap::new();
    for (mark, _) in &*hosts.sent.lock().unwrap() {
        *sent.entry(mark.clone()).or_default() += 1;
    }
    for told in told {
        let error = told.outcome.as_ref().expect_err("nobody could answer");
        let sent = sent.get(&told.mark).copied().unwrap_or_default();
        let what = format!("{name}: {error:?} after {sent} attempts");
        assert!(told.took <= DEADLINE + millis(50), "{what}");
        assert!(sent <= usize::from(told.used), "{what}");
        assert!(
            error.status().is_server_error() || error.status() == 429,
            "{what}"
        );
        assert!(!error.message().is_empty(), "{what}");
        // Of a call that nobody was asked for nothing is multiplied, if its caller comes back when it is told to.
        let is_told_when = sent == 0 && error.retry_after().is_some();
        assert!(error.is_final() || is_told_when, "{what}");
    }
}

fn outages() -> Vec<(&'static str, Option<Behaviour>)> {
    let role_then = Behaviour::answer;
    vec![
        ("500 at once", Some(Behaviour::error(500))),
        ("503 at once", Some(Behaviour::error(503))),
        ("429 without a hint", Some(Behaviour::error(429))),
        ("stalls", Some(Behaviour::stall_before_head())),
        ("stalls after 200", Some(role_then().stall_after_tokens(0))),
        (
            "an error after 200",
            Some(role_then().error_event_after_tokens(0, "server_error")),
        ),
        ("a cut after 200", Some(role_then().cut_after_tokens(0))),
        ("a reset", Some(Behaviour::reset())),
        ("no connection", None),
    ]
}

#[tokio::test(start_paused = true)]
async fn when_all_providers_are_down_extra_attempts_are_a_fifth_of_calls_and_a_burst() {
    for (name, outage) in outages() {
        fastrand::seed(7);
        let fallbacks = Fallbacks::default().general(MODEL, [SPARE]);
        let mut world = World::new(eager().fallbacks(fallbacks), outage.is_none());
        if let Some(outage) = &outage {
            let told = world.run(secs(60), millis(200)).await;
            assert!(told.iter().all(|told| told.outcome.is_ok()), "{name}");
            world.set_always(outage);
        }
        let (before, counted) = (
            world.hosts.sent.lock().unwrap().len(),
            world.hosts.started(),
        );
        let told = world.run(OUTAGE, millis(200)).await;
        assert_told(name, &told, &world.hosts);

        let bills = world.bills(&told);
        for bill in &bills {
            let most = world.most_extra(bill.calls);
            assert!(bill.extra <= most, "{name}: {bills:?}, and not {most}");
        }
        // The providers have counted the same.
        let sent: usize = bills.iter().map(|bill| bill.sent).sum();
        assert_eq!(
            world.hosts.sent.lock().unwrap().len() - before,
            sent,
            "{name}"
        );
        if outage.is_some() {
            assert_eq!(world.hosts.started() - counted, sent as u64, "{name}");
        }
        assert_eq!(world.hosts.in_flight(), 0, "{name}");
    }
}

/// The same for a single group, which has the attempts that were held back for a fallback to spend as well.
#[tokio::test(start_paused = true)]
async fn extra_attempts_of_a_model_without_a_fallback_are_as_few_when_all_are_down() {
    for (name, outage) in outages() {
        fastrand::seed(7);
        let mut world = World::new(eager(), outage.is_none());
        if let Some(outage) = &outage {
            world.set_always(outage);
        }
        let told = world.run(OUTAGE, millis(200)).await;
        assert_told(name, &told, &world.hosts);
        let [bill, none] = world.bills(&told);
        let most = world.most_extra(bill.calls);
        assert!(bill.extra <= most, "{name}: {bill:?}, and not {most}");
        assert_eq!(
            none.calls, 0,
            "{name}: nobody has asked for the other model"
        );
    }
}

/// A group with little traffic may try again more often than a fifth of its calls: one token a second comes by
/// itself. It is that, and the burst, and no more.
#[tokio::test(start_paused = true)]
async fn a_group_with_little_traffic_has_its_reserve_and_no_more() {
    fastrand::seed(7);
    let mut world = World::new(eager(), false);
    world.set_always(&Behaviour::error(500));
    let told = world.run(OUTAGE, secs(1)).await;
    assert_told("500 at once", &told, &world.hosts);
    let [bill, _] = world.bills(&told);
    let reserve = usize::try_from(OUTAGE.as_secs()).unwrap();
    assert!(bill.extra <= reserve + BURST, "{bill:?}");
    assert!(bill.extra >= reserve / 2, "it is of use: {bill:?}");
}
