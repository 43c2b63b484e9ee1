//! What must hold of the whole stack, whatever the providers do and whatever callers do.
//!
//! The clock is paused: an outage lasts for minutes, its test does not.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod answers;
mod outage;
mod properties;
mod worlds;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use steeplechase::call::{Call, Operation};
use steeplechase::deployment::DeploymentBuilder;
use steeplechase::dialects::intake::scan;
use steeplechase::{BoxError, Deployment, Dialect, Preset, Stack};
use steeplechase_sim::Sim;
use tower::{ServiceExt, service_fn};

/// The model that all calls ask for.
const MODEL: &str = "fast";

/// The model that is asked when that one fails.
const SPARE: &str = "spare";

/// Providers, each at the host `NAME.test`, and what was sent to them.
#[derive(Clone, Default)]
struct Hosts {
    sims: HashMap<String, Sim>,
    /// Whether nobody listens at any of these hosts.
    are_gone: bool,
    /// Whether nothing comes any more from any of them.
    are_silent: Arc<AtomicBool>,
    /// For each attempt the call that it is of, and the host.
    sent: Arc<Mutex<Vec<(String, String)>>>,
}

// ===== impl Hosts =====

impl Hosts {
    fn new(sims: impl IntoIterator<Item = Sim>) -> Self {
        let sims = sims.into_iter();
        Self {
            sims: sims.map(|sim| (sim.name().to_owned(), sim)).collect(),
            ..Self::default()
        }
    }

    /// The stack over them.
    fn stack(&self, preset: Preset) -> Stack {
        let hosts = Arc::new(self.clone());
        let client = service_fn(move |request: Request<Full<Bytes>>| {
            let hosts = Arc::clone(&hosts);
            async move {
                let (head, body) = request.into_parts();
                let host = head.uri.host().unwrap_or_default();
                let host = host.strip_suffix(".test").unwrap_or(host).to_owned();
                let body = body.collect().await?.to_bytes();
                let asked: serde_json::Value = serde_json::from_slice(&body)?;
                let call = asked["user"].as_str().unwrap_or_default().to_owned();
                hosts.sent.lock().unwrap().push((call, host.clone()));
                if hosts.are_gone {
                    return Err(io::Error::from(io::ErrorKind::ConnectionRefused).into());
                }
                if hosts.are_silent.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
                let request = Request::from_parts(head, Full::from(body));
                let answer = hosts.sims[&host].clone().oneshot(request).await;
                answer.map_err(BoxError::from)
            }
        });
        preset.build(client).unwrap()
    }

    /// How many attempts there were of a call.
    fn sent_for(&self, call: &str) -> usize {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|(of, _)| of == call).count()
    }

    /// How many requests the providers have counted.
    fn started(&self) -> u64 {
        self.sims.values().map(|sim| sim.counts().started).sum()
    }

    /// How many have not ended.
    fn in_flight(&self) -> u64 {
        self.sims.values().map(Sim::in_flight).sum()
    }
}

/// A deployment of a provider of its own.
fn deployment(sim: &str, model: &str) -> DeploymentBuilder {
    let base_url = format!("http://{sim}.test/v1");
    Deployment::builder(sim, model, Dialect::OpenAi)
        .provider(sim)
        .base_url(base_url.parse().unwrap())
}

/// A call that providers can tell from the others.
fn call(mark: &str, is_streamed: bool) -> Request<Call> {
    let raw = format!(
        r#"{{"model":"{MODEL}","user":"{mark}","stream":{is_streamed},
            "messages":[{{"role":"user","content":"Where to?"}}]}}"#
    );
    let raw = Bytes::from(raw);
    let head = scan(&raw).unwrap();
    Request::new(Call::new(Operation::Chat, Dialect::OpenAi, raw, head))
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
