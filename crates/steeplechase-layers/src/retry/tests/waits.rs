//! How long the layer waits, and when it does not.

use http::HeaderValue;
use steeplechase_core::Retry as Where;

use super::*;

const OK: StatusCode = StatusCode::OK;

fn asks_for(hint: Duration) -> Reply {
    Err(Error::new(Class::RateLimited, "slow down").with_retry_after(hint))
}

fn with_header(name: &'static str, value: &str) -> Response<()> {
    let mut response = status(StatusCode::TOO_MANY_REQUESTS);
    let headers = response.headers_mut();
    let now = HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
    headers.insert("date", now);
    headers.insert(name, HeaderValue::from_str(value).unwrap());
    response
}

/// How long the first retry waited, if there was one.
async fn first_wait(config: RetryConfig, first: Reply) -> Option<Duration> {
    let run = run(RetryLayer::with(config), &[first, Ok(status(OK))]).await;
    run.starts.get(1).copied()
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_what_the_server_asks_for_and_at_most_a_tenth_more() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:57 GMT";
    let seconds = |header, value: &str, millis: u64| (header, value.to_owned(), millis);
    let mut hints = vec![
        seconds("retry-after", "0.5", 500),
        seconds("retry-after", "1.25", 1_250),
        seconds("retry-after", " 3 ", 3_000),
        seconds("retry-after", "500ms", 500),
        seconds("retry-after", "7.66s", 7_660),
        seconds("retry-after", "1m0s", 60_000),
        seconds("retry-after", DATE, 20_000),
        seconds("retry-after", "Sun, 06 Nov 1994 08:49:36 GMT", 0),
        seconds("retry-after-ms", "1500", 1_500),
        seconds("retry-after-ms", "20.5", 21),
        seconds("x-ratelimit-reset-requests", "6s", 6_000),
        seconds("x-ratelimit-reset-tokens", "250ms", 250),
    ];
    let whole = [0, 1, 2, 3, 5, 7, 9, 10, 11, 15, 20, 30, 45, 59, 60];
    hints.extend(whole.map(|s| seconds("retry-after", &s.to_string(), s * 1000)));
    let ms = [
        0, 1, 5, 10, 50, 99, 100, 101, 999, 1_000, 5_000, 9_999, 30_000, 59_999,
    ];
    hints.extend(ms.map(|ms| seconds("retry-after-ms", &ms.to_string(), ms)));
    assert!(hints.len() >= 40);

    for (header, value, hint) in hints {
        let wait = first_wait(RetryConfig::new(), Ok(with_header(header, &value))).await;
        let wait = wait.unwrap_or_else(|| panic!("{header}: {value} should be waited for"));
        let hint = millis(hint);
        // The clock ticks in milliseconds.
        let most = (hint + (hint / 10).min(millis(1_000))).min(millis(60_000)) + millis(1);
        assert!(
            hint.saturating_sub(millis(1)) <= wait && wait <= most,
            "{header}: {value} was {wait:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_server_asks_for_is_spread() {
    let mut waits = Vec::new();
    for seed in 0..50 {
        let config = RetryConfig::new().seed(seed);
        waits.push(first_wait(config, asks_for(millis(5_000))).await.unwrap());
    }
    waits.sort();
    assert!(waits[0] >= millis(5_000) && waits[49] <= millis(5_501));
    assert!(waits[49] > waits[0] + millis(300), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_more_than_is_allowed_is_not_waited_for() {
    for (hint, waits) in [(9_999, true), (10_000, true), (10_001, false)] {
        let config = RetryConfig::new().max_wait(millis(10_000));
        let replies = [asks_for(millis(hint)), Ok(status(OK))];
        let (request, attempts) = request();
        let run = run_request(RetryLayer::with(config), request, &replies).await;
        assert_eq!(run.answer.is_ok(), waits, "{hint}");
        assert_eq!(run.starts.len(), 1 + usize::from(waits));
        assert!(
            run.elapsed <= millis(10_001),
            "it never waits for longer than that"
        );
        if !waits {
            assert_eq!(run.elapsed, Duration::ZERO, "the caller is told at once");
            assert_eq!(attempts.used(), 1, "nothing is counted that is not started");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_backoff_is_drawn_from_between_nothing_and_its_bound_which_doubles() {
    let mut longest = [Duration::ZERO; 4];
    let mut shortest = [Duration::MAX; 4];
    for seed in 0..200 {
        let config = RetryConfig::new()
            .backoff(millis(1_000), millis(3_000))
            .max_retries(4)
            .seed(seed);
        let (request, attempts) = request();
        attempts.set_max(5);
        let run = run_request(RetryLayer::with(config), request, &[fail(Class::Server)]).await;
        for (nth, pair) in run.starts.windows(2).enumerate() {
            let wait = pair[1].saturating_sub(pair[0]);
            longest[nth] = longest[nth].max(wait);
            shortest[nth] = shortest[nth].min(wait);
        }
    }
    for (nth, bound) in [1_000, 2_000, 3_000, 3_000].into_iter().enumerate() {
        let bound = millis(bound);
        assert!(longest[nth] <= bound + millis(1), "{longest:?}");
        assert!(longest[nth] > bound * 9 / 10, "{longest:?}");
        assert!(shortest[nth] < bound / 10, "{shortest:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_seed_makes_the_waits_the_same_and_another_one_makes_them_others() {
    let mut waits = Vec::new();
    for seed in [7, 7, 8] {
        let config = RetryConfig::new().seed(seed);
        waits.push(run(RetryLayer::with(config), &[fail(Class::Server)]).await);
    }
    assert_eq!(waits[0].starts, waits[1].starts);
    assert_ne!(waits[0].starts, waits[2].starts);
}

#[tokio::test(start_paused = true)]
async fn no_wait_at_the_same_place_is_shorter_than_the_least() {
    let config = exact().min_wait(millis(700));
    for reply in [fail(Class::Server), asks_for(millis(100))] {
        assert_eq!(first_wait(config, reply).await, Some(millis(700)));
    }
    let longer = first_wait(config, asks_for(millis(2_000))).await.unwrap();
    assert!(longer >= millis(2_000));
}

#[tokio::test(start_paused = true)]
async fn another_deployment_is_tried_at_once_whatever_this_one_asks_for() {
    for (alternatives, waits) in [(1, false), (3, false), (0, true)] {
        let (request, attempts) = request();
        attempts.set_alternatives(alternatives);
        let replies = [asks_for(millis(2_000)), Ok(status(OK))];
        let run = run_request(RetryLayer::with(exact()), request, &replies).await;
        assert_eq!(run.starts.len(), 2);
        assert_eq!(run.starts[1] >= millis(2_000), waits, "{alternatives}");
        assert_eq!(run.elapsed.is_zero(), !waits);
    }
}

#[tokio::test(start_paused = true)]
async fn what_passes_at_once_is_tried_again_at_once() {
    let error = Error::new(Class::Transport, "gone").with_retry(Where::Same);
    assert_eq!(
        first_wait(exact(), Err(error)).await,
        Some(Duration::ZERO),
        "the same place, without a wait"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_pass_the_deadline_is_not_begun() {
    for (deadline, waits) in [(99, false), (100, false), (101, true)] {
        let (request, attempts) = request();
        attempts.limit_deadline(Instant::now() + millis(deadline));
        let replies = [fail(Class::Server), Ok(status(OK))];
        let run = run_request(RetryLayer::with(exact()), request, &replies).await;
        assert_eq!(run.answer.is_ok(), waits, "{deadline}");
        assert_eq!(run.elapsed, if waits { WAIT } else { Duration::ZERO });
        assert_eq!(attempts.used(), 1 + u8::from(waits));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_after_the_deadline_even_at_once() {
    let (request, attempts) = request();
    attempts.set_alternatives(1);
    attempts.limit_deadline(Instant::now() + WAIT);
    let layer = RetryLayer::with(exact());
    let run = run_slow(layer, request, &[fail(Class::Server)], WAIT).await;
    assert_eq!(run.answer.unwrap_err().class(), Class::Server);
    assert_eq!(run.starts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn settings_beyond_reason_do_no_harm() {
    let config = RetryConfig::new()
        .backoff(Duration::MAX, Duration::MAX)
        .max_wait(Duration::MAX)
        .max_retries(u8::MAX);
    for retries in [0, 1, 40, u8::MAX] {
        assert!(config.wait(None, retries).is_some());
        let hinted = config.wait(Some(Duration::MAX), retries);
        assert_eq!(hinted, Some(Duration::MAX));
    }
    let never = RetryConfig::new().min_wait(Duration::MAX);
    assert_eq!(never.wait(None, 0), Some(Duration::MAX));
}
