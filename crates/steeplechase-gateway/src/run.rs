//! What the program does, from the command line to the exit code.
//!
//! | Code | Means                                              |
//! |------|----------------------------------------------------|
//! | 0    | told to stop, and stopped                          |
//! | 1    | could not start: the address is in use, or the like |
//! | 1    | there is no such model to list                      |
//! | 1    | `check --strict` has found a warning                |
//! | 2    | the configuration or the command line is wrong      |

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where the program talks to who has started it"
)]

use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::app::replaceable;
use crate::cli::{Check, Cli, Command, Demo, Serve};
use crate::reload::{Host, Reloader, Source};
use crate::server::{Server, ServerConfig};
use crate::{check, demo, explain, prices, providers, telemetry};

/// What is said when nothing keeps strangers out.
const OPEN: &str = "there is no master key, so whoever can reach this address can make calls at your \
                    expense; set `general_settings.master_key` or LITELLM_MASTER_KEY";

/// Why the program could not do what it was told.
struct Failure {
    code: u8,
    message: String,
}

/// Does what the command line says.
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        None => block_on(serve(cli.serve)),
        Some(Command::Check(options)) => return examine(&options),
        Some(Command::Demo(options)) => block_on(demo(options)),
        Some(Command::Explain(options)) => tell(explain::text(&options, &env)),
        Some(Command::Prices(options)) => list(prices::list(&options)),
        Some(Command::Providers(options)) => tell(providers::text(&options, &env)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, message }) => {
            eprintln!("{message}");
            ExitCode::from(code)
        }
    }
}

fn block_on(future: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::start(&error))?;
    let outcome = runtime.block_on(future);
    // Without waiting: a look-up in the DNS can block a thread for long.
    runtime.shutdown_background();
    outcome
}

/// Prints a list, or says why there is none.
fn list(list: Result<String, String>) -> Result<(), Failure> {
    let list = list.map_err(|message| Failure { code: 1, message })?;
    print(&list);
    Ok(())
}

/// Prints what a configuration says, or what is wrong with it.
fn tell(text: Result<String, String>) -> Result<(), Failure> {
    let text = text.map_err(Failure::configuration)?;
    print(&text);
    Ok(())
}

/// Checks a configuration.
fn examine(options: &Check) -> ExitCode {
    let outcome = check::check(options, &env);
    // Programs get all of it in one place.
    if outcome.code == 2 && !options.json {
        eprint!("{}", outcome.text);
    } else {
        print(&outcome.text);
    }
    ExitCode::from(outcome.code)
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn print(text: &str) {
    // Whoever reads it may have seen enough.
    _ = io::stdout().write_all(text.as_bytes());
}

async fn demo(options: Demo) -> Result<(), Failure> {
    until_told(|stop| demo::run(options, stop))
        .await
        .unwrap_or(Ok(()))
        .map_err(|error| Failure::start(&*error))
}

async fn serve(options: Serve) -> Result<(), Failure> {
    telemetry::start_log(options.log);
    let source = Source::new(options.config);
    // Before anything is served: a hang-up that nobody catches ends the program. Without a file there is
    // nothing to read again, and it does.
    let hangup = source.is_file().then(|| signal(SignalKind::hangup()).ok());
    // Before the layers, which look up their metrics when they are built.
    let metrics = telemetry::install_metrics().map_err(|error| Failure::start(&error))?;
    let host = Host::new(metrics.clone());
    let serving = host.start(&source).await.map_err(Failure::configuration)?;
    let upkeep = tokio::spawn(telemetry::keep_up(metrics));

    let addr = SocketAddr::new(options.host, options.port);
    let server = Server::bind(addr, ServerConfig::new().drain(options.drain))
        .await
        .map_err(|error| Failure {
            code: 1,
            message: format!("cannot listen on {addr}: {error}; choose another with --port"),
        })?;
    let addr = server.addr().map_err(|error| Failure::start(&error))?;
    warn_if_open(addr, serving.is_keyed());
    let example = serving.example.as_deref();
    banner(addr, &serving.providers, example, serving.key_shown_in());
    let (service, replace) = replaceable(serving.parts.clone());
    let reloader = Reloader {
        watches: source.is_file() && !options.no_watch,
        source,
        host,
        serving,
        replace,
        addr,
        hangup: hangup.flatten(),
    };
    let reloading = tokio::spawn(reloader.run());
    until_told(|stop| server.serve(service, stop)).await;
    reloading.abort();
    upkeep.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Warns when anybody who reaches the address from elsewhere is served.
pub(crate) fn warn_if_open(addr: SocketAddr, keyed: bool) {
    if is_open(addr, keyed) {
        tracing::warn!("{OPEN}");
    }
}

/// Whether anybody who reaches the address from elsewhere is served.
fn is_open(addr: SocketAddr, keyed: bool) -> bool {
    !keyed && !addr.ip().to_canonical().is_loopback()
}

/// Tells who has started the program what there is, and how to use it. `key_shown_in` is the header that callers show
/// their key in, if they have to.
pub(crate) fn banner(
    addr: SocketAddr,
    providers: &[Arc<str>],
    example: Option<&str>,
    key_shown_in: Option<&str>,
) {
    println!(
        "steeplechase {} on http://{addr}",
        env!("CARGO_PKG_VERSION")
    );
    println!("providers: {}", providers.join(", "));
    if is_open(addr, key_shown_in.is_some()) {
        println!("warning: {OPEN}");
    }
    if let Some(model) = example {
        let key = key_shown_in.map_or_else(String::new, |header| {
            format!(" \\\n  -H '{header}: Bearer YOUR_MASTER_KEY'")
        });
        println!(
            "try it:\n\n  curl http://{addr}/v1/chat/completions{key} \\\n  -H 'content-type: \
             application/json' \\\n  -d '{{\"model\": \"{model}\", \"messages\": [{{\"role\": \
             \"user\", \"content\": \"hello\"}}]}}'\n"
        );
    }
}

/// Runs what `run` makes of a future that is ready when the program is told to stop. Told a second
/// time, it does not wait for it to end, and returns `None`.
async fn until_told<F: Future>(run: impl FnOnce(Stop) -> F) -> Option<F::Output> {
    // Before anything runs: a signal that nobody catches ends the program at once.
    let signals = Signals::catch();
    let (tell, told) = oneshot::channel();
    tokio::select! {
        output = run(Box::pin(async { _ = told.await })) => Some(output),
        () = told_twice(signals, tell) => None,
    }
}

type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a program is told to stop by.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Catches them from now on. `None` if that cannot be.
    fn catch() -> Option<Self> {
        Some(Self {
            terminate: signal(SignalKind::terminate()).ok()?,
            interrupt: signal(SignalKind::interrupt()).ok()?,
        })
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Is ready when the program is told to stop for the second time. Passes the first on.
async fn told_twice(signals: Option<Signals>, first: oneshot::Sender<()>) {
    let Some(mut signals) = signals else {
        tracing::warn!("signals cannot be caught; the program ends without a grace");
        return std::future::pending().await;
    };
    signals.told().await;
    tracing::info!("told to stop; answers in flight may finish, unless told again");
    // Nobody to tell means that it has ended already.
    _ = first.send(());
    signals.told().await;
    tracing::warn!("told to stop again; answers in flight are cut off");
}

impl Failure {
    fn start(error: &dyn std::error::Error) -> Self {
        Self {
            code: 1,
            message: format!("cannot start: {error}"),
        }
    }

    fn configuration(message: String) -> Self {
        Self { code: 2, message }
    }
}
