//! Reads the table that divan prints, and says what of it meets the targets.
//!
//! A line of the table is a tree of names, and then six columns: fastest, slowest, median, mean,
//! samples, iterations. Below a name with a time there may be lines of allocations.

use std::collections::HashMap;

/// The figures of one benchmark.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// The mean of the fastest sample. What else the machine does can only add to it.
    fastest: f64,
    median: f64,
    allocations: f64,
}

/// What has been read so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: HashMap<String, Row>,
    path: Vec<String>,
    /// Whether the next line is how many allocations there were.
    counts_next: bool,
}

/// A figure, beside its baseline and what is wanted of it.
struct Verdict {
    name: &'static str,
    bare: f64,
    ours: f64,
    ours_median: f64,
    target: Option<f64>,
    allocations: f64,
    allocations_target: Option<f64>,
}

impl Report {
    /// Reads a line.
    pub(crate) fn read(&mut self, line: &str) {
        let is_tree = |c: char| matches!(c, '│' | '├' | '╰' | '─' | ' ');
        let text = line.trim_start_matches(is_tree);
        let depth = (line.chars().count() - text.chars().count()) / 3;
        let columns: Vec<_> = text.split('│').map(str::trim).collect();
        let [first, _, median, ..] = columns[..] else {
            return;
        };
        if std::mem::take(&mut self.counts_next) {
            let row = self.rows.entry(self.path.join("::")).or_default();
            row.allocations = first.parse().unwrap_or(f64::NAN);
            return;
        }
        if first == "alloc:" {
            self.counts_next = true;
            return;
        }
        let is_branch = line.contains("├─") || line.contains("╰─");
        if !is_branch {
            return;
        }
        let mut words = first.split_whitespace();
        let name = words.next().unwrap_or_default().to_owned();
        // The name of the program is not a part of it.
        self.path.truncate(depth.saturating_sub(1));
        self.path.push(name);
        let (Some(fastest), Some(median)) = (nanos(words), nanos(median.split_whitespace())) else {
            return;
        };
        let row = self.rows.entry(self.path.join("::")).or_default();
        (row.fastest, row.median) = (fastest, median);
    }

    /// Prints what is wanted, and whether it is so, of what was measured.
    pub(crate) fn print(&self) {
        let verdicts = [
            self.call(
                "call, whole answer",
                "calls::whole",
                "everything",
                Some(5e3),
            ),
            self.call(
                "  upstream not ready",
                "calls::whole",
                "everything_waited",
                None,
            ),
            self.call("  with the intake", "calls::whole", "from_http", None),
            self.call(
                "call, 16-token stream",
                "calls::streamed",
                "everything",
                None,
            ),
            self.stream_start(),
            self.frame(
                "frame, same dialect",
                RELAY,
                "bare",
                "everything",
                Some((200.0, 0.0)),
            ),
            self.frame(
                "  waited for",
                RELAY,
                "bare_waited",
                "everything_waited",
                None,
            ),
            self.frame("  with the intake", RELAY, "bare", "to_http", None),
            self.frame(
                "  messages",
                RELAY,
                "bare_anthropic",
                "everything_anthropic",
                Some((500.0, 0.0)),
            ),
            self.frame(
                "  responses",
                RELAY,
                "bare_responses",
                "everything_responses",
                Some((500.0, 0.0)),
            ),
            self.frame(
                "chunk, translated",
                TRANSLATE,
                "bare",
                "everything",
                Some((1.5e3, f64::NAN)),
            ),
            self.frame(
                "  beside a tree",
                TRANSLATE,
                "json_tree",
                "everything",
                None,
            ),
            self.frame(
                "  beside typed fields",
                TRANSLATE,
                "json_typed",
                "everything",
                None,
            ),
        ];
        let verdicts: Vec<_> = verdicts.into_iter().flatten().collect();
        if verdicts.is_empty() {
            return;
        }
        println!("by the fastest samples; `layers` is without the baseline, a frame is with it");
        println!();
        println!(
            "{:<24}{:>11}{:>11}{:>11}{:>8}{:>9}{:>12}  verdict",
            "", "baseline", "ours", "(median)", "ratio", "allocs", "target"
        );
        for verdict in &verdicts {
            println!("{}", verdict.line());
        }
    }

    fn row(&self, path: &str) -> Option<Row> {
        self.rows.get(path).copied().filter(|row| row.fastest > 0.0)
    }

