//! What is counted.

use metrics_util::debugging::DebuggingRecorder;
use tokio::time;
use tokio_test::assert_pending;

use super::*;

/// What has been counted after `run`, on a paused clock.
///
/// What it returns is still there then.
fn counted<T, F: Future<Output = T>>(run: impl FnOnce() -> F) -> Vec<String> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let _kept = ::metrics::with_local_recorder(&recorder, || {
        describe_metrics();
        runtime.block_on(async { run().await })
    });
    let lines = snapshotter.snapshot().into_vec().into_iter();
    let lines = lines.map(|(key, _, _, value)| format!("{} = {value:?}", key.key()));
    let lines = lines.map(|line| line.replace("Key(steeplechase_cooldown_", ""));
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}

#[test]
fn what_happens_is_counted() {
    let counted = counted(|| async {
        let mut bench = Bench::new(CooldownConfig::new());
        bench.open().await;
        bench.refused().await;
        time::advance(secs(13)).await;
        drop(bench.start().await);
        let (mut probe, _reply) = bench.start().await;
        assert_pending!(probe.poll());
        time::advance(secs(15)).await;
        assert_pending!(probe.poll());
        drop(probe);
        bench.succeed().await;
        bench.fail(Error::new(Class::Auth, "refused")).await;
        bench.refused().await;
    });
    let expected = [
        "cooldowns_total, [deployment = eu-1, reason = auth]) = Counter(1)",
        "probes_total, [deployment = eu-1, result = dropped]) = Counter(1)",
        "probes_total, [deployment = eu-1, result = expired]) = Counter(1)",
        "probes_total, [deployment = eu-1, result = success]) = Counter(1)",
        "refusals_total, [deployment = eu-1, reason = circuit]) = Counter(1)",
        "refusals_total, [deployment = eu-1, reason = promise]) = Counter(1)",
        "refusals_total, [deployment = eu-1, reason = provider]) = Counter(0)",
        "state, [deployment = eu-1]) = Gauge(3.0)",
        "transitions_total, [deployment = eu-1, from = closed, to = open, reason = in_a_row]) = Counter(1)",
        "transitions_total, [deployment = eu-1, from = half_open, to = open, reason = probe_lost]) = Counter(2)",
        "transitions_total, [deployment = eu-1, from = half_open, to = ramp, reason = success]) = Counter(1)",
        "transitions_total, [deployment = eu-1, from = open, to = half_open, reason = due]) = Counter(3)",
    ];
    assert_eq!(counted, expected);
}

#[test]
fn what_a_group_and_a_provider_have_in_common_is_counted() {
    let counted = counted(|| async {
        let (deployments, peers) = group(4);
        let provider = Provider::new("acme", "api.acme.test");
        let mut benches = Vec::new();
        for deployment in &deployments {
            deployment.health().depend_on(provider.health());
            let config = CooldownConfig::new().success_share(0.0, 0);
            let layer = CooldownLayer::of(deployment, config)
                .peers(&peers, deployment.load())
                .provider(&provider);
            benches.push(Bench::with(layer, Arc::clone(deployment.health())));
        }
        // Those that have worked a moment ago: the third is spared, and is seen all the same.
        for bench in &mut benches[..3] {
            bench.succeed().await;
            bench.fail_times(Class::Server, 5).await;
        }
        benches[3].refused().await;
        benches
    });
    for line in [
        "ejected_share, [group = fast]) = Gauge(0.5)",
        "provider_openings_total, [provider = acme, host = api.acme.test]) = Counter(1)",
        "provider_state, [provider = acme, host = api.acme.test]) = Gauge(1.0)",
        "refusals_total, [deployment = d, reason = provider]) = Counter(1)",
        "spared_total, [deployment = c, reason = in_a_row]) = Counter(1)",
    ] {
        assert!(
            counted.iter().any(|other| other == line),
            "{line}: {counted:#?}"
        );
    }
}
