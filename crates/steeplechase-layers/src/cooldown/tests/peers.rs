//! What the breakers of a group know of each other, one sentence for each test.

use tokio::time;

use super::*;

/// Fails too often, but not too often in a row.
async fn fail_by_share(bench: &mut Bench) {
    for attempt in 0..14 {
        if bench.is_open() {
            return;
        }
        if attempt % 3 == 0 {
            bench.succeed().await;
        } else {
            bench.fail_times(Class::Server, 1).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn at_most_half_of_a_group_is_left_alone() {
    for (count, most) in [(2, 1), (3, 1), (4, 2), (5, 2), (6, 3)] {
        let (mut group, peers) = benches(count, CooldownConfig::new());
        for bench in &mut group {
            fail_by_share(bench).await;
        }
        let open = group.iter().filter(|bench| bench.is_open()).count();
        assert_eq!(open, most, "of {count}");
        assert_eq!(peers.ejected(), u32::try_from(most).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_was_spared_opens_with_its_next_failure_when_there_is_room() {
    let (mut group, peers) = benches(2, CooldownConfig::new());
    group[0].open().await;
    fail_by_share(&mut group[1]).await;
    group[1].fail_times(Class::Server, 1).await;
    assert!(!group[1].is_open());

    time::advance(secs(13)).await;
    group[0].succeed().await;
    assert_eq!(peers.ejected(), 0);
    group[1].fail_times(Class::Server, 1).await;
    assert!(group[1].is_open());
}

#[tokio::test(start_paused = true)]
async fn what_has_not_had_a_single_success_is_no_loss_and_opens_all_the_same() {
    let (mut group, peers) = benches(2, CooldownConfig::new());
    for bench in &mut group {
        bench.open().await;
    }
    assert_eq!(peers.ejected(), 2);

    // It takes as long as the window for one that has worked.
    let (mut group, _) = benches(2, CooldownConfig::new());
    group[0].open().await;
    group[1].succeed().await;
    group[1].fail_times(Class::Server, 7).await;
    assert!(!group[1].is_open());
    time::advance(secs(30)).await;
    group[1].fail_times(Class::Server, 1).await;
    assert!(group[1].is_open());
}

#[tokio::test(start_paused = true)]
async fn a_lone_deployment_opens() {
    let (mut group, _) = benches(1, CooldownConfig::new());
    group[0].succeed().await;
    group[0].open().await;
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_is_gone_takes_no_room() {
    let (deployments, peers) = group(2);
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    bench.open().await;
    assert_eq!(peers.ejected(), 1);
    drop(bench);
    assert_eq!(peers.ejected(), 0);
    // The next one finds it open.
    let _bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    assert_eq!(peers.ejected(), 1);
}

#[tokio::test(start_paused = true)]
async fn half_of_the_successes_coming_late_opens() {
    let (deployments, peers) = group(3);
    for deployment in &deployments {
        is_used_to(deployment, millis(500));
    }
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    for _ in 0..9 {
        bench.succeed().await;
        bench.succeed_after(millis(2200)).await;
    }
    bench.succeed().await;
    assert_eq!(bench.health.circuit(), Circuit::Closed, "19 are few");
    bench.succeed_after(millis(2200)).await;
    assert!(bench.is_open());
}

#[tokio::test(start_paused = true)]
async fn four_times_as_long_as_usual_is_not_late_yet() {
    let (deployments, peers) = group(3);
    for deployment in &deployments {
        is_used_to(deployment, millis(500));
    }
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    for _ in 0..60 {
        bench.succeed_after(millis(1900)).await;
    }
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn one_that_was_never_any_faster_has_its_place_in_the_group() {
    let (deployments, peers) = group(2);
    is_used_to(&deployments[0], millis(2500));
    is_used_to(&deployments[1], millis(300));
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    for _ in 0..40 {
        is_used_to(&deployments[0], millis(2500));
        bench.succeed_after(millis(2500)).await;
    }
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}

#[tokio::test(start_paused = true)]
async fn others_that_are_slow_too_do_not_make_it_usual_as_long_as_they_are_few() {
    let (deployments, peers) = group(5);
    for (deployment, time) in deployments.iter().zip([500, 500, 500, 500, 9000]) {
        is_used_to(deployment, millis(time));
    }
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    for _ in 0..10 {
        bench.succeed().await;
        bench.succeed_after(millis(2200)).await;
    }
    assert!(bench.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_comes_late_has_failed() {
    let (deployments, peers) = group(2);
    for deployment in &deployments {
        is_used_to(deployment, millis(500));
    }
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    bench.succeed().await;
    bench.open_and_wait().await;
    bench.succeed_after(millis(2500)).await;
    assert!(bench.is_open());
}

#[tokio::test(start_paused = true)]
async fn five_that_are_stuck_open_before_the_first_of_them_is_given_up() {
    let (deployments, peers) = group(2);
    for deployment in &deployments {
        is_used_to(deployment, millis(1000));
    }
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    bench.succeed().await;
    let mut stuck = Vec::new();
    for _ in 0..9 {
        stuck.push(bench.start().await);
        time::advance(millis(400)).await;
    }
    // The fifth of them has waited for 2 s.
    assert_eq!(bench.health.circuit(), Circuit::Closed);
    time::advance(millis(2200)).await;
    let error = bench.refused().await;
    assert_eq!(error.class(), Class::Unavailable);
    assert!(bench.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_success_since_they_have_begun_says_that_they_are_only_slow() {
    let (deployments, peers) = group(2);
    for deployment in &deployments {
        is_used_to(deployment, millis(1000));
    }
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    let mut slow = Vec::new();
    for _ in 0..20 {
        slow.push(bench.start().await);
        if slow.len() % 4 == 0 {
            bench.succeed().await;
        }
        time::advance(secs(2)).await;
    }
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}

/// Sends attempts that are dropped after a time.
async fn lose(bench: &mut Bench, times: usize, waited: Duration) {
    for _ in 0..times {
        let loser = bench.start().await;
        time::advance(waited).await;
        drop(loser);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_loses_says_nothing_but_one_that_was_stuck_has_failed() {
    for (waited, opens) in [(900, false), (3500, false), (4500, true)] {
        let (deployments, peers) = group(2);
        for deployment in &deployments {
            is_used_to(deployment, millis(1000));
        }
        let config = CooldownConfig::new().watch_waiting(false);
        let mut bench = Bench::among(&peers, &deployments[0], config);
        lose(&mut bench, 5, millis(waited)).await;
        assert_eq!(bench.is_open(), opens, "after {waited} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_always_loses_when_it_should_have_answered_is_stuck() {
    for (waited, opens) in [(900, false), (1500, true)] {
        let (deployments, peers) = group(2);
        for deployment in &deployments {
            is_used_to(deployment, millis(1000));
        }
        let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
        for _ in 0..4 {
            lose(&mut bench, 4, millis(waited)).await;
            bench.succeed().await;
        }
        lose(&mut bench, 4, millis(waited)).await;
        assert!(!bench.is_open());
        lose(&mut bench, 1, millis(waited)).await;
        assert_eq!(bench.is_open(), opens, "after {waited} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_has_never_answered_is_known_by_those_that_are_always_quicker() {
    let (deployments, peers) = group(2);
    is_used_to(&deployments[1], millis(1000));
    // How long others were waited for says nothing of what is usual.
    for _ in 0..30 {
        deployments[0].load().at_least(millis(5000));
    }
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    for _ in 0..5 {
        assert!(!bench.is_open());
        let loser = bench.start().await;
        time::advance(millis(1100)).await;
        drop(loser);
    }
    assert!(bench.is_open());
}

#[tokio::test(start_paused = true)]
async fn the_second_probe_in_a_row_that_lost_late_has_failed() {
    let (deployments, peers) = group(2);
    for deployment in &deployments {
        is_used_to(deployment, millis(1000));
    }
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    bench.open_and_wait().await;
    // At once: it says nothing at all.
    for _ in 0..5 {
        drop(bench.start().await);
    }
    for _ in 0..2 {
        let probe = bench.start().await;
        time::advance(millis(1500)).await;
        drop(probe);
    }
    bench.refused().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_yet_is_neither_slow_nor_stuck() {
    let (deployments, peers) = group(2);
    let mut bench = Bench::among(&peers, &deployments[0], CooldownConfig::new());
    let mut waiting = Vec::new();
    for _ in 0..30 {
        bench.succeed_after(secs(100)).await;
        waiting.push(bench.start().await);
        time::advance(secs(100)).await;
    }
    assert_eq!(bench.health.circuit(), Circuit::Closed);
}
