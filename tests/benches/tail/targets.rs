//! What is asked for, and whether it is met.

use std::time::Duration;

use super::crowd::Recovery;
use super::figures::Figures;
use super::outage::{Death, Waste};
use super::table::seconds;
use super::weather::Tables;

/// A figure that must not be above another.
struct Bound {
    target: &'static str,
    what: String,
    found: f64,
    most: f64,
    unit: &'static str,
}

/// How much a figure may be above, as a world is only as exact as its seed.
const BAND: f64 = 1.10;

pub(crate) fn judge(weather: &Tables, crowd: &[Recovery], outage: &[Waste], uneven: &[Figures]) {
    let mut bounds = Vec::new();
    let full = find(&weather.usual, "full preset");
    bounds.extend(tail("T1", full, [5.3, 9.5, 5.8]));
    bounds.push(percent(
        "T2",
        "calls that failed or took more than 10 s",
        full.bad(),
        0.10,
    ));
    bounds.extend(tail(
        "T3",
        find(&weather.still, "full preset"),
        [4.5, 7.0, 5.0],
    ));
    let race = find(&weather.usual, "race of 2");
    bounds.push(latency(
        "T4",
        "p99 of a race of two",
        race.quantile(0.99),
        3.3,
    ));
    bounds.push(latency(
        "T4",
        "p50 of a race of two",
        race.quantile(0.5),
        0.42,
    ));
    let extra = amplification(weather, crowd, outage, uneven);
    bounds.push(percent(
        "T5",
        "extra attempts, the most of all worlds",
        extra,
        20.0,
    ));
    bounds.push(recovery(crowd));
    bounds.extend(wasted(outage));

    println!();
    println!("{:<10}{:<58}{:>12}{:>12}", "target", "", "found", "at most");
    for bound in bounds {
        bound.print();
    }
}

impl Bound {
    fn print(&self) {
        let Self {
            target,
            what,
            found,
            most,
            unit,
        } = self;
        let verdict = if found <= most {
            "met"
        } else if *found <= most * BAND {
            "met within a tenth"
        } else {
            "missed"
        };
        println!("{target:<10}{what:<58}{found:>11.2}{unit}{most:>11.2}{unit}  {verdict}");
    }
}

fn find<'a>(rows: &'a [Figures], name: &str) -> &'a Figures {
    let row = rows.iter().find(|row| row.name == name);
    row.expect("the tables have these rows")
}

fn tail(target: &'static str, row: &Figures, most: [f64; 3]) -> [Bound; 3] {
    [
        latency(
            target,
            "p99 of the full preset",
            row.quantile(0.99),
            most[0],
        ),
        latency(
            target,
            "p99.9 of the full preset",
            row.quantile(0.999),
            most[1],
        ),
        percent(target, "its extra attempts", row.extra(), most[2]),
    ]
}

fn latency(target: &'static str, what: &str, found: Option<Duration>, most: f64) -> Bound {
    Bound {
        target,
        what: format!("{what} ({})", seconds(found)),
        found: found.map_or(f64::INFINITY, |found| found.as_secs_f64()),
        most,
        unit: " s",
    }
}

fn percent(target: &'static str, what: &str, found: f64, most: f64) -> Bound {
    Bound {
        target,
        what: what.to_owned(),
        found: 100.0 * found,
        most,
        unit: " %",
    }
}

/// The most extra attempts of whatever has a budget, and is no race.
fn amplification(
    weather: &Tables,
    crowd: &[Recovery],
    outage: &[Waste],
    uneven: &[Figures],
) -> f64 {
    let tables = [&weather.usual, &weather.still, &weather.brownout];
    let figures = tables.into_iter().flatten().chain(uneven);
    let has_budget = |name: &str| !name.starts_with("race") && !name.starts_with("hedge fixed");
    let figures = figures
        .filter(|row| has_budget(row.name))
        .map(Figures::extra);
    let crowd = crowd
        .iter()
        .filter(|row| row.has_budget && has_budget(row.name));
    let all = figures
        .chain(crowd.map(|row| row.extra))
        .chain(outage.iter().map(|row| row.extra));
    all.fold(0.0, f64::max)
}

fn recovery(crowd: &[Recovery]) -> Bound {
    let is_asked = |row: &&Recovery| {
        row.name == "full, 20 in flight" && !row.honours_cancel && (0.8..0.9).contains(&row.load)
    };
    let row = crowd.iter().find(is_asked).expect("the table has it");
    Bound {
        target: "T6",
        what: "until it is well after the surge, 85 %, no cancels".to_owned(),
        found: row.after.map_or(f64::INFINITY, |after| after.as_secs_f64()),
        most: 30.0,
        unit: " s",
    }
}

fn wasted(outage: &[Waste]) -> impl Iterator<Item = Bound> {
    let full = outage.iter().filter(|row| row.name == "full preset");
    full.map(|row| {
        let (what, most) = match row.death {
            Death::Stalls => ("wasted first attempts, a deployment stalls", 30.0),
            Death::Fails => ("wasted first attempts, a deployment fails fast", 15.0),
        };
        Bound {
            target: "T7",
            what: what.to_owned(),
            found: row.wasted,
            most,
            unit: "  ",
        }
    })
}
