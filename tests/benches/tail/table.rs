//! How figures are printed.

use std::time::Duration;

use super::figures::Figures;

/// The quantiles that tables and the picture have.
pub(crate) const QUANTILES: [(f64, &str); 4] =
    [(0.5, "p50"), (0.95, "p95"), (0.99, "p99"), (0.999, "p99.9")];

/// Prints how long first tokens took, and what that has cost.
pub(crate) fn print(title: &str, rows: &[Figures]) {
    println!();
    println!("{title}");
    print!("{:<22}", "first token, seconds");
    for (_, name) in QUANTILES {
        print!("{name:>8}");
    }
    println!(
        "{:>10}{:>10}{:>9}{:>9}{:>9}",
        "failed", "> 10 s", "extra", "cost", "at most"
    );
    for row in rows {
        print!("{:<22}", row.name);
        for (share, _) in QUANTILES {
            print!("{:>8}", seconds(row.quantile(share)));
        }
        println!(
            "{:>9.3}%{:>9.3}%{:>8.2}%{:>8.2}%{:>8.2}%",
            100.0 * row.failed(),
            100.0 * row.bad(),
            100.0 * row.extra(),
            100.0 * row.cost(),
            100.0 * row.cost_at_most(),
        );
    }
}

/// Seconds, or that there was no answer.
pub(crate) fn seconds(took: Option<Duration>) -> String {
    took.map_or_else(
        || "none".to_owned(),
        |took| format!("{:.2}", took.as_secs_f64()),
    )
}
