//! What is counted.

use metrics_util::debugging::DebuggingRecorder;
use tokio::time;
use tokio_test::assert_pending;

use super::*;

#[test]
fn what_happens_is_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();

    ::metrics::with_local_recorder(&recorder, || {
        describe_metrics();
        runtime.block_on(async {
            let mut bench = Bench::new(CooldownConfig::new());
            bench.open().await;
            bench.refused().await;
            time::advance(secs(7)).await;
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
    });

    let mut counted: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| format!("{} = {value:?}", key.key()))
        .collect();
    counted.sort();
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
    ]
    .map(|line| format!("Key(steeplechase_cooldown_{line}"));
    assert_eq!(counted, expected);
}
