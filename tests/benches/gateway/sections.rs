//! What is measured, one function a section.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::Instant;
use tower::BoxError;

use crate::load::{Load, Outcome};
use crate::process::{Process, Subjects};
use crate::table::{Best, compare, verdict};

const UNARY: Load = Load {
    connections: 16,
    requests: 20_000,
    stream: false,
};

const STREAMS: Load = Load {
    connections: 50,
    requests: 200,
    stream: true,
};

const MANY: Load = Load {
    connections: 1000,
    requests: 1000,
    stream: true,
};

/// How long after its start a process may take to settle.
const SETTLE: Duration = Duration::from_millis(500);

/// A request at a time on each connection.
pub(crate) fn unary(subjects: &Subjects) -> Result<(), BoxError> {
    let provider = subjects.provider(16, Duration::ZERO)?;
    let (raw, gateway) = alternate(subjects, &provider, UNARY, 3, |_| UNARY.requests)?;
    let title = "unary: 20,000 requests a round, 16 connections, best of 3 rounds";
    compare(title, "request", &raw, &gateway, Some(1.5));
    Ok(())
}

/// Streams whose events come one by one.
pub(crate) fn streams(subjects: &Subjects) -> Result<(), BoxError> {
    let provider = subjects.provider(198, Duration::from_millis(4))?;
    let (raw, gateway) = alternate(subjects, &provider, STREAMS, 3, |outcome| outcome.events)?;
    let title = "streams: 200 of 200 events, 50 at a time, an event each 4 ms, best of 3 rounds";
    compare(title, "event", &raw, &gateway, Some(1.3));
    Ok(())
}

/// Streams whose events come as fast as they can, many in one read.
pub(crate) fn flood(subjects: &Subjects) -> Result<(), BoxError> {
    let load = Load {
        connections: 16,
        requests: 2000,
        stream: true,
    };
    let provider = subjects.provider(198, Duration::ZERO)?;
    let (raw, gateway) = alternate(subjects, &provider, load, 3, |outcome| outcome.events)?;
    let title = "flood: 2,000 streams of 200 events at full speed, 16 at a time, best of 3 rounds";
    compare(title, "event", &raw, &gateway, None);
    Ok(())
}

/// Many streams at a time.
pub(crate) fn many(subjects: &Subjects) -> Result<(), BoxError> {
    println!();
    println!("many: 1,000 streams at a time, 20 events a second, for 10 s");
    let provider = subjects.provider(200, Duration::from_millis(50))?;
    let runtime = runtime()?;
    for (name, process, target) in [
        ("raw", subjects.raw(&provider)?, None),
        ("gateway", subjects.gateway(&provider)?, Some(40.0)),
    ] {
        let warm_up = Load {
            connections: 4,
            requests: 4,
            stream: false,
        };
        runtime.block_on(warm_up.send(process.addr));
        let before = process.memory()?;
        let cpu = process.processor()?;
        let (outcome, most) = runtime.block_on(watched(&process))?;
        let cpu = process.processor()?.saturating_sub(cpu);
        #[allow(clippy::cast_precision_loss, reason = "it is some KiB")]
        let a_stream = most.saturating_sub(before) as f64 / MANY.connections as f64;
        let judged = target.map_or(String::new(), |target| {
            format!(", target {target}: {}", verdict(a_stream <= target))
        });
        println!(
            "{name:<10}{} streams, {} events, {} failed, {:.1} µs CPU an event, first event p99 \
             {:.1} ms, {a_stream:.1} KiB a stream{judged}",
            outcome.latencies.len(),
            outcome.events,
            outcome.failed,
            cpu.as_secs_f64() * 1e6 / f64::from(u32::try_from(outcome.events.max(1))?),
            outcome.quantile(99).as_secs_f64() * 1e3,
        );
    }
    Ok(())
}

/// The process itself.
pub(crate) fn start(subjects: &Subjects) -> Result<(), BoxError> {
    println!();
    println!("start: from the start of the process to its first answer, and its memory then");
    let provider = subjects.provider(16, Duration::ZERO)?;
    let runtime = runtime()?;
    let first = Load {
        connections: 1,
        requests: 1,
        stream: false,
    };
    let mut took = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..5 {
        let started = Instant::now();
        let gateway = subjects.gateway(&provider)?;
        let outcome = runtime.block_on(first.send(gateway.addr));
        took.push(started.elapsed());
        if outcome.failed > 0 {
            return Err("the first request has failed".into());
        }
        std::thread::sleep(SETTLE);
        memory.push(gateway.memory()?);
    }
    took.sort_unstable();
    memory.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "it is some MiB")]
    let mib = memory[2] as f64 / 1024.0;
    let millis = took[2].as_secs_f64() * 1e3;
    println!(
        "gateway   median of 5: {millis:.1} ms, target 100: {}",
        verdict(millis <= 100.0)
    );
    println!(
        "          {mib:.1} MiB, target 20: {}",
        verdict(mib <= 20.0)
    );
    Ok(())
}

/// The same load on both subjects in turn, after a tenth of it to warm up. `count` says of what the
/// processor time is to be given.
fn alternate(
    subjects: &Subjects,
    provider: &Process,
    load: Load,
    rounds: usize,
    count: impl Fn(&Outcome) -> usize,
) -> Result<(Best, Best), BoxError> {
    let runtime = runtime()?;
    let processes = [subjects.raw(provider)?, subjects.gateway(provider)?];
    let warm_up = Load {
        requests: load.requests / 10,
        ..load
    };
    for process in &processes {
        let outcome = runtime.block_on(warm_up.send(process.addr));
        if outcome.failed > 0 {
            return Err(format!("{} of the first requests have failed", outcome.failed).into());
        }
    }
    let mut bests = [Best::default(), Best::default()];
    for _ in 0..rounds {
        for (process, best) in processes.iter().zip(&mut bests) {
            let before = process.processor()?;
            let outcome = runtime.block_on(load.send(process.addr));
            let used = process.processor()?.saturating_sub(before);
            best.add(&outcome, count(&outcome), used);
        }
    }
    Ok(bests.into())
}

/// Runs [`MANY`], and watches the memory meanwhile.
async fn watched(process: &Process) -> Result<(Outcome, u64), BoxError> {
    let load = tokio::spawn(MANY.send(process.addr));
    let mut most = 0;
    while !load.is_finished() {
        most = most.max(process.memory()?);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok((load.await?, most))
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}
