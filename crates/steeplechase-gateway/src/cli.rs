//! The command line.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use steeplechase::model_info::Mode;

/// An LLM gateway: many model providers behind one OpenAI-compatible API.
///
/// With --config it reads a LiteLLM config.yaml as it is. Without one, every provider whose key is in
/// the environment (`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, …) is there under its own name: ask for
/// `openai/gpt-4o-mini`.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "steeplechase",
    version,
    about,
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    /// What to do, if not to serve.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// How to serve.
    #[command(flatten)]
    pub serve: Serve,
}

/// What to do, if not to serve.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Check a configuration: what is wrong with it, what will surprise, and the stack that comes of it.
    Check(Check),

    /// Show what the layers do, on simulated providers: no key, no network.
    Demo(Demo),

    /// Explain what would become of a call: who could take it, who not and why, and who is asked then.
    Explain(Explain),

    /// List models, with what they cost and what they can do.
    Prices(Prices),

    /// List the providers that can be called, or explain one.
    Providers(Providers),
}

/// How to serve.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// The configuration, in LiteLLM's format
    #[arg(long, short, value_name = "FILE", env = "CONFIG_FILE_PATH")]
    pub config: Option<PathBuf>,

    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "HOST", value_parser = host)]
    pub host: IpAddr,

    /// The port to listen on; 0 for any that is free
    #[arg(long, default_value_t = 4000, env = "PORT")]
    pub port: u16,

    /// How long answers in flight may take to finish when the gateway is told to stop, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub drain: Duration,

    /// Do not look whether the configuration changes; it is still read again on SIGHUP
    #[arg(long)]
    pub no_watch: bool,

    /// The format of the log, on standard error; `RUST_LOG` sets what is logged
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log: LogFormat,
}

/// What to check.
#[derive(Args, Clone, Debug)]
pub struct Check {
    /// The configuration
    #[arg(value_name = "FILE", env = "CONFIG_FILE_PATH")]
    pub config: PathBuf,

    /// Exit with 1 if there is a warning
    #[arg(long)]
    pub strict: bool,

    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Which call to explain.
#[derive(Args, Clone, Debug)]
pub struct Explain {
    /// The configuration
    #[arg(value_name = "FILE", env = "CONFIG_FILE_PATH")]
    pub config: PathBuf,

    /// The model that is asked for
    #[arg(long, value_name = "NAME")]
    pub model: String,

    /// Whether the answer is to be streamed
    #[arg(long)]
    pub stream: bool,

    /// How many tokens the prompt has
    #[arg(long, value_name = "N")]
    pub prompt_tokens: Option<u64>,

    /// How many tokens the answer may have
    #[arg(long, value_name = "N")]
    pub max_tokens: Option<u64>,

    /// The tags that it asks for
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub tags: Vec<String>,

    /// The region that it may go to
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
}

/// How to show what the layers do.
#[derive(Args, Clone, Copy, Debug)]
pub struct Demo {
    /// Exit after the comparison instead of leaving the gateway up
    #[arg(long)]
    pub once: bool,

    /// The port to listen on after the comparison; 0 for any that is free
    #[arg(long, default_value_t = 4000)]
    pub port: u16,
}

/// Which models to list.
#[derive(Args, Clone, Debug, Default)]
pub struct Prices {
    /// Words that have to be in the name of the model or of its provider; all models without any
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,

    /// The provider, as LiteLLM names it: openai, azure, bedrock, …
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,

    /// What the models are for: chat, embedding, rerank, …
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub mode: Option<Mode>,

    /// Print JSON, with every rate and the page that it is from
    #[arg(long)]
    pub json: bool,
}

/// Whom to list or explain.
#[derive(Args, Clone, Debug)]
pub struct Providers {
    /// The provider to explain
    pub name: Option<String>,

    /// As JSON
    #[arg(long)]
    pub json: bool,

    /// A configuration, whose own providers are there too
    #[arg(long, short, value_name = "FILE", env = "CONFIG_FILE_PATH")]
    pub config: Option<PathBuf>,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

fn host(value: &str) -> Result<IpAddr, String> {
    if value.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    value
        .parse()
        .map_err(|_| "expected an IP address such as 0.0.0.0, or localhost".into())
}

fn mode(value: &str) -> Result<Mode, String> {
    Mode::from_name(value).ok_or_else(|| {
        let names: Vec<_> = Mode::ALL.iter().map(|mode| mode.as_str()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

fn seconds(value: &str) -> Result<Duration, String> {
    let seconds: f64 = value.parse().map_err(|_| "expected a number of seconds")?;
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| "expected a number of seconds, 0 or more".into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_litellm_on_loopback() {
        let cli = Cli::try_parse_from(["steeplechase"]).unwrap();
        assert_eq!(cli.serve.port, 4000);
        assert!(cli.serve.host.is_loopback());
    }

    #[test]
    fn a_host_is_an_address_or_localhost() {
        let host = |host| Cli::try_parse_from(["steeplechase", "--host", host]);
        assert!(host("localhost").unwrap().serve.host.is_loopback());
        assert!(host("::").unwrap().serve.host.is_unspecified());
        assert!(host("example.com").is_err());
    }

    #[test]
    fn a_mode_is_one_that_there_is() {
        let prices = |mode| Cli::try_parse_from(["steeplechase", "prices", "--mode", mode]);
        assert!(prices("embedding").is_ok());
        let error = prices("poetry").unwrap_err().to_string();
        assert!(error.contains("chat, completion, embedding"), "{error}");
    }

    #[test]
    fn a_negative_drain_is_refused() {
        assert!(Cli::try_parse_from(["steeplechase", "--drain=-1"]).is_err());
        assert!(Cli::try_parse_from(["steeplechase", "--drain=soon"]).is_err());
    }
}
