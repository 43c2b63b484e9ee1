//! World B: replicas that can do so much at a time, and for a minute more calls than that.

use std::sync::Arc;
use std::time::Duration;

use steeplechase::layers::hedge::{Delay, HedgeConfig};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{self, Instant};

use super::Size;
use super::drive::{
    Outcome, arrivals, chances, drive, exponential, normal, on_all_processors, simulate,
};
use super::figures::{Figures, stack};
use super::settings::{self, Routing, Setting};
use super::upstream::{Ending, Pending, Upstream, World};

/// How one setting came out of the surge.
#[derive(Clone, Debug)]
pub(crate) struct Recovery {
    pub(crate) name: &'static str,
    pub(crate) load: f64,
    pub(crate) honours_cancel: bool,
    /// How long after the surge most calls are good again. `None` if they are not while it is looked at.
    pub(crate) after: Option<Duration>,
    /// The most extra attempts that calls had.
    pub(crate) extra: f64,
    /// Whether the budget of the preset holds.
    pub(crate) has_budget: bool,
    /// The share of calls that were good before the surge.
    pub(crate) good_before: f64,
}

/// Replicas of which each does so many calls at a time and lets the others wait in line.
pub(crate) struct Crowd {
    seed: u64,
    replicas: Vec<Replica>,
    honours_cancel: bool,
    epoch: Instant,
}

struct Replica {
    slots: Arc<Semaphore>,
    /// How long everything takes, beside the others.
    slower: f64,
}

/// A setting, and how many calls the gateway lets a replica have at a time.
type Row = (Setting, Option<u32>);

const REPLICAS: usize = 4;
const SLOTS: usize = 16;

/// The first token without a wait: lognormal. The tokens after it: exponential.
const MEDIAN: f64 = 0.5;
const SIGMA: f64 = 0.5;
const GENERATION: f64 = 3.4;

/// When the surge is, how strong it is, and until when it is looked at.
const SURGE: [Duration; 2] = [Duration::from_secs(120), Duration::from_secs(180)];
const STRENGTH: f64 = 1.6;
const END: Duration = Duration::from_secs(900);

/// A call whose first token comes sooner is good, and a while in which so many are is.
const GOOD: Duration = Duration::from_secs(5);
const MOST: f64 = 0.90;
const WHILE: Duration = Duration::from_secs(10);

const LOADS: [f64; 3] = [0.70, 0.85, 0.95];

pub(crate) fn run(size: Size) -> Vec<Recovery> {
    let mut jobs: Vec<Box<dyn FnOnce() -> Recovery + Send>> = Vec::new();
    for (setting, limit) in rows() {
        for load in LOADS {
            for honours_cancel in [true, false] {
                let row = (setting.clone(), limit);
                let looks = size.crowds;
                jobs.push(Box::new(move || {
                    recovery(&row, load, honours_cancel, looks)
                }));
            }
        }
    }
    let all = on_all_processors(jobs);
    print(&all, size.crowds);
    all
}

fn rows() -> Vec<Row> {
    let five = Duration::from_secs(5);
    let three = Duration::from_secs(3);
    let retry = Setting::retry("retry at 5 s", five);
    let unlimited = retry.preset.clone().budget(settings::no_budget());
    let full = HedgeConfig::new(Delay::Auto);
    vec![
        (Setting::none().routed(Routing::LeastBusy), None),
        (
            Setting::random("retry at 5 s, no budget", unlimited).routed(Routing::LeastBusy),
            None,
        ),
        (retry.routed(Routing::LeastBusy), None),
        (
            Setting::fixed("hedge at 2 s, uncapped", Duration::from_secs(2))
                .routed(Routing::LeastBusy),
            None,
        ),
        (Setting::auto().routed(Routing::LeastBusy), None),
        (Setting::race().routed(Routing::LeastBusy), None),
        (Setting::full(), None),
        (Setting::full().without_cooldown("full, no cooldown"), None),
        (Setting::full_with("full, 20 in flight", full), Some(20)),
        (
            Setting::full().queued("full, a line of 3 s", three),
            Some(16),
        ),
    ]
}

/// The worst of several looks.
fn recovery((setting, limit): &Row, load: f64, honours_cancel: bool, looks: u64) -> Recovery {
    let looks = (0..looks).map(|seed| look(seed, setting, *limit, load, honours_cancel));
    let worst = |one: Recovery, other: Recovery| Recovery {
        after: one
            .after
            .zip(other.after)
            .map(|(one, other)| one.max(other)),
        extra: one.extra.max(other.extra),
        good_before: one.good_before.min(other.good_before),
        ..one
    };
    looks.reduce(worst).expect("it is looked at least once")
}

fn look(
    seed: u64,
    setting: &Setting,
    limit: Option<u32>,
    load: f64,
    honours_cancel: bool,
) -> Recovery {
    let (outcomes, figures) = simulate(seed, async {
        let crowd = Crowd::new(seed, vec![1.0; REPLICAS], SLOTS, honours_cancel);
        let capacity = crowd.capacity(SLOTS);
        let upstream = Upstream::new(crowd);
        let stack = stack(setting, &upstream, REPLICAS, limit);
        let rate = |at: Duration| {
            let is_surge = SURGE[0] <= at && at < SURGE[1];
            load * capacity * if is_surge { STRENGTH } else { 1.0 }
        };
        let times = arrivals(seed, rate).take_while(|at| *at < END);
        let outcomes = drive(&[stack], times).await;
        let figures = Figures::new(setting.name, &outcomes, upstream.books());
        (outcomes, figures)
    });
    Recovery {
        name: setting.name,
        load,
        honours_cancel,
        after: recovered(&outcomes),
        extra: figures.extra(),
        has_budget: !setting.name.contains("no budget") && !setting.name.contains("uncapped"),
        good_before: good(&outcomes, Duration::ZERO, SURGE[0]),
    }
}

