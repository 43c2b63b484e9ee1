//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod answers;
mod behaviour;
mod model;
mod policy;
mod together;
mod waits;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use steeplechase_core::{Attempts, Class, Controls, Deployment, Dialect, Error};
use tokio::time::{self, Instant};
use tower::{Layer, Service, ServiceExt};

use super::*;

const WAIT: Duration = Duration::from_millis(100);

/// Settings with which every wait that the server does not ask for is exactly [`WAIT`].
fn exact() -> RetryConfig {
    RetryConfig::new()
        .backoff(Duration::ZERO, Duration::ZERO)
        .min_wait(WAIT)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn fail(class: Class) -> Reply {
    Err(Error::new(class, class.as_str()))
}

fn status(status: StatusCode) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = status;
    response
}

fn request() -> (Request<()>, Attempts) {
    let mut request = Request::new(());
    let attempts = Attempts::of(request.extensions_mut());
    (request, attempts)
}

/// What a call says that wants to be tried again so often.
fn retries_asked_for(retries: u8) -> Controls {
    let mut controls = Controls::default();
    controls.num_retries = Some(retries);
    controls
}

/// A deployment that wants to be tried again so often.
fn deployment(retries: Option<u8>) -> Arc<Deployment> {
    let builder = Deployment::builder("eu-1", "fast", Dialect::OpenAi);
    match retries {
        Some(retries) => builder.num_retries(retries).build(),
        None => builder.build(),
    }
}

// ===== an upstream that follows a script =====

type Reply = Result<Response<()>, Error>;

/// What became of one request.
#[derive(Debug)]
struct Run {
    answer: Reply,
    /// When each attempt was started, from the start of the request.
    starts: Vec<Duration>,
    elapsed: Duration,
}

/// Sends `request` through `layer` to an upstream that answers each attempt after `latency`, with the
/// replies in turn, the last of them again and again.
async fn run_slow(
    layer: RetryLayer,
    request: Request<()>,
    replies: &[Reply],
    latency: Duration,
) -> Run {
    let started = Instant::now();
    let starts = Arc::new(Mutex::new(Vec::new()));
    let replies: Arc<[Reply]> = replies.iter().map(copy).collect();
    let upstream = {
        let starts = Arc::clone(&starts);
        tower::service_fn(move |_: Request<()>| {
            let nth = {
                let mut starts = starts.lock().unwrap();
                starts.push(started.elapsed());
                starts.len() - 1
            };
            let reply = copy(&replies[nth.min(replies.len() - 1)]);
            async move {
                time::sleep(latency).await;
                reply
            }
        })
    };
    let answer = layer.layer(upstream).oneshot(request).await;
    let starts = std::mem::take(&mut *starts.lock().unwrap());
    Run {
        answer,
        starts,
        elapsed: started.elapsed(),
    }
}

async fn run_request(layer: RetryLayer, request: Request<()>, replies: &[Reply]) -> Run {
    run_slow(layer, request, replies, Duration::ZERO).await
}

async fn run(layer: RetryLayer, replies: &[Reply]) -> Run {
    run_request(layer, Request::new(()), replies).await
}

fn copy(reply: &Reply) -> Reply {
    match reply {
        Ok(response) => {
            let mut copy = status(response.status());
            *copy.headers_mut() = response.headers().clone();
            Ok(copy)
        }
        Err(error) => Err(error.clone()),
    }
}

fn blocking<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}
