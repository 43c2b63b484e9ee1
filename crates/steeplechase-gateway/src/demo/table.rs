use std::fmt::Write;
use std::time::Duration;

use super::drive::Outcome;
use super::world::Variant;

/// The comparison, as a table for a terminal.
pub(super) fn render(outcomes: &[(Variant, Outcome)]) -> String {
    let mut text = String::new();
    let mut row = |cells: [String; 6]| {
        let [name, p50, p95, p99, failures, extra] = cells;
        // Writing to memory cannot fail.
        let _ = writeln!(
            text,
            "{name:<14} {p50:>10} {p95:>10} {p99:>10} {failures:>10} {extra:>13}"
        );
    };
    row(["", "first token", "", "", "", ""].map(str::to_owned));
    row(["stack", "p50", "p95", "p99", "failures", "extra calls"].map(str::to_owned));
    row([14, 10, 10, 10, 10, 13].map(|width| "─".repeat(width)));
    for (variant, outcome) in outcomes {
        let calls = outcome.failures as usize + outcome.first_token.len();
        let failed = share(outcome.failures as usize, calls);
        row([
            variant.name().to_owned(),
            millis(outcome.quantile(0.50)),
            millis(outcome.quantile(0.95)),
            millis(outcome.quantile(0.99)),
            format!("{failed:.1} %"),
            format!("{:.1} %", outcome.extra * 100.0),
        ]);
    }
    text
}

#[allow(clippy::cast_precision_loss, reason = "some hundred calls")]
fn share(part: usize, of: usize) -> f64 {
    100.0 * part as f64 / of.max(1) as f64
}

fn millis(time: Option<Duration>) -> String {
    time.map_or_else(
        || "none".to_owned(),
        |time| format!("{} ms", time.as_millis()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variant_has_a_row_with_its_figures() {
        let outcome = Outcome {
            first_token: (1..=99).map(Duration::from_millis).collect(),
            failures: 1,
            extra: 0.05,
        };
        let text = render(&[(Variant::Hedge, outcome)]);
        let row = text.lines().last().unwrap();
        let cells: Vec<_> = row.split_whitespace().collect();
        assert_eq!(
            cells.join(" "),
            "retry + hedge 50 ms 95 ms 99 ms 1.0 % 5.0 %"
        );
    }
}
