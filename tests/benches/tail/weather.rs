//! World A: three providers as they are, in good weather and in bad.

use std::time::Duration;

use steeplechase::layers::hedge::{Delay, HedgeConfig};
use tokio::time::{self, Instant};

use super::Size;
use super::drive::{arrivals, chances, drive, exponential, normal, on_all_processors, simulate};
use super::figures::{Figures, stack};
use super::settings::{Routing, Setting};
use super::table;
use super::upstream::{Ending, Pending, Upstream, World};

/// The tables of world A.
#[derive(Debug)]
pub(crate) struct Tables {
    /// The usual mix of weathers.
    pub(crate) usual: Vec<Figures>,
    /// Neither stalls nor errors nor brownouts.
    pub(crate) still: Vec<Figures>,
    /// All providers have a brownout, always.
    pub(crate) brownout: Vec<Figures>,
}

/// How it is with the providers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Season {
    Usual,
    Still,
    Brownout,
}

struct Weather {
    seed: u64,
    season: Season,
    epoch: Instant,
    /// When each provider has a brownout.
    brownouts: [Vec<(Duration, Duration)>; PROVIDERS],
}

/// What an attempt meets.
struct Odds {
    slower: f64,
    stalls: f64,
    errors: f64,
}

const PROVIDERS: usize = 3;

/// Calls a second.
const RATE: f64 = 20.0;

/// The first token, in seconds: lognormal, with a p99 of 6 s.
const MEDIAN: f64 = 0.6;
const SIGMA: f64 = 0.99;

/// How much of the variance is of the prompt, and the same for all attempts of a call.
const OF_PROMPT: f64 = 0.3;

/// A brownout lasts for so long, and comes once an hour, on average.
const BROWNOUT: Duration = Duration::from_secs(3 * 60);
const BETWEEN: Duration = Duration::from_secs(57 * 60);

/// How long an error takes.
const ERROR_AFTER: Duration = Duration::from_millis(100);

/// The p95 in good weather.
const P95: Duration = Duration::from_millis(3060);

const SEED: u64 = 11;

pub(crate) fn run(size: Size) -> Tables {
    let ten = HedgeConfig::new(Delay::Auto).max_extra(0.10);
    let usual = vec![
        Setting::none(),
        Setting::retry("retry after 10 s", Duration::from_secs(10)),
        Setting::retry("retry after 5 s", Duration::from_secs(5)),
        Setting::fixed("hedge fixed at 3.06 s", P95),
        Setting::auto(),
        Setting::race(),
        Setting::full(),
        Setting::full_with("full preset, 10 %", ten),
        Setting::full().given_up_after("full, 10 s", Duration::from_secs(10)),
        Setting::full()
            .routed(Routing::Quickest)
            .named("full, quickest"),
    ];
    let still = vec![Setting::none(), Setting::race(), Setting::full()];
    let brownout = vec![Setting::none(), Setting::full()];
    let (in_still, in_brownout) = (usual.len(), usual.len() + still.len());

    let seasons = [
        (Season::Usual, usual, size.weather),
        (Season::Still, still, size.weather / 2),
        (Season::Brownout, brownout, size.weather / 4),
    ];
    let mut jobs: Vec<Box<dyn FnOnce() -> Figures + Send>> = Vec::new();
    for (season, settings, calls) in seasons {
        for setting in settings {
            jobs.push(Box::new(move || row(season, &setting, calls)));
        }
    }
    let mut usual = on_all_processors(jobs);
    let brownout = usual.split_off(in_brownout);
    let still = usual.split_off(in_still);

    let title = |about: &str, rows: &[Figures]| {
        let calls = rows.first().map_or(0, |row| row.calls);
        format!("A, {about}: {calls} calls, {RATE} a second, a row")
    };
    table::print(
        &title("three providers with stalls, errors and brownouts", &usual),
        &usual,
    );
    table::print(&title("a still day, lognormal", &still), &still);
    table::print(
        &title("all providers have a brownout, always", &brownout),
        &brownout,
    );
    Tables {
        usual,
        still,
        brownout,
    }
}

fn row(season: Season, setting: &Setting, calls: usize) -> Figures {
    simulate(SEED, async {
        let upstream = Upstream::new(Weather::new(SEED, season));
        let stack = stack(setting, &upstream, PROVIDERS, None);
        let times = arrivals(SEED, |_| RATE).take(calls);
        let outcomes = drive(&[stack], times).await;
        Figures::new(setting.name, &outcomes, upstream.books())
    })
}

impl Weather {
    fn new(seed: u64, season: Season) -> Self {
        let mut provider = 0;
        Self {
            seed,
            season,
            epoch: Instant::now(),
            brownouts: std::array::from_fn(|_| {
                provider += 1;
                brownouts(chances([seed, provider, 0, 0]))
            }),
        }
    }

    fn odds(&self, provider: usize, at: Duration) -> Odds {
        let is_brownout = match self.season {
            Season::Still => {
                return Odds {
                    slower: 1.0,
                    stalls: 0.0,
                    errors: 0.0,
                };
            }
            Season::Usual => {
                let all = &self.brownouts[provider];
                let next = all.partition_point(|(_, end)| *end <= at);
                all.get(next).is_some_and(|(start, _)| *start <= at)
            }
            Season::Brownout => true,
        };
        if is_brownout {
            Odds {
                slower: 4.0,
                stalls: 0.10,
                errors: 0.20,
            }
        } else {
            Odds {
                slower: 1.0,
                stalls: 0.01,
                errors: 0.005,
            }
        }
    }
}

impl World for Weather {
    fn attempt(&self, id: u64, provider: usize) -> Pending<Ending> {
        let at = self.epoch.elapsed();
        let odds = self.odds(provider, at);
        let mut of_prompt = chances([self.seed, id, 1, 0]);
        // No two attempts of a call begin at the same provider in the same instant.
        let instant = u64::try_from(at.as_millis()).expect("a simulation is short");
        let mut random = chances([self.seed, id, 2 + provider as u64, instant]);

        let luck = random.f64();
        let z = OF_PROMPT.sqrt() * normal(&mut of_prompt)
            + (1.0 - OF_PROMPT).sqrt() * normal(&mut random);
        let seconds = odds.slower * MEDIAN * (SIGMA * z).exp();
        Box::pin(async move {
            if luck < odds.errors {
                time::sleep(ERROR_AFTER).await;
                return Ending::Failure;
            }
            if luck < odds.errors + odds.stalls {
                std::future::pending::<()>().await;
            }
            time::sleep(Duration::from_secs_f64(seconds)).await;
            Ending::Token(Box::pin(async {}))
        })
    }
}

/// The brownouts of a provider in ten days.
fn brownouts(mut random: fastrand::Rng) -> Vec<(Duration, Duration)> {
    let days = Duration::from_secs(10 * 24 * 3600);
    let mut at = Duration::ZERO;
    let mut all = Vec::new();
    while at < days {
        let start = at + BETWEEN.mul_f64(exponential(&mut random));
        at = start + BROWNOUT.mul_f64(exponential(&mut random));
        all.push((start, at));
    }
    all
}
