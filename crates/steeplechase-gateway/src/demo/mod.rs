//! The product without a key and without a network: simulated providers, and a comparison.
//!
//! ```text
//!  the same calls ──► nothing │ retry │ hedge │ race ──► three simulated providers
//!                                                        heavy tail; one browns out for a while
//!  one table: first token p50, p95, p99 · failures · extra calls
//!  then the gateway stays up, in front of the same providers
//! ```

#![allow(
    clippy::print_stdout,
    reason = "this is a show, and the terminal is its stage"
)]

mod drive;
mod table;
mod world;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use steeplechase::dialects::intake::IntakeConfig;

use self::drive::Outcome;
use self::world::{Variant, World};
use crate::app::{Parts, app};
use crate::cli::Demo;
use crate::decisions::Decisions;
use crate::run::banner;
use crate::server::{Server, ServerConfig};
use crate::telemetry;

/// Why the demo could not go on.
pub type DemoError = Box<dyn std::error::Error + Send + Sync>;

/// How many calls each variant gets.
const CALLS: u32 = 600;

/// How long it takes to make them.
const SPREAD: Duration = Duration::from_millis(4500);

/// Runs the comparison, and then, unless it is to be over, serves until `stop` is ready.
///
/// # Errors
///
/// The stack cannot be built or the address cannot be bound.
pub async fn run(options: Demo, stop: impl Future<Output = ()>) -> Result<(), DemoError> {
    let metrics = telemetry::install_metrics()?;
    println!("{}", world::DESCRIPTION);
    let bar = ProgressBar::new(u64::from(CALLS) * Variant::ALL.len() as u64);
    bar.set_style(ProgressStyle::with_template(
        "{msg:14} {wide_bar} {pos}/{len} calls",
    )?);
    let mut outcomes: Vec<(Variant, Outcome)> = Vec::new();
    for variant in Variant::ALL {
        bar.set_message(variant.name());
        let world = World::new();
        let stack = world.stack(variant)?;
        let outcome = drive::drive(&world, &stack, CALLS, SPREAD, &bar).await;
        outcomes.push((variant, outcome));
    }
    bar.finish_and_clear();
    println!("{}", table::render(&outcomes));
    if options.once {
        return Ok(());
    }

    let addr = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), options.port);
    let server = Server::bind(addr, ServerConfig::new().drain(Duration::from_secs(5))).await?;
    let stack = World::new().stack(Variant::Hedge)?;
    banner(
        server.addr()?,
        &world::providers(),
        Some(world::MODEL),
        None,
    );
    println!("Ctrl-C ends it.");
    let service = app(Parts {
        stack,
        master_key: None,
        key_header: None,
        metrics: Some(metrics),
        intake: IntakeConfig::new(),
        passthrough: None,
        decisions: Decisions::new(Decisions::DEFAULT),
        moderation_model: None,
    });
    server.serve(service, stop).await;
    Ok(())
}
