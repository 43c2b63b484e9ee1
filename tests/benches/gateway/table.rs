//! How figures are shown.

use std::time::Duration;

use crate::load::Outcome;

/// The best rounds of one subject.
#[derive(Debug, Default)]
pub(crate) struct Best {
    /// Processor time of a request, or of an event.
    pub(crate) processor: Option<Duration>,
    pub(crate) a_second: f64,
    pub(crate) p50: Option<Duration>,
    pub(crate) p99: Option<Duration>,
    pub(crate) failed: usize,
}

impl Best {
    /// Adds a round, in which so many requests or events took that much processor time.
    pub(crate) fn add(&mut self, outcome: &Outcome, count: usize, processor: Duration) {
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let least = |best: &mut Option<Duration>, new| {
            *best = Some(best.map_or(new, |best| best.min(new)));
        };
        least(&mut self.processor, processor / count);
        least(&mut self.p50, outcome.quantile(50));
        least(&mut self.p99, outcome.quantile(99));
        self.a_second = self
            .a_second
            .max(f64::from(count) / outcome.took.as_secs_f64());
        self.failed += outcome.failed;
    }

    fn line(&self, name: &str) -> String {
        format!(
            "{name:<10}{:>14}{:>14.0}{:>12}{:>12}{:>8}",
            micros(self.processor),
            self.a_second,
            micros(self.p50),
            micros(self.p99),
            self.failed
        )
    }
}

/// Prints both, and whether the ratio is as it is wanted, if it matters.
pub(crate) fn compare(title: &str, unit: &str, raw: &Best, gateway: &Best, target: Option<f64>) {
    println!();
    println!("{title}");
    println!(
        "{:<10}{:>14}{:>14}{:>12}{:>12}{:>8}",
        "",
        format!("CPU/{unit}"),
        format!("{unit}s/s"),
        "p50",
        "p99",
        "failed"
    );
    println!("{}", raw.line("raw"));
    println!("{}", gateway.line("gateway"));
    let seconds = |best: &Best| best.processor.unwrap_or_default().as_secs_f64();
    let ratio = seconds(gateway) / seconds(raw);
    match target {
        None => println!("ratio {ratio:.2}"),
        Some(target) => println!(
            "ratio {ratio:.2}, target {target:.1}: {}",
            verdict(ratio <= target)
        ),
    }
}

/// What is said of a target.
pub(crate) fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}

fn micros(duration: Option<Duration>) -> String {
    let duration = duration.unwrap_or_default();
    format!("{:.1} µs", duration.as_secs_f64() * 1e6)
}
