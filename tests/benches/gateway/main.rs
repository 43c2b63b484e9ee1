//! The gateway as a process, beside the least that a proxy can be.
//!
//! ```text
//!  this process ──► gateway ──► simulated provider          16 connections that are kept
//!       └─────────► raw ──────►        ┘                    each subject a process of its own
//! ```
//!
//! `raw` is a hyper server, a hyper client and nothing in between. What counts is the *processor time* of
//! the two, a request and an event: other than throughput and latency it does not depend on what else
//! the machine does at the same time, or hardly so. Rounds alternate between them, and the best of each
//! is compared.
//!
//! ```text
//! cargo bench -p steeplechase-tests --bench gateway [SECTION]...
//!
//! unary     20,000 requests a round: processor time a request, throughput, latency
//! streams   200 streams of 200 events, the events one by one: processor time an event
//! flood     the same events, as fast as they come
//! many      1,000 streams at a time, 20 events a second, for 10 s: errors, memory a stream
//! start     from the start of the process to the first answer, and its memory then
//! ```
//!
//! The gateway is built first, as a release. `STEEPLECHASE_BIN` names another binary. Linux only: processor
//! time and memory are read from `/proc`.

#![allow(
    clippy::print_stdout,
    reason = "this is where a benchmark says what it has found"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "servers and callers have tasks; the rule is for layers"
)]

mod load;
mod process;
mod raw;
mod sections;
mod sim;
mod table;

use std::process::ExitCode;

use tower::BoxError;

use self::process::Subjects;

/// Its name, and what it does.
type Section = (&'static str, fn(&Subjects) -> Result<(), BoxError>);

const SECTIONS: [Section; 5] = [
    ("start", sections::start),
    ("unary", sections::unary),
    ("streams", sections::streams),
    ("flood", sections::flood),
    ("many", sections::many),
];

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["--raw", upstream] => raw::serve(upstream),
        ["--sim", tokens, gap_micros] => sim::serve(tokens, gap_micros),
        _ => run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("the benchmark could not run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(wanted: &[&str]) -> Result<(), BoxError> {
    for name in wanted {
        if !SECTIONS.iter().any(|(known, _)| known == name) {
            let known = SECTIONS.map(|(known, _)| known).join(", ");
            return Err(format!("there is no section {name}; there are {known}").into());
        }
    }
    let subjects = Subjects::prepare()?;
    for (name, section) in SECTIONS {
        if wanted.is_empty() || wanted.contains(&name) {
            section(&subjects)?;
        }
    }
    Ok(())
}
