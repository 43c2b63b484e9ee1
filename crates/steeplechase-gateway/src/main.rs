//! The gateway's binary.

use std::process::ExitCode;

use clap::Parser;
use steeplechase_gateway::cli::Cli;
use steeplechase_gateway::run::run;

fn main() -> ExitCode {
    run(Cli::parse())
}
