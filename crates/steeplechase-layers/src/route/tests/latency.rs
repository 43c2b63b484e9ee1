//! The strategy that goes by latency, alone and over time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use steeplechase_core::Class;
use tokio::task::JoinSet;

use super::*;

const FAILS: u64 = u64::MAX;

/// Picks of a group whose deployments have the given latencies in milliseconds. Zero is unknown.
fn picks(strategy: &LowestLatency, latencies: &[u64], count: u32) -> Vec<u32> {
    let group = deployments(u8::try_from(latencies.len()).unwrap());
    for (deployment, millis) in group.iter().zip(latencies) {
        if *millis > 0 {
            deployment.load().observe(Duration::from_millis(*millis));
        }
    }
    super::picks(strategy, &group, count)
}

fn greedy() -> LowestLatency {
    LowestLatency::seeded(1).explore(0.0)
}

#[tokio::test(start_paused = true)]
async fn the_quickest_is_picked() {
    assert_eq!(picks(&greedy(), &[500, 300, 400], 100), [0, 100, 0]);
}

#[tokio::test(start_paused = true)]
async fn of_those_that_are_as_quick_each_has_the_same_chance() {
    let picks = picks(&greedy(), &[300, 300, 500], 1000);
    assert!(
        picks[0] > 430 && picks[1] > 430 && picks[2] == 0,
        "{picks:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_in_flight_makes_one_slower() {
    let group = deployments(2);
    group[0].load().observe(SECOND / 10);
    group[1].load().observe(SECOND / 4);
    let picked = || pick(&greedy(), &group, Told::default());
    assert_eq!(picked(), 0);
    let _in_flight = [group[0].load().start(), group[0].load().start()];
    assert_eq!(picked(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_known_gets_a_fair_share_until_it_is() {
    let picks = picks(&greedy(), &[300, 0, 900], 1000);
    assert!(
        picks[0] > 430 && picks[1] > 430 && picks[2] == 0,
        "{picks:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn each_keeps_being_measured() {
    let picks = picks(&LowestLatency::seeded(1), &[300, 900, 5000, 100], 10_000);
    assert!(picks.iter().all(|n| *n >= 100), "{picks:?}");
    assert!(picks[3] > 9500, "{picks:?}");
}

#[tokio::test(start_paused = true)]
async fn within_the_buffer_all_are_as_good() {
    let buffered = || greedy().buffer(0.5);
    let picks = picks(&buffered(), &[300, 440, 460, 0], 3000);
    assert_eq!(picks[2], 0);
    assert!([0, 1, 3].iter().all(|i| picks[*i] > 900), "{picks:?}");
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_is_timed_by_its_tokens_and_a_stream_by_its_first_content() {
    let group = deployments(2);
    let now = Instant::now();
    group[0].load().observe(SECOND * 2);
    group[0].load().observe_whole(SECOND * 2, 4, now);
    group[1].load().observe(SECOND * 6);
    group[1].load().observe_whole(SECOND * 6, 300, now);
    for (is_stream, expected) in [(Some(true), 0), (None, 0), (Some(false), 1)] {
        let told = Told {
            is_stream,
            ..Told::default()
        };
        assert_eq!(pick(&greedy(), &group, told), expected, "{is_stream:?}");
    }
    // A failure counts for both.
    group[1].load().penalise(None);
    let told = Told {
        is_stream: Some(false),
        ..Told::default()
    };
    assert_eq!(pick(&greedy(), &group, told), 0);
}

#[tokio::test(start_paused = true)]
async fn while_no_tokens_are_known_a_whole_answer_is_as_quick_as_its_first_content() {
    let group = deployments(2);
    group[0].load().observe(SECOND * 2);
    group[1].load().observe(SECOND);
    let told = Told {
        is_stream: Some(false),
        ..Told::default()
    };
    assert_eq!(pick(&greedy(), &group, told), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_older_than_its_ttl_is_not_known() {
    let group = deployments(2);
    group[0].load().observe(SECOND * 9);
    time::advance(SECOND * 5).await;
    group[1].load().observe(SECOND);
    assert_eq!(pick(&greedy(), &group, Told::default()), 1);
    // Then it is taken for as quick as the quickest.
    let shares = super::picks(&greedy().ttl(SECOND * 4), &group, 1000);
    assert!(shares[0] > 430, "{shares:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_has_failed_loses_the_next_pick() {
    let group = deployments(2);
    group[0].load().observe(SECOND / 10);
    group[1].load().observe(SECOND * 2);
    assert_eq!(pick(&greedy(), &group, Told::default()), 0);
    group[0].load().penalise(None);
    assert_eq!(pick(&greedy(), &group, Told::default()), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_takes_nothing_in_a_minute_is_not_picked_however_quick_it_is() {
    let group = [
        builder("a").requests_per_minute(0).build(),
        builder("b").tokens_per_minute(0).build(),
        builder("c").build(),
    ];
    for (deployment, seconds) in group.iter().zip([1, 2, 3]) {
        deployment.load().observe(SECOND * seconds);
    }
    assert_eq!(
        super::picks(&LowestLatency::seeded(1), &group, 100),
        [0, 0, 100]
    );
}

/// Six deployments that are called twenty times a second.
struct World {
    latencies: Arc<[AtomicU64; 6]>,
    picks: Arc<Mutex<Vec<usize>>>,
    calls: JoinSet<()>,
}

impl World {
    fn new() -> Self {
        Self {
            latencies: Arc::new([500; 6].map(AtomicU64::new)),
            picks: Arc::default(),
            calls: JoinSet::new(),
        }
    }

    fn service(
        &self,
        strategy: impl Strategy + Clone + 'static,
    ) -> impl Service<Request<()>, Response: Send, Error = Error, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static {
        let (latencies, picks) = (Arc::clone(&self.latencies), Arc::clone(&self.picks));
        let group = deployments(6);
        let client = tower::service_fn(move |request: Request<()>| {
            let index = place(tagged(&request));
            picks.lock().unwrap().push(index);
            let millis = latencies[index].load(Ordering::Relaxed);
            async move {
                if millis == FAILS {
                    return Err(Error::new(Class::Server, "broken"));
                }
                time::sleep(Duration::from_millis(millis)).await;
                Ok(Response::new(Body::default()))
            }
        });
        RouteLayer::new(group, strategy, tag).layer(client)
    }

    /// The share that the last deployment has of the picks of so many seconds.
    async fn share_over<S>(&mut self, service: &S, seconds: u32) -> f64
    where
        S: Service<Request<()>, Response: Send, Error = Error, Future: Send>
            + Clone
            + Send
            + 'static,
    {
        self.picks.lock().unwrap().clear();
        for _ in 0..seconds * 20 {
            let call = service.clone().oneshot(Request::new(()));
            self.calls.spawn(async move { drop(call.await) });
            time::sleep(SECOND / 20).await;
            while self.calls.try_join_next().is_some() {}
        }
        let picks = self.picks.lock().unwrap();
        let last = u32::try_from(picks.iter().filter(|index| **index == 5).count());
        f64::from(last.unwrap()) / f64::from(u32::try_from(picks.len()).unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_one_of_six_loses_its_share_and_gets_it_back() {
    loses_its_share_and_gets_it_back(LowestLatency::seeded(5)).await;
}

#[tokio::test(start_paused = true)]
async fn so_it_does_where_the_busiest_are_left_out() {
    loses_its_share_and_gets_it_back(HotCold::seeded(5)).await;
}

async fn loses_its_share_and_gets_it_back(strategy: impl Strategy + Clone + 'static) {
    let fair = 1.0 / 6.0;
    let mut world = World::new();
    let service = world.service(strategy);
    let before = world.share_over(&service, 30).await;
    assert!(before > fair / 2.0, "{before}");

    world.latencies[5].store(2500, Ordering::Relaxed);
    world.share_over(&service, 20).await;
    let slow = world.share_over(&service, 10).await;
    assert!(slow < fair / 2.0, "{slow}");
    assert!(slow > 0.0, "it keeps being measured");

    world.latencies[5].store(500, Ordering::Relaxed);
    world.share_over(&service, 50).await;
    let after = world.share_over(&service, 10).await;
    assert!(after > fair / 2.0, "{after}");
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_fast_does_not_look_quick() {
    let mut world = World::new();
    let service = world.service(LowestLatency::seeded(5));
    world.latencies[5].store(FAILS, Ordering::Relaxed);
    world.share_over(&service, 10).await;
    let share = world.share_over(&service, 300).await;
    assert!(share < 0.02, "{share}");
}
