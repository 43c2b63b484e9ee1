//! World C: one of three deployments is dead.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time;

use super::Size;
use super::drive::{arrivals, chances, drive, normal, on_all_processors, simulate};
use super::figures::{Figures, stack};
use super::settings::{Routing, Setting};
use super::upstream::{Ending, Pending, Upstream, World};

/// What a dead deployment has cost.
#[derive(Clone, Debug)]
pub(crate) struct Waste {
    pub(crate) name: &'static str,
    pub(crate) death: Death,
    /// First attempts of calls that went to the dead deployment, for each gateway.
    pub(crate) wasted: f64,
    pub(crate) extra: f64,
    pub(crate) failed: f64,
    pub(crate) bad: f64,
}

/// How a deployment is dead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Death {
    /// It never answers.
    Stalls,
    /// It fails at once.
    Fails,
}

struct Outage {
    seed: u64,
    death: Death,
    met: Mutex<Met>,
}

/// Which calls were seen, and how many of them first at the dead deployment.
#[derive(Default)]
struct Met {
    calls: HashSet<u64>,
    wasted: u64,
}

const DEPLOYMENTS: usize = 3;
const RATE: f64 = 5.0;
const FOR: Duration = Duration::from_secs(300);

pub(crate) fn run(size: Size) -> Vec<Waste> {
    let retry = Setting::retry("no cooldown", Duration::from_secs(10));
    let full = Setting::full();
    let settings = [
        retry,
        full.clone()
            .routed(Routing::Random)
            .named("full, at random"),
        full,
    ];
    let mut jobs: Vec<Box<dyn FnOnce() -> Waste + Send>> = Vec::new();
    for setting in settings {
        for death in [Death::Stalls, Death::Fails] {
            let (setting, processes) = (setting.clone(), size.processes);
            jobs.push(Box::new(move || waste(&setting, death, processes)));
        }
    }
    let all = on_all_processors(jobs);

    println!();
    println!(
        "C, one of {DEPLOYMENTS} deployments is dead for 300 s: {} gateways, {RATE} calls a second each",
        size.processes
    );
    println!(
        "{:<20}{:<12}{:>24}{:>9}{:>9}{:>9}",
        "", "", "wasted first attempts", "extra", "failed", "> 10 s"
    );
    for row in &all {
        let death = match row.death {
            Death::Stalls => "stalls",
            Death::Fails => "fails fast",
        };
        println!(
            "{:<20}{death:<12}{:>24.1}{:>8.2}%{:>8.2}%{:>8.2}%",
            row.name,
            row.wasted,
            100.0 * row.extra,
            100.0 * row.failed,
            100.0 * row.bad,
        );
    }
    all
}

#[allow(clippy::cast_precision_loss, reason = "there are few of all")]
fn waste(setting: &Setting, death: Death, processes: u64) -> Waste {
    let each: Vec<_> = (0..processes)
        .map(|seed| one(seed, setting, death))
        .collect();
    let mean =
        |of: &dyn Fn(&(u64, Figures)) -> f64| each.iter().map(of).sum::<f64>() / processes as f64;
    Waste {
        name: setting.name,
        death,
        wasted: mean(&|(wasted, _)| *wasted as f64),
        extra: each
            .iter()
            .map(|(_, figures)| figures.extra())
            .fold(0.0, f64::max),
        failed: mean(&|(_, figures)| figures.failed()),
        bad: mean(&|(_, figures)| figures.bad()),
    }
}

fn one(seed: u64, setting: &Setting, death: Death) -> (u64, Figures) {
    simulate(seed, async {
        let upstream = Upstream::new(Outage {
            seed,
            death,
            met: Mutex::default(),
        });
        let stack = stack(setting, &upstream, DEPLOYMENTS, None);
        let times = arrivals(seed, |_| RATE).take_while(|at| *at < FOR);
        let outcomes = drive(&[stack], times).await;
        let met = &upstream.world().met;
        let wasted = met.lock().unwrap_or_else(PoisonError::into_inner).wasted;
        (
            wasted,
            Figures::new(setting.name, &outcomes, upstream.books()),
        )
    })
}

impl World for Outage {
    fn attempt(&self, id: u64, deployment: usize) -> Pending<Ending> {
        let is_dead = deployment == 0;
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = met.calls.insert(id);
        met.wasted += u64::from(is_dead && is_first);
        drop(met);

        let death = is_dead.then_some(self.death);
        let mut random = chances([self.seed, id, deployment as u64, 0]);
        let seconds = 0.6 * (0.5 * normal(&mut random)).exp();
        Box::pin(async move {
            match death {
                Some(Death::Stalls) => std::future::pending().await,
                Some(Death::Fails) => {
                    time::sleep(Duration::from_millis(20)).await;
                    Ending::Failure
                }
                None => {
                    time::sleep(Duration::from_secs_f64(seconds)).await;
                    Ending::Token(Box::pin(async {}))
                }
            }
        })
    }
}
