//! Simulated providers for tests that are not written in Rust.
//!
//! ```text
//! sim_server SPEC
//!
//! SPEC    {"north": {"script": [{"error": 500}], "always": {"text": "Over the hedge"}}, "south": {}}
//! stdout  {"sims": {"north": "http://127.0.0.1:40001", "south": "http://127.0.0.1:40002"}}
//! stdin   {"counts": "north"}
//! stdout  {"started": 0, "completed": 0, "cancelled": 0, "failed": 0, "in_flight": 0}
//! ```
//!
//! One line of JSON is one command, and gets one line in return; see [`command`]. What a sim can be
//! told: see [`spec`]. It serves until its standard input is closed, so that it cannot outlive a
//! test that dies.

mod command;
mod spec;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use steeplechase_sim::SimServer;
use tokio::io::{AsyncBufReadExt, BufReader};

use self::command::Servers;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(spec), None) = (arguments.next(), arguments.next()) else {
        complain("usage: sim_server SPEC, where SPEC is a JSON object of sims by name");
        return ExitCode::from(2);
    };
    match serve(&spec).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn serve(spec: &str) -> Result<(), Box<dyn Error>> {
    let mut servers = Servers::new();
    for sim in spec::read(spec)? {
        let server = SimServer::bind("127.0.0.1:0", sim).await?;
        servers.insert(server.sim().name().to_owned(), server);
    }
    let urls = servers
        .iter()
        .map(|(name, server)| (name.clone(), Value::from(server.url())));
    say(&json!({"sims": urls.collect::<Map<_, _>>()}))?;

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = command::obey(&line, &servers).await;
        say(&answer.unwrap_or_else(|error| json!({"error": error})))?;
    }
    Ok(())
}

fn say(answer: &Value) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{answer}")?;
    stdout.flush()
}

fn complain(message: &str) {
    // There is nobody left to tell if this fails.
    let _ = writeln!(io::stderr(), "sim_server: {message}");
}
