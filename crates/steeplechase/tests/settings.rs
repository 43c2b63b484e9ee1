//! What a group, a deployment and a call say for themselves, through the recommended stack. The clock is paused.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::convert::Infallible;
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase::call::{Call, Operation};
use steeplechase::controls::Mock;
use steeplechase::deployment::{DeploymentBuilder, TierTimeouts};
use steeplechase::dialects::intake::scan;
use steeplechase::layers::keepalive::KeepaliveConfig;
use steeplechase::layers::retry::RetryConfig;
use steeplechase::{Attempts, Class, Controls, Deployment, Dialect, Error, Group, Preset, Stack};
use tokio::time::{Instant, sleep};
use tower::ServiceExt;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A stack over a provider that takes an hour.
fn stack(preset: Preset) -> Stack {
    let client = tower::service_fn(|_: Request<Full<Bytes>>| async {
        sleep(MINUTE * 60).await;
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
    });
    preset
        .retry(RetryConfig::new().max_retries(0))
        .build(client)
        .unwrap()
}

fn deployment(id: &str) -> DeploymentBuilder {
    Deployment::builder(id, "fast", Dialect::OpenAi)
}

fn call(fields: &str) -> Request<Call> {
    call_in(Dialect::OpenAi, fields)
}

fn call_in(dialect: Dialect, fields: &str) -> Request<Call> {
    let raw = format!(
        r#"{{"model":"fast",{fields}"max_tokens":9,"messages":[{{"role":"user","content":"hi"}}]}}"#
    );
    let raw = Bytes::from(raw);
    let head = scan(&raw).unwrap();
    Request::new(Call::new(Operation::Chat, dialect, raw, head))
}

fn asking(mut request: Request<Call>, ask: impl FnOnce(&mut Controls)) -> Request<Call> {
    let mut controls = Controls::default();
    ask(&mut controls);
    Attempts::of(request.extensions_mut()).control(controls);
    request
}

/// After how many seconds a call fails.
async fn gives_up(stack: &Stack, request: Request<Call>) -> u64 {
    let began = Instant::now();
    let error: Error = stack.clone().oneshot(request).await.err().unwrap();
    assert!(matches!(error.class(), Class::Timeout(_)), "{error}");
    began.elapsed().as_secs()
}

fn tier(tier: &str, whole: u64, stream: Option<u64>) -> TierTimeouts {
    TierTimeouts {
        tier: tier.into(),
        whole: Some(Duration::from_secs(whole)),
        stream: stream.map(Duration::from_secs),
    }
}

