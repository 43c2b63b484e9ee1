//! Who is asked, and when, one sentence for each test.

use super::*;

/// What is asked of a world in which the models fail so.
async fn asked(
    fallbacks: &Fallbacks,
    failures: impl IntoIterator<Item = (&'static str, Class)>,
) -> String {
    World::failing(failures).ask(fallbacks, "a").await.1
}

#[tokio::test]
async fn a_success_asks_nobody_else_and_says_nothing() {
    let fallbacks = Fallbacks::default().general("a", ["b"]);
    let (outcome, asked) = World::default().ask(&fallbacks, "a").await;
    assert_eq!((outcome.unwrap(), &*asked), (None, "a"));
}

#[tokio::test]
async fn the_targets_are_asked_in_order_until_one_answers() {
    let fallbacks = Fallbacks::default().general("a", ["b", "c", "d"]);
    let world = World::failing([("a", Class::Server), ("b", Class::Overloaded)]);
    let (outcome, asked) = world.ask(&fallbacks, "a").await;
    let fell_back = outcome.unwrap().unwrap();
    assert_eq!((&*fell_back.to, fell_back.legs), ("c", 2));
    assert_eq!(asked, "a b c");
}

#[tokio::test]
async fn each_class_that_another_model_may_do_better_with_has_the_general_list() {
    let fallbacks = Fallbacks::default().general("a", ["b"]);
    for (class, expected) in [
        (Class::Auth, "a b"),
        (Class::Empty, "a b"),
        (Class::NotFound, "a b"),
        (Class::Overloaded, "a b"),
        (Class::Quota, "a b"),
        (Class::RateLimited, "a b"),
        (Class::Server, "a b"),
        (Class::Transport, "a b"),
        (Class::Truncated, "a b"),
        (Class::Unavailable, "a b"),
        (Class::Unsupported, "a b"),
        (Class::Cancelled, "a"),
        (Class::InvalidRequest, "a"),
        (Class::Internal, "a"),
        (Class::TooLarge, "a"),
        (Class::Unauthenticated, "a"),
    ] {
        assert_eq!(
            asked(&fallbacks, [("a", class)]).await,
            expected,
            "{class:?}"
        );
    }
}

#[tokio::test]
async fn a_prompt_that_is_too_long_and_one_that_is_refused_have_their_own_lists() {
    let fallbacks = Fallbacks::default()
        .general("a", ["general"])
        .context_window("a", ["long"])
        .content_policy("a", ["lax"]);
    for (class, expected) in [
        (Class::ContextWindow, "a long"),
        (Class::ContentPolicy, "a lax"),
        (Class::Server, "a general"),
    ] {
        assert_eq!(asked(&fallbacks, [("a", class)]).await, expected);
    }
}

#[tokio::test]
async fn without_any_such_list_they_have_the_general_one() {
    let fallbacks = Fallbacks::default().general("a", ["b"]);
    for class in [Class::ContextWindow, Class::ContentPolicy] {
        assert_eq!(asked(&fallbacks, [("a", class)]).await, "a b");
    }
}

#[tokio::test]
async fn with_such_a_list_for_another_model_they_have_none() {
    let fallbacks = Fallbacks::default().general("a", ["b"]);
    let too_long = fallbacks.clone().context_window("other", ["long"]);
    assert_eq!(asked(&too_long, [("a", Class::ContextWindow)]).await, "a");
    assert_eq!(asked(&too_long, [("a", Class::ContentPolicy)]).await, "a b");
    let refused = fallbacks.content_policy("other", ["lax"]);
    assert_eq!(asked(&refused, [("a", Class::ContentPolicy)]).await, "a");
    assert_eq!(asked(&refused, [("a", Class::ContextWindow)]).await, "a b");
}

#[tokio::test]
async fn a_model_without_a_general_list_has_the_default_targets() {
    let fallbacks = Fallbacks::default()
        .general("b", ["c"])
        .general("none", Vec::<String>::new())
        .default_targets(["d"]);
    assert_eq!(asked(&fallbacks, [("a", Class::Server)]).await, "a d");

    let world = World::failing([("b", Class::Server), ("none", Class::Server)]);
    assert_eq!(world.ask(&fallbacks, "b").await.1, "b c");
    assert_eq!(world.ask(&fallbacks, "none").await.1, "none");
}

#[tokio::test]
async fn a_target_is_asked_once_the_model_itself_never_and_a_circle_ends() {
    let failures = ["a", "b", "c"].map(|model| (model, Class::Server));
    let twice = Fallbacks::default().general("a", ["b", "a", "b", "c"]);
    assert_eq!(asked(&twice, failures).await, "a b c");
    let circle = Fallbacks::default()
        .general("a", ["b"])
        .general("b", ["a", "c"])
        .general("c", ["b", "a"]);
    assert_eq!(asked(&circle, failures).await, "a b c");
    let itself = Fallbacks::default().default_targets(["a"]);
    assert_eq!(asked(&itself, failures).await, "a");
}

#[tokio::test]
async fn the_targets_of_a_target_come_before_those_that_are_left() {
    let failures = ["a", "b", "c", "d"].map(|model| (model, Class::Server));
    let fallbacks = Fallbacks::default()
        .general("a", ["b", "d"])
        .general("b", ["c"]);
    assert_eq!(asked(&fallbacks, failures).await, "a b c d");
}

#[tokio::test]
async fn the_list_of_a_target_goes_by_how_the_target_has_failed() {
    let fallbacks = Fallbacks::default()
        .general("a", ["b"])
        .general("b", ["c"])
        .context_window("b", ["long"]);
    let failures = [("a", Class::Server), ("b", Class::ContextWindow)];
    assert_eq!(asked(&fallbacks, failures).await, "a b long");
}

#[tokio::test]
async fn a_fault_of_the_caller_ends_it_wherever_it_is_found() {
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
    let failures = [("a", Class::Server), ("b", Class::InvalidRequest)];
    assert_eq!(asked(&fallbacks, failures).await, "a b");
}

#[tokio::test]
async fn attempts_bound_the_legs() {
    let fallbacks = Fallbacks::default().general("a", ["b", "c", "d", "e", "f", "g"]);
    for (max, expected) in [(1, "a"), (2, "a b"), (3, "a b c"), (5, "a b c d e")] {
        let failures = ["a", "b", "c", "d", "e", "f", "g"].map(|model| (model, Class::Server));
        let (request, attempts) = request("a");
        attempts.set_max(max);
        let world = World::failing(failures);
        let (outcome, asked) = world.ask_request(&fallbacks, request).await;
        assert!(outcome.unwrap_err().is_final());
        assert_eq!(asked, expected);
        assert_eq!(attempts.used(), max);
        assert_eq!(attempts.count(Kind::Fallback), max - 1);
    }
}

#[tokio::test]
async fn attempts_for_the_legs_are_held_back_from_retries_until_they_are_used() {
    // A model that retries as often as it may, and fails each time.
    let retries = Arc::new(Mutex::new(Vec::new()));
    let upstream = tower::service_fn(|mut request: Request<Call>| {
        let attempts = Attempts::of(request.extensions_mut());
        let mut tries = 1;
        while attempts.try_start(Kind::Retry).is_ok() {
            tries += 1;
        }
        retries.lock().unwrap().push(tries);
        async { Err::<Response<Body>, _>(Error::new(Class::Server, "failed")) }
    });
    for (targets, expected) in [
        (vec![], vec![5]),
        (vec!["b"], vec![4, 1]),
        (vec!["b", "b", "a"], vec![4, 1]),
        (vec!["b", "c"], vec![3, 1, 1]),
        (vec!["b", "c", "d", "e", "f"], vec![1, 1, 1, 1, 1]),
    ] {
        let fallbacks = Fallbacks::default().general("a", targets);
        let service = FallbackLayer::new(fallbacks).layer(upstream);
        service.oneshot(request("a").0).await.unwrap_err();
        assert_eq!(std::mem::take(&mut *retries.lock().unwrap()), expected);
    }
}

#[tokio::test]
async fn what_was_held_back_for_a_leg_is_free_when_the_leg_has_begun() {
    // A model that does not retry, and others that retry as often as they may.
    let counts = Arc::new(Mutex::new(Vec::new()));
    let upstream = tower::service_fn(|mut request: Request<Call>| {
        let attempts = Attempts::of(request.extensions_mut());
        let mut tried = 1;
        while request.body().model() != "a" && attempts.try_start(Kind::Retry).is_ok() {
            tried += 1;
        }
        counts.lock().unwrap().push(tried);
        async { Err::<Response<Body>, _>(Error::new(Class::Server, "failed")) }
    });
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
    let service = FallbackLayer::new(fallbacks).layer(upstream);
    service.oneshot(request("a").0).await.unwrap_err();
    assert_eq!(*counts.lock().unwrap(), [1, 3, 1]);
}

#[tokio::test]
async fn each_leg_is_made_from_the_call_as_it_came() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let upstream = tower::service_fn(|mut request: Request<Call>| {
        let header = request.headers().len();
        request.headers_mut().append("x-leg", "1".parse().unwrap());
        let raw = request.body().raw().clone();
        seen.lock()
            .unwrap()
            .push((header, raw.as_ptr().addr(), request.uri().clone()));
        async { Err::<Response<Body>, _>(Error::new(Class::Server, "failed")) }
    });
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
    let service = FallbackLayer::new(fallbacks).layer(upstream);
    let (mut request, _) = request("a");
    *request.uri_mut() = "/v1/chat/completions".parse().unwrap();
    service.oneshot(request).await.unwrap_err();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|leg| *leg == seen[0]), "{seen:?}");
    assert_eq!(seen[0].0, 0);
}
