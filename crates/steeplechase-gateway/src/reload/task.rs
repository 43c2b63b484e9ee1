use std::net::SocketAddr;
use std::time::Duration;

use tokio::signal::unix::Signal;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::files::Files;
use super::host::{Host, Serving};
use super::metrics;
use super::source::Source;
use crate::app::Replace;
use crate::run::warn_if_open;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// How long they have to be the same before a change is acted on.
const SETTLED: Duration = Duration::from_millis(200);

/// How many times that is waited for. What never settles is read as it is.
const PATIENCE: u32 = 25;

/// Puts another configuration in place when there is one.
#[derive(Debug)]
pub(crate) struct Reloader {
    pub(crate) source: Source,
    pub(crate) host: Host,
    /// What is served, and what puts another in its place.
    pub(crate) serving: Serving,
    pub(crate) replace: Replace,
    pub(crate) addr: SocketAddr,
    /// Tells when to read the configuration again, whether or not it has changed.
    pub(crate) hangup: Option<Signal>,
    /// Whether the files are looked at.
    pub(crate) watches: bool,
}

impl Reloader {
    /// Waits for another configuration, and puts it in place. Never ends.
    pub(crate) async fn run(mut self) {
        loop {
            tokio::select! {
                () = told(&mut self.hangup) => {
                    tracing::info!("told to read the configuration again");
                    self.reload().await;
                }
                () = sleep(EVERY), if self.watches => {
                    if self.have_changed().await {
                        tracing::info!("the configuration has changed");
                        self.reload().await;
                    }
                }
            }
        }
    }

    /// Whether the files are others than those that were read last, and stay so.
    async fn have_changed(&self) -> bool {
        let mut files = again(&self.serving.files).await;
        for _ in 0..PATIENCE {
            if files == self.serving.files {
                return false;
            }
            sleep(SETTLED).await;
            let settled = again(&self.serving.files).await;
            if settled == files {
                break;
            }
            files = settled;
        }
        true
    }

    /// Reads the configuration, and puts it in place if it is right.
    async fn reload(&mut self) {
        let (source, previous) = (self.source.clone(), self.serving.previous());
        let Ok((next, files)) = spawn_blocking(move || source.read(previous)).await else {
            // The log has the panic.
            return refused("it could not be read");
        };
        // Also if it is wrong: until it changes, it stays wrong.
        self.serving.files = files.clone();
        let before = &self.serving.parts;
        let next = match next {
            Ok(next) => self.host.serve(next, files, Some(before)).await,
            Err(why) => Err(why),
        };
        match next {
            Ok(next) => self.put_in_place(next),
            Err(why) => refused(&why),
        }
    }

    fn put_in_place(&mut self, next: Serving) {
        let changes = self.serving.changes(&next);
        // Before it can be seen, so that who sees the new one sees this, too.
        metrics::replaced();
        self.replace.with(next.parts.clone());
        if self.serving.is_keyed() {
            warn_if_open(self.addr, next.is_keyed());
        }
        // What kept the credentials of the old one fresh goes with it.
        self.serving = next;
        tracing::info!(
            added = %changes.added,
            removed = %changes.removed,
            moved = %changes.moved,
            kept = changes.kept,
            "another configuration is in place"
        );
    }
}

async fn told(hangup: &mut Option<Signal>) {
    let told = match hangup {
        Some(hangup) => hangup.recv().await,
        None => None,
    };
    if told.is_none() {
        // There will never be another.
        std::future::pending::<()>().await;
    }
}

async fn again(files: &Files) -> Files {
    let seen = files.clone();
    let again = spawn_blocking(move || seen.again()).await;
    again.unwrap_or_else(|_| files.clone())
}

fn refused(why: &str) {
    metrics::refused();
    for line in why.lines() {
        tracing::error!("{line}");
    }
    tracing::error!("the configuration is wrong, so the one before it is still served");
}