/// How long after the surge three whiles in a row are good.
fn recovered(outcomes: &[Outcome]) -> Option<Duration> {
    let is_good = |start: Duration| good(outcomes, start, start + WHILE) >= MOST;
    let starts = (0..).map(|n| SURGE[1] + WHILE * n);
    let mut starts = starts.take_while(|start| *start + WHILE * 3 <= END);
    let start = starts.find(|start| (0..3).all(|n| is_good(*start + WHILE * n)))?;
    Some(start.saturating_sub(SURGE[1]))
}

#[allow(clippy::cast_precision_loss, reason = "there are few calls")]
fn good(outcomes: &[Outcome], from: Duration, to: Duration) -> f64 {
    let then = outcomes
        .iter()
        .filter(|outcome| from <= outcome.sent && outcome.sent < to);
    let is_good = |outcome: &&Outcome| outcome.took.is_some_and(|took| took < GOOD);
    let (good, all) = (then.clone().filter(is_good).count(), then.count());
    good as f64 / all.max(1) as f64
}

fn print(all: &[Recovery], looks: u64) {
    println!();
    println!(
        "B, {REPLICAS} replicas of {SLOTS} slots, {STRENGTH} times the calls for a minute; the worst of {looks}"
    );
    println!(
        "seconds after it until 9 in 10 first tokens come in 5 s, where cancels are honoured / ignored"
    );
    print!("{:<26}", "load");
    for load in LOADS {
        print!("{:>16.0}%", 100.0 * load);
    }
    println!("{:>12}", "most extra");
    for row in all.chunks(LOADS.len() * 2) {
        print!("{:<26}", row[0].name);
        for pair in row.chunks(2) {
            let after = |recovery: &Recovery| {
                let seconds = |after: Duration| after.as_secs().to_string();
                recovery.after.map_or_else(|| "never".to_owned(), seconds)
            };
            print!(
                "{:>17}",
                format!("{} / {}", after(&pair[0]), after(&pair[1]))
            );
        }
        let extra = row
            .iter()
            .map(|recovery| recovery.extra)
            .fold(0.0, f64::max);
        println!("{:>11.1}%", 100.0 * extra);
    }
}

// ===== impl Crowd =====

impl Crowd {
    /// Replicas that are so many times slower than others.
    pub(crate) fn new(seed: u64, slower: Vec<f64>, slots: usize, honours_cancel: bool) -> Self {
        let replica = |slower| Replica {
            slots: Arc::new(Semaphore::new(slots)),
            slower,
        };
        Self {
            seed,
            replicas: slower.into_iter().map(replica).collect(),
            honours_cancel,
            epoch: Instant::now(),
        }
    }

    /// Calls a second that keep all slots busy.
    #[allow(clippy::cast_precision_loss, reason = "there are few slots")]
    pub(crate) fn capacity(&self, slots: usize) -> f64 {
        let mean = MEDIAN * (SIGMA * SIGMA / 2.0).exp() + GENERATION;
        let quick = self.replicas.iter().map(|replica| 1.0 / replica.slower);
        quick.sum::<f64>() * slots as f64 / mean
    }

    /// Keeps a slot of a replica busy, as others' calls do.
    pub(crate) fn occupy(&self, replica: usize, slots: u32) {
        let slots = Arc::clone(&self.replicas[replica].slots).try_acquire_many_owned(slots);
        slots.expect("nobody has any yet").forget();
    }
}

impl World for Crowd {
    fn attempt(&self, id: u64, replica: usize) -> Pending<Ending> {
        let Replica { slots, slower } = &self.replicas[replica];
        let instant = u64::try_from(self.epoch.elapsed().as_millis()).expect("it is short");
        let mut random = chances([self.seed, id, replica as u64, instant]);
        let first = Duration::from_secs_f64(slower * MEDIAN * (SIGMA * normal(&mut random)).exp());
        let others = Duration::from_secs_f64(slower * GENERATION * exponential(&mut random));
        let slots = Arc::clone(slots);
        let (tell_first, hear_first) = oneshot::channel();
        let (tell_end, hear_end) = oneshot::channel();
        #[allow(
            clippy::disallowed_methods,
            reason = "a replica works on, whether anybody waits or not"
        )]
        let work = tokio::spawn(async move {
            let _slot = slots.acquire_owned().await;
            time::sleep(first).await;
            _ = tell_first.send(());
            time::sleep(others).await;
            _ = tell_end.send(());
        });
        // One that is not awaited goes on by itself.
        let work = self.honours_cancel.then(|| Cancel(work));
        Box::pin(async move {
            _ = hear_first.await;
            Ending::Token(Box::pin(async move {
                _ = hear_end.await;
                drop(work);
            }))
        })
    }
}

/// Work that ends when nobody wants it any longer.
struct Cancel(JoinHandle<()>);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.abort();
    }
}
