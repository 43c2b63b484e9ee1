//! How long a streamed answer is waited for, through the recommended stack.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase::call::{Call, Operation};
use steeplechase::dialects::intake::scan;
use steeplechase::layers::retry::RetryConfig;
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::model_info::{Abilities, Ability};
use steeplechase::{Class, Deployment, Dialect, Error, Group, ModelInfo, Preset};
use tokio::time::{self, Instant};
use tower::ServiceExt;

const STREAM: &str = concat!(
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: [DONE]\n\n",
);

const WHOLE: &str =
    r#"{"choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}]}"#;

/// What became of a call: after how long, and how many attempts a provider has seen.
struct Ended {
    took: Duration,
    attempts: usize,
    result: Result<(), Error>,
}

fn deployment(id: &str, thinks: Option<bool>) -> Arc<Deployment> {
    let mut abilities = Abilities::default();
    if let Some(thinks) = thinks {
        abilities.set(Ability::Reasoning, thinks);
    }
    let info = ModelInfo {
        abilities,
        ..ModelInfo::default()
    };
    Deployment::builder(id, "fast", Dialect::OpenAi)
        .base_url(format!("https://{id}.example.com/v1").parse().unwrap())
        .model_info(info)
        .build()
}

/// Asks for a stream of providers that take so long to answer, one attempt after the other, and the last one as long
/// for all that follow.
async fn ask(preset: Preset, group: Group, answers: &[Duration], stream: bool) -> Ended {
    let seen = Arc::new(Mutex::new(0));
    let (count, answers) = (Arc::clone(&seen), answers.to_vec());
    let client = tower::service_fn(move |_: Request<Full<Bytes>>| {
        let attempt = {
            let mut count = count.lock().unwrap();
            *count += 1;
            *count - 1
        };
        let after = answers[attempt.min(answers.len() - 1)];
        async move {
            time::sleep(after).await;
            let (kind, body) = if stream {
                ("text/event-stream", STREAM)
            } else {
                ("application/json", WHOLE)
            };
            let response = Response::builder().header("content-type", kind);
            Ok::<_, Infallible>(response.body(Full::from(body)).unwrap())
        }
    });
    let stack = preset
        .retry(RetryConfig::new().seed(1))
        .group(group)
        .build(client)
        .unwrap();
    let raw = format!(r#"{{"model":"fast","stream":{stream},"messages":[]}}"#);
    let raw = Bytes::from(raw);
    let head = scan(&raw).unwrap();
    let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
    let started = Instant::now();
    let result = match stack.oneshot(Request::new(call)).await {
        Ok(answer) => answer.into_body().collect().await.map(drop),
        Err(error) => Err(error),
    };
    let attempts = *seen.lock().unwrap();
    Ended {
        took: started.elapsed(),
        attempts,
        result,
    }
}

fn two(thinks: Option<bool>) -> Group {
    Group::new("fast", ["a", "b"].map(|id| deployment(id, thinks)))
}

const HOUR: Duration = Duration::from_secs(3600);
const QUICK: Duration = Duration::from_secs(1);

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_is_given_up_for_another_sooner_if_nothing_is_to_be_thought_about() {
    for (thinks, patience) in [(Some(false), 30), (None, 120), (Some(true), 120)] {
        let ended = ask(Preset::new(), two(thinks), &[HOUR, QUICK], true).await;
        ended.result.unwrap();
        assert_eq!((ended.took, ended.attempts), (secs(patience + 1), 2));
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_has_until_the_deadline() {
    let slow = secs(400);
    let ended = ask(Preset::new(), two(Some(false)), &[HOUR, HOUR, slow], true).await;
    ended.result.unwrap();
    // The third is at a place where one hangs already, after a short wait.
    assert_eq!(ended.attempts, 3);
    assert!(ended.took >= secs(430), "{:?}", ended.took);

    let alone = Preset::new().max_attempts(1);
    let ended = ask(alone, two(Some(false)), &[slow], true).await;
    ended.result.unwrap();
    assert_eq!((ended.took, ended.attempts), (slow, 1));

    let ended = ask(Preset::new(), two(None), &[HOUR], true).await;
    assert!(matches!(
        ended.result.unwrap_err().class(),
        Class::Timeout(_)
    ));
    assert_eq!((ended.took, ended.attempts), (secs(600), 3));
}

#[tokio::test(start_paused = true)]
async fn a_lone_deployment_is_asked_again_when_it_hangs() {
    let lone = Group::new("fast", [deployment("a", Some(false))]);
    let ended = ask(Preset::new(), lone, &[HOUR, QUICK], true).await;
    ended.result.unwrap();
    assert_eq!(ended.attempts, 2);
    assert!(ended.took >= secs(121) && ended.took < secs(122));
}

#[tokio::test(start_paused = true)]
async fn what_anybody_has_said_counts_and_nobody_loses_patience() {
    let said = ByStream {
        whole: Timeouts::new(),
        stream: Timeouts::new().first_token(secs(200)),
    };
    let preset = Preset::new().timeouts(said);
    let ended = ask(preset, two(Some(false)), &[secs(190)], true).await;
    ended.result.unwrap();
    assert_eq!((ended.took, ended.attempts), (secs(190), 1));

    let preset = Preset::new().patience(false);
    let ended = ask(preset, two(Some(false)), &[secs(110)], true).await;
    ended.result.unwrap();
    assert_eq!((ended.took, ended.attempts), (secs(110), 1));

    // A whole answer takes as long as it is long.
    let ended = ask(Preset::new(), two(Some(false)), &[secs(250)], false).await;
    ended.result.unwrap();
    assert_eq!((ended.took, ended.attempts), (secs(250), 1));
}
