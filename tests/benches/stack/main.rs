//! What the layers cost: nanoseconds and allocations for a call, for a frame, and for each layer alone.
//!
//! ```text
//! call       a whole answer, or a short stream: the upstream alone, the preset, all layers on
//! relay      streams of 16 and of 1016 tokens: a thousand frames are what lies between
//! translate  Anthropic's streams of 20 and of 120 tokens, beside a bare parse of their events
//! decisions  a call that is recorded, and one that is not: from HTTP, with all layers
//! layers     each layer alone, over a service that does nothing
//! sizes      the bytes of the futures and responses on the way up, which are moved from layer to layer
//! ```
//!
//! The upstream is in memory and answers with frames made beforehand, so that next to all of the time
//! is that of the layers. `waited` says that the upstream is not ready at once, neither with its head nor
//! with any frame: then timers run, as they do over a network.
//!
//! `cargo bench -p steeplechase-tests --bench stack [FILTER]` prints a table of them all and, at the
//! end, what the design asks for and whether it is met. It measures and never fails.

#![allow(
    clippy::print_stdout,
    reason = "this is where a benchmark says what it has found"
)]

mod calls;
mod decisions;
mod frames;
mod layers;
mod recorder;
mod report;
mod sizes;
mod world;

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use divan::{AllocProfiler, Divan};

use self::report::Report;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// Set for the process that measures. Its parent reads what it prints.
const MEASURE: &str = "STEEPLECHASE_BENCH_MEASURE";

fn main() -> ExitCode {
    if std::env::var_os(MEASURE).is_some() {
        // More than the one iteration that divan gives what takes a microsecond: caches are to be warm.
        let divan = Divan::default().sample_count(200).sample_size(25);
        divan.config_with_args().main();
        return ExitCode::SUCCESS;
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("the benchmark could not run: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs this program again, to measure, and judges what it prints.
fn measure() -> std::io::Result<()> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(MEASURE, "1")
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().expect("it was asked for");
    let mut report = Report::default();
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        println!("{line}");
        report.read(&line);
    }
    report.print();
    sizes::print();
    let status = child.wait()?;
    if !status.success() {
        return Err(std::io::Error::other(status.to_string()));
    }
    Ok(())
}