    /// What the layers add to a call.
    fn call(
        &self,
        name: &'static str,
        group: &str,
        ours: &str,
        target: Option<f64>,
    ) -> Option<Verdict> {
        let bare = self.row(&format!("{group}::bare"))?;
        let ours = self.row(&format!("{group}::{ours}"))?;
        Some(Verdict {
            name,
            bare: bare.fastest,
            ours: ours.fastest,
            ours_median: ours.median,
            // The target is for the layers alone.
            target: target.map(|target| target + bare.fastest),
            allocations: ours.allocations - bare.allocations,
            allocations_target: None,
        })
    }

    /// What the layers add to a stream, but for its frames.
    fn stream_start(&self) -> Option<Verdict> {
        let frames = |which: &str| self.between(RELAY, which);
        let without = |row: Row, frame: Row, tokens: f64| Row {
            fastest: row.fastest - frame.fastest * tokens,
            median: row.median - frame.median * tokens,
            allocations: row.allocations - frame.allocations * tokens,
        };
        let group = "frames::relay";
        let bare = self.row(&format!("{group}::bare::16"))?;
        let ours = self.row(&format!("{group}::everything::16"))?;
        let bare = without(bare, frames("bare")?, 16.0);
        let ours = without(ours, frames("everything")?, 16.0);
        Some(Verdict {
            name: "  without its frames",
            bare: bare.fastest,
            ours: ours.fastest,
            ours_median: ours.median,
            target: Some(5e3 + bare.fastest),
            allocations: ours.allocations - bare.allocations,
            allocations_target: None,
        })
    }

    /// What a frame costs.
    fn frame(
        &self,
        name: &'static str,
        group: Lengths,
        bare: &str,
        ours: &str,
        target: Option<(f64, f64)>,
    ) -> Option<Verdict> {
        let (bare, ours) = (self.between(group, bare)?, self.between(group, ours)?);
        Some(Verdict {
            name,
            bare: bare.fastest,
            ours: ours.fastest,
            ours_median: ours.median,
            target: target.map(|(nanos, _)| nanos),
            allocations: ours.allocations,
            allocations_target: target.map(|(_, allocations)| allocations),
        })
    }

    /// A token, from streams of two lengths.
    fn between(&self, Lengths(group, short, long): Lengths, which: &str) -> Option<Row> {
        let row = |tokens: u32| self.row(&format!("frames::{group}::{which}::{tokens}"));
        let (less, more) = (row(short)?, row(long)?);
        let of_one = |less: f64, more: f64| (more - less) / f64::from(long - short);
        Some(Row {
            fastest: of_one(less.fastest, more.fastest),
            median: of_one(less.median, more.median),
            allocations: of_one(less.allocations, more.allocations),
        })
    }
}

/// A group of benchmarks of streams, and how long they are.
#[derive(Clone, Copy)]
struct Lengths(&'static str, u32, u32);

const RELAY: Lengths = Lengths("relay", 16, 1016);
const TRANSLATE: Lengths = Lengths("translate", 20, 120);

impl Verdict {
    fn line(&self) -> String {
        let target = self.target.map(duration).unwrap_or_default();
        format!(
            "{:<24}{:>11}{:>11}{:>11}{:>7.1}x{:>9.2}{target:>12}  {}",
            self.name,
            duration(self.bare),
            duration(self.ours),
            format!("({})", duration(self.ours_median)),
            self.ours / self.bare,
            self.allocations,
            self.verdict(),
        )
    }

    fn verdict(&self) -> &'static str {
        let Some(target) = self.target else {
            return "";
        };
        let allocates = self.allocations_target;
        match (
            self.ours <= target,
            allocates.is_some_and(|most| self.allocations > most),
        ) {
            (true, false) => "met",
            (true, true) => "missed: it allocates",
            (false, false) => "missed",
            (false, true) => "missed, and it allocates",
        }
    }
}

/// A number and its unit, as divan prints them.
fn nanos<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<f64> {
    let number: f64 = words.next()?.parse().ok()?;
    let unit = match words.next()? {
        "ps" => 1e-3,
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(number * unit)
}

fn duration(nanos: f64) -> String {
    if nanos.abs() < 1e3 {
        format!("{nanos:.0} ns")
    } else {
        format!("{:.2} µs", nanos / 1e3)
    }
}
