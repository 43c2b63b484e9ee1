//! The tasks of a developer, set-up included.
//!
//! ```text
//! cargo xtask test          all that has to hold before a change is merged
//! cargo xtask bench         the benchmarks
//! cargo xtask fuzz          bytes that nobody would send, for all that reads bytes
//! ```
//!
//! Nothing here but the standard library, so that it is built in a second. What is not in the
//! repository (a Python environment, Node modules) goes under `target/`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program for a terminal"
)]

mod cli;
mod examples;
mod failure;
mod features;
mod fuzz;
mod run;
mod sdk;
mod setup;
mod steps;
mod workspace;

use std::process::ExitCode;

use self::cli::Task;
use self::failure::Failure;
use self::workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match perform(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(arguments: &[String]) -> Result<ExitCode, Failure> {
    match cli::read(arguments)? {
        Task::Help => {
            print!("{}", cli::help());
            Ok(ExitCode::SUCCESS)
        }
        Task::Test(steps) => Ok(run::all(&Workspace::locate()?, &steps)),
        Task::Fuzz(fuzz) => fuzz::run(&Workspace::locate()?, &fuzz).map(|()| ExitCode::SUCCESS),
        Task::Bench(bench) => {
            // Benches, but not the unit tests, which would not know a bench's options.
            let command = ["bench", "-p", "steeplechase-tests", "--bench", bench.target];
            Workspace::locate()?
                .cargo(command)
                .args(["--"])
                .args(bench.arguments)
                .perform()
                .map(|()| ExitCode::SUCCESS)
        }
    }
}
