//! Logs and metrics.

use std::io;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::LogFormat;

/// The bounds of the histograms of times, in seconds: from what a layer costs to what a model thinks.
const SECONDS: [f64; 16] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0,
];

/// How often what was recorded is folded into the histograms.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts the log, on standard error. `RUST_LOG` sets what is logged, as in `warn,steeplechase=debug`;
/// `info` if it is not set, or cannot be read.
///
/// A log that is started already stays as it is.
pub fn start_log(format: LogFormat) {
    let wanted = std::env::var("RUST_LOG").ok();
    let wanted = wanted.and_then(|wanted| wanted.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let log = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_target(false);
    let log = match format {
        LogFormat::Text => {
            let colours = io::IsTerminal::is_terminal(&io::stderr());
            log.with_ansi(colours).boxed()
        }
        LogFormat::Json => log.json().boxed(),
    };
    let started = tracing_subscriber::registry()
        .with(log.with_filter(filter))
        .try_init();
    if let Err(error) = started {
        tracing::debug!(%error, "a log is running already");
    }
}

/// Installs the recorder of metrics, and returns what renders them for Prometheus.
///
/// It has to be installed before the layers are built, as they look up their metrics once, then.
///
/// # Errors
///
/// If there is a recorder already.
pub fn install_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)?
        .install_recorder()?;
    describe();
    Ok(handle)
}

/// Folds what was recorded into the histograms from time to time. Never ends.
pub async fn keep_up(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        metrics.run_upkeep();
    }
}

fn describe() {
    use steeplechase::layers;

    crate::app::describe_metrics();
    crate::reload::describe_metrics();
    layers::admission::describe_metrics();
    layers::commit::describe_metrics();
    layers::continuation::describe_metrics();
    layers::cooldown::describe_metrics();
    layers::fallback::describe_metrics();
    layers::hedge::describe_metrics();
    layers::keepalive::describe_metrics();
    layers::limit::describe_metrics();
    layers::models::describe_metrics();
    layers::observe::describe_metrics();
    layers::race::describe_metrics();
    layers::retry::describe_metrics();
    layers::route::describe_metrics();
    layers::timeout::describe_metrics();
}