#[tokio::test(start_paused = true)]
async fn a_class_of_service_has_its_own_time() {
    let one = deployment("one")
        .timeout(SECOND * 20)
        .stream_timeout(SECOND * 10);
    let one = one.tier_timeouts([tier("flex", 400, Some(300)), tier("priority", 5, None)]);
    let stack = stack(Preset::new().group(Group::new("fast", [one.build()])));
    for (fields, seconds) in [
        ("", 20),
        (r#""stream":true,"#, 10),
        (r#""service_tier":"flex","#, 400),
        (r#""service_tier":"flex","stream":true,"#, 300),
        (r#""service_tier":"priority","#, 5),
        (r#""service_tier":"priority","stream":true,"#, 10),
        (r#""service_tier":"auto","#, 20),
        (r#""service_tier":null,"#, 20),
    ] {
        assert_eq!(gives_up(&stack, call(fields)).await, seconds, "{fields}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_class_that_the_deployment_asks_for_itself_counts_for_calls_that_name_none() {
    let params = Bytes::from_static(br#"{"service_tier":"flex","temperature":0}"#);
    let one = deployment("one")
        .timeout(SECOND * 20)
        .default_params(params);
    let one = one.tier_timeouts([tier("flex", 400, None), tier("priority", 5, None)]);
    let stack = stack(Preset::new().group(Group::new("fast", [one.build()])));
    assert_eq!(gives_up(&stack, call("")).await, 400);
    assert_eq!(
        gives_up(&stack, call(r#""service_tier":"priority","#)).await,
        5
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_may_take_a_shorter_or_a_longer_time_unless_it_may_only_be_shorter() {
    let one = deployment("one")
        .timeout(SECOND * 200)
        .stream_timeout(SECOND * 20);
    let preset = Preset::new().deadline(SECOND * 100);
    let stack = stack(preset.group(Group::new("fast", [one.build()])));
    for (seconds, only_shorter, expected) in [
        (30, false, 30),
        (150, false, 150),
        // No longer than an attempt may take.
        (900, false, 200),
        (30, true, 30),
        (150, true, 100),
    ] {
        let request = asking(call(""), |asked| {
            asked.timeout = Some(SECOND * seconds);
            asked.only_shorter = only_shorter;
        });
        assert_eq!(
            gives_up(&stack, request).await,
            expected,
            "{seconds} {only_shorter}"
        );
    }
    for (seconds, only_shorter, expected) in
        [(5, false, 5), (50, false, 50), (5, true, 5), (50, true, 20)]
    {
        let request = asking(call(r#""stream":true,"#), |asked| {
            asked.stream_timeout = Some(SECOND * seconds);
            asked.only_shorter = only_shorter;
        });
        assert_eq!(
            gives_up(&stack, request).await,
            expected,
            "{seconds} {only_shorter}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_never_asks_its_provider_answers_or_fails_by_itself() {
    let says = deployment("says")
        .order(1)
        .mock(Mock::new(Ok("It is only me".into())));
    let fails = deployment("fails").mock(Mock::new(Err(Class::RateLimited)));
    let preset = Preset::new().group(Group::new("fast", [fails.build(), says.build()]));
    let client = tower::service_fn(|_: Request<Full<Bytes>>| async {
        panic!("nobody is asked");
        #[allow(unreachable_code, reason = "it has a type")]
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
    });
    let stack = preset.build(client).unwrap();
    let answer = stack.clone().oneshot(call("")).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("It is only me"));
    let one = &stack.deployments("fast")[0];
    let is_cooling = !matches!(
        one.health().availability(Instant::now()),
        steeplechase::deployment::Availability::Ready(_)
    );
    assert!(is_cooling, "its failure is as good as a real one");

    let asked = asking(call(""), |asked| {
        asked.mock = Some(Mock::new(Ok("the call".into())));
    });
    let answer = stack.oneshot(asked).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(
        String::from_utf8_lossy(&body).contains("the call"),
        "a call's own goes first"
    );
}

/// After how many seconds the caller has the head, and what comes first then.
async fn hears(stack: &Stack, request: Request<Call>) -> Option<(u64, String)> {
    let began = Instant::now();
    let mut body = stack.clone().oneshot(request).await.ok()?.into_body();
    let seconds = began.elapsed().as_secs();
    let first = body.frame().await?.ok()?.into_data().ok()?;
    Some((seconds, String::from_utf8_lossy(first.chunk()).into_owned()))
}

const COMMENT: &str = ": keepalive\n\n";
const PING: &str = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

#[tokio::test(start_paused = true)]
async fn signs_of_life_are_those_of_the_group_or_else_of_all() {
    let own = [
        Group::new("fast", [deployment("one").build()]).keepalive(SECOND * 5),
        Group::new("fast", [deployment("two").build()]).keepalive(Duration::ZERO),
        Group::new("fast", [deployment("three").build()]),
    ];
    for (group, expected) in own.into_iter().zip([Some(5), None, Some(7)]) {
        let all = KeepaliveConfig::new().after(SECOND * 7).every(SECOND * 7);
        let stack = stack(
            Preset::new()
                .keepalive(all)
                .group(group)
                .alias("quick", "fast", false),
        );
        for model in ["fast", "quick"] {
            let request = call(r#""stream":true,"#).map(|call| call.with_model(model));
            let heard = hears(&stack, request).await;
            let expected = expected.map(|seconds| (seconds, COMMENT.to_owned()));
            assert_eq!(heard, expected, "{model}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn callers_of_messages_get_pings_and_may_have_a_time_of_their_own() {
    let group = || Group::new("fast", [deployment("one").build()]);
    let all = KeepaliveConfig::new().after(SECOND * 7);
    let request = || call_in(Dialect::Anthropic, r#""stream":true,"#);
    let both = stack(Preset::new().keepalive(all.clone()).group(group()));
    assert_eq!(hears(&both, request()).await, Some((7, PING.to_owned())));
    let own = Preset::new()
        .keepalive(all)
        .messages_keepalive(SECOND * 3)
        .group(group());
    let own = stack(own);
    assert_eq!(hears(&own, request()).await, Some((3, PING.to_owned())));
    let heard = hears(&own, call(r#""stream":true,"#)).await;
    assert_eq!(heard, Some((7, COMMENT.to_owned())));
    let all = KeepaliveConfig::new().after(SECOND * 7);
    let never = Preset::new().keepalive(all).group(group());
    let never = stack(never.messages_keepalive(Duration::ZERO));
    assert_eq!(hears(&never, request()).await, None);
    let by_group = stack(Preset::new().group(group().keepalive(SECOND * 2)));
    assert_eq!(
        hears(&by_group, request()).await,
        Some((2, PING.to_owned()))
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_says_when_it_wants_signs_of_life_if_the_group_lets_it() {
    let group = || Group::new("fast", [deployment("one").build()]);
    let after =
        |group: Group, seconds: u64| group.keepalive(SECOND * u32::try_from(seconds).unwrap());
    for (group, asked, expected) in [
        (group(), 3, None),
        (group().callers_keepalive(true), 3, Some(3)),
        (after(group(), 5), 3, Some(5)),
        (after(group(), 5).callers_keepalive(true), 3, Some(3)),
        (after(group(), 5).callers_keepalive(true), 0, None),
        // What was turned off stays off.
        (after(group(), 0).callers_keepalive(true), 3, None),
    ] {
        let stack = stack(Preset::new().group(group));
        let request = asking(call(r#""stream":true,"#), |controls| {
            controls.keepalive = Some(SECOND * asked);
        });
        let heard = hears(&stack, request).await.map(|(seconds, _)| seconds);
        assert_eq!(heard, expected);
    }
}
