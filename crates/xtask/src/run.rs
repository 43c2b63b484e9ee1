//! Runs the steps, and says how it went.

#![expect(
    clippy::disallowed_types,
    reason = "it measures what the user waits for, and there is no tokio here"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::setup;
use crate::steps::{Action, Step};
use crate::workspace::Workspace;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

#[derive(Debug)]
struct Row {
    step: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// Runs the steps in their order, up to the first that fails. Prints a summary, the last line of
/// which is such as `9 passed, 1 failed`.
pub(crate) fn all(workspace: &Workspace, steps: &[&'static Step]) -> ExitCode {
    let mut rows: Vec<Row> = Vec::new();
    for (step, number) in steps.iter().zip(1..) {
        let row = if rows.iter().any(|row| row.outcome == Outcome::Failed) {
            Row {
                step: step.name,
                outcome: Outcome::Skipped,
                took: Duration::ZERO,
            }
        } else {
            println!(
                "\n=== {number}/{} {}: {}",
                steps.len(),
                step.name,
                step.about
            );
            let row = attempt(workspace, step, steps);
            let took = time(row.took);
            println!("=== {} {} after {took}", row.step, word(row.outcome));
            row
        };
        rows.push(row);
    }
    print!("\n{}", summary(&rows));
    if rows.iter().all(|row| row.outcome == Outcome::Passed) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn attempt(workspace: &Workspace, step: &Step, steps: &[&'static Step]) -> Row {
    let started = Instant::now();
    let result = match step.action {
        Action::SetUp => setup::check(workspace, steps),
        Action::Do(action) => action(workspace),
    };
    let took = started.elapsed();
    let outcome = match result {
        Ok(()) => Outcome::Passed,
        Err(failure) => {
            println!("{failure}");
            Outcome::Failed
        }
    };
    Row {
        step: step.name,
        outcome,
        took,
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "FAILED",
        Outcome::Skipped => "skipped",
    }
}

fn time(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn summary(rows: &[Row]) -> String {
    let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
    let mut lines: Vec<_> = rows
        .iter()
        .map(|row| {
            let took = match row.outcome {
                Outcome::Skipped => String::new(),
                _ => time(row.took),
            };
            let line = format!("{:<12} {:<8} {took:>9}", row.step, word(row.outcome));
            line.trim_end().to_owned()
        })
        .collect();
    let total = rows.iter().map(|row| row.took).sum();
    lines.push(format!("{:<21} {:>9}", "in all", time(total)));
    let skipped = match count(Outcome::Skipped) {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    let passed = count(Outcome::Passed);
    let failed = count(Outcome::Failed);
    let last = format!("{passed} passed, {failed} failed{skipped}");
    format!("{}\n\n{last}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(step: &'static str, outcome: Outcome, millis: u64) -> Row {
        Row {
            step,
            outcome,
            took: Duration::from_millis(millis),
        }
    }

    #[test]
    fn the_summary_ends_with_the_counts() {
        let rows = [
            row("setup", Outcome::Passed, 120),
            row("test", Outcome::Failed, 61_500),
            row("docs", Outcome::Skipped, 0),
        ];
        let expected = "\
setup        passed       0.1 s
test         FAILED      61.5 s
docs         skipped
in all                   61.6 s

1 passed, 1 failed, 1 skipped
";
        assert_eq!(summary(&rows), expected);
    }

    #[test]
    fn nothing_skipped_is_not_mentioned() {
        let rows = [row("setup", Outcome::Passed, 10)];
        assert!(summary(&rows).ends_with("\n\n1 passed, 0 failed\n"));
    }
}
