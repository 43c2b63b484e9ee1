//! What the breakers of a provider's deployments infer together, one sentence for each test.

use steeplechase_core::deployment::Availability;
use tokio::time::{self, Instant};

use super::*;

/// The benches of a provider's deployments, all of which depend on it.
fn deployments(count: u8) -> (Vec<Bench>, Arc<Provider>) {
    let provider = Provider::new("acme", "api.acme.test");
    let (deployments, _) = group(count);
    let bench = |deployment: Arc<Deployment>| {
        deployment.health().depend_on(provider.health());
        of(&deployment, &provider)
    };
    (deployments.into_iter().map(bench).collect(), provider)
}

fn of(deployment: &Deployment, provider: &Arc<Provider>) -> Bench {
    let layer = CooldownLayer::of(deployment, CooldownConfig::new()).provider(provider);
    Bench::with(layer, Arc::clone(deployment.health()))
}

fn is_open(provider: &Provider) -> bool {
    matches!(provider.health().circuit(), Circuit::Open { .. })
}

async fn open(benches: &mut [Bench]) {
    for bench in benches {
        bench.open().await;
    }
}

#[tokio::test(start_paused = true)]
async fn three_that_open_within_ten_seconds_open_the_provider_for_all() {
    let (mut benches, provider) = deployments(4);
    open(&mut benches[..2]).await;
    assert_eq!(provider.health().circuit(), Circuit::Closed);
    time::advance(secs(10)).await;
    benches[2].open().await;
    assert!(is_open(&provider));

    // The fourth is well, and is left alone all the same.
    let fourth = &mut benches[3];
    assert_eq!(fourth.health.circuit(), Circuit::Closed);
    let availability = fourth.health.availability(Instant::now());
    assert!(matches!(
        availability,
        Availability::Closed { until: Some(_) }
    ));
    let wait = fourth.refused().await.retry_after().unwrap();
    assert_eq!(wait, secs(10));
}

#[tokio::test(start_paused = true)]
async fn those_that_open_further_apart_or_one_that_flaps_do_not() {
    let (mut benches, provider) = deployments(3);
    for bench in &mut benches {
        bench.open().await;
        time::advance(millis(5100)).await;
    }
    assert_eq!(provider.health().circuit(), Circuit::Closed);

    let (mut benches, provider) = deployments(1);
    for _ in 0..5 {
        let anew = Arc::new(Health::default());
        let layer = CooldownLayer::new().track(&anew).name("same");
        Bench::with(layer.provider(&provider), anew).open().await;
        time::advance(secs(1)).await;
    }
    benches[0].open().await;
    assert_eq!(provider.health().circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_outage_is_each_deployments_own_affair() {
    let (deployments, _) = group(4);
    let provider = Provider::new("acme", "api.acme.test");
    for deployment in &deployments {
        let config = CooldownConfig::new().enforce_promise(false);
        let layer = CooldownLayer::of(deployment, config).provider(&provider);
        let mut bench = Bench::with(layer, Arc::clone(deployment.health()));
        bench.fail_times(Class::RateLimited, 10).await;
        assert!(bench.is_open());
    }
    assert_eq!(provider.health().circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn one_probe_of_any_deployment_closes_it_again() {
    let (mut benches, provider) = deployments(5);
    open(&mut benches[..3]).await;
    time::advance(secs(13)).await;
    let well = |bench: &Bench| bench.health.availability(Instant::now());
    assert_eq!(well(&benches[3]), Availability::Probe);

    let (probe, reply) = benches[3].start().await;
    assert_eq!(well(&benches[4]), Availability::Closed { until: None });
    benches[4].refused().await;
    reply.send_response(Response::new(Script::hello()));
    probe.await.unwrap();

    // All of them come back by and by, those that have failed by a probe of their own.
    assert!(matches!(provider.health().circuit(), Circuit::Ramp { .. }));
    assert_eq!(well(&benches[4]), Availability::Ready(Health::RAMP_START));
    assert_eq!(well(&benches[0]), Availability::Probe);
    benches[4].succeed().await;
    time::advance(secs(30)).await;
    benches[4].succeed().await;
    assert_eq!(provider.health().circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_opens_it_for_longer_and_one_that_says_nothing_makes_room() {
    let (mut benches, provider) = deployments(4);
    open(&mut benches[..3]).await;
    time::advance(secs(13)).await;
    drop(benches[3].start().await);
    benches[3]
        .fail(Error::new(Class::RateLimited, "busy"))
        .await;
    time::advance(secs(1)).await;
    assert!(is_open(&provider));

    benches[3].fail_times(Class::Transport, 1).await;
    let wait = benches[3].refused().await.retry_after().unwrap();
    assert_eq!(wait, secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_the_deployment_refuses_takes_no_place() {
    let (mut benches, provider) = deployments(4);
    open(&mut benches[..3]).await;
    time::advance(secs(13)).await;
    let later = Instant::now() + secs(60);
    benches[0].health.set_circuit(Circuit::Closed);
    benches[3].health.cool_until(later);
    benches[3].refused().await;
    assert!(is_open(&provider));
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_depend_on_it_is_never_refused_for_it() {
    let (mut benches, provider) = deployments(3);
    open(&mut benches).await;
    let (alone, _) = group(1);
    of(&alone[0], &provider).succeed().await;
    assert!(is_open(&provider));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_fails_open_passes() {
    let (mut benches, provider) = deployments(4);
    open(&mut benches[..3]).await;
    let mut request = Request::new(());
    request.extensions_mut().insert(FailOpen);
    let call = benches[3].send_request(request);
    let (_, reply) = benches[3].upstream.next_request().await.unwrap();
    reply.send_response(Response::new(Script::hello()));
    call.await.unwrap();
    assert!(matches!(provider.health().circuit(), Circuit::Ramp { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_is_built_anew_goes_on_with_the_circuit_of_the_provider() {
    let (mut benches, provider) = deployments(4);
    open(&mut benches[..3]).await;
    let health = Arc::clone(provider.health());
    let anew = Provider::with_health("acme", "api.acme.test", health);
    assert!(is_open(&anew));
}
