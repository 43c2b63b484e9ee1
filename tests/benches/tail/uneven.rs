//! World D: replicas that are not alike, and gateways that do not know of each other.

use super::Size;
use super::crowd::Crowd;
use super::drive::{arrivals, drive, on_all_processors, simulate};
use super::figures::{Figures, stack};
use super::settings::{Routing, Setting, bare};
use super::table;
use super::upstream::Upstream;

const GATEWAYS: usize = 10;
const SLOTS: usize = 16;
const LOAD: f64 = 0.85;

/// One of six is half as quick as the others.
const SLOWER: [f64; 6] = [2.0, 1.0, 1.0, 1.0, 1.0, 1.0];

/// Another is busy with the calls of others, to a third.
const BUSY: usize = 1;
const OTHERS: u32 = 5;

const SEED: u64 = 4;

pub(crate) fn run(size: Size) -> Vec<Figures> {
    let settings = [
        Setting::random("at random", bare()),
        Setting::random("least busy", bare()).routed(Routing::LeastBusy),
        Setting::random("quickest", bare()).routed(Routing::Quickest),
        Setting::random("usual", bare()).routed(Routing::Usual),
        Setting::full(),
    ];
    let jobs: Vec<Box<dyn FnOnce() -> Figures + Send>> = settings
        .into_iter()
        .map(|setting| -> Box<dyn FnOnce() -> Figures + Send> {
            Box::new(move || row(&setting, size.uneven))
        })
        .collect();
    let rows = on_all_processors(jobs);
    let title = format!(
        "D, {} uneven replicas of {SLOTS} slots at {:.0} % of what they can do, {GATEWAYS} gateways: {} calls a row",
        SLOWER.len(),
        100.0 * LOAD,
        size.uneven,
    );
    table::print(&title, &rows);
    rows
}

fn row(setting: &Setting, calls: usize) -> Figures {
    simulate(SEED, async {
        let crowd = Crowd::new(SEED, SLOWER.to_vec(), SLOTS, true);
        let others = f64::from(OTHERS) / 16.0;
        let capacity = crowd.capacity(SLOTS);
        let of_one = capacity / SLOWER.iter().map(|slower| 1.0 / slower).sum::<f64>();
        let rate = LOAD * (capacity - of_one * others);
        crowd.occupy(BUSY, OTHERS);
        let upstream = Upstream::new(crowd);
        let stacks: Vec<_> = (0..GATEWAYS)
            .map(|_| stack(setting, &upstream, SLOWER.len(), None))
            .collect();
        let outcomes = drive(&stacks, arrivals(SEED, |_| rate).take(calls)).await;
        Figures::new(setting.name, &outcomes, upstream.books())
    })
}
