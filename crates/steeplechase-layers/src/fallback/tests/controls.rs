//! What a call says itself, and legs with fields of their own.

use std::time::Duration;

use steeplechase_core::controls::{Leg, Legs};
use steeplechase_core::{Controls, Retry};
use tokio::time;

use super::*;

fn legs<const N: usize>(legs: [Leg; N]) -> Legs {
    legs.into()
}

/// Sends a call for `a` with controls into a world where the models fail so.
async fn ask(
    fallbacks: &Fallbacks,
    controls: Controls,
    failures: &[(&'static str, Class)],
) -> (Result<Option<FellBack>, Error>, String) {
    let (request, attempts) = request("a");
    attempts.control(controls);
    let world = World::failing(failures.iter().copied());
    world.ask_request(fallbacks, request).await
}

const A_FAILS: [(&str, Class); 1] = [("a", Class::Server)];

#[tokio::test]
async fn the_list_of_a_call_goes_before_that_of_the_operator_and_needs_none() {
    let of_operator = Fallbacks::default().general("a", ["b"]);
    for fallbacks in [Fallbacks::default(), of_operator] {
        let mut controls = Controls::default();
        controls.fallbacks = Some(legs(["c".into(), "d".into()]));
        let failures = [("a", Class::Server), ("c", Class::Overloaded)];
        let (outcome, asked) = ask(&fallbacks, controls, &failures).await;
        assert_eq!(asked, "a c d");
        let fell_back = outcome.unwrap().unwrap();
        assert_eq!((&*fell_back.to, fell_back.legs), ("d", 2));
        assert_eq!(fell_back.reason, Class::Server, "the first one's");
    }
}

#[tokio::test]
async fn a_list_of_a_call_may_be_for_certain_models_only() {
    for (list, expected) in [
        (vec![Leg::to("b").instead_of("a")], "a b"),
        (vec![Leg::to("b").instead_of("other")], "a"),
        (vec![Leg::to("b").instead_of("*")], "a b"),
        (
            vec![Leg::to("b").instead_of("*"), Leg::to("c").instead_of("a")],
            "a c",
        ),
    ] {
        let mut controls = Controls::default();
        controls.fallbacks = Some(list.into());
        // The operator's list is not added to it.
        let fallbacks = Fallbacks::default().general("a", ["z"]);
        assert_eq!(ask(&fallbacks, controls, &A_FAILS).await.1, expected);
    }
}

#[tokio::test]
async fn the_lists_of_a_call_for_certain_failures_go_before_its_own_general_one() {
    let of_operator = Fallbacks::default().context_window("a", ["z"]);
    let mut controls = Controls::default();
    controls.fallbacks = Some(legs(["general".into()]));
    for (class, expected) in [
        (Class::ContextWindow, "a general"),
        (Class::ContentPolicy, "a general"),
    ] {
        let asked = ask(&of_operator, controls.clone(), &[("a", class)]).await.1;
        assert_eq!(asked, expected, "{class:?}");
    }
    controls.context_window_fallbacks = Some(legs(["long".into()]));
    controls.content_policy_fallbacks = Some(legs([Leg::to("lax").instead_of("other")]));
    for (class, expected) in [
        (Class::ContextWindow, "a long"),
        (Class::ContentPolicy, "a"),
        (Class::Server, "a general"),
        (Class::InvalidRequest, "a"),
    ] {
        let asked = ask(&of_operator, controls.clone(), &[("a", class)]).await.1;
        assert_eq!(asked, expected, "{class:?}");
    }
}

#[tokio::test]
async fn a_call_that_wants_no_fallbacks_has_none() {
    let fallbacks = Fallbacks::default().general("a", ["b"]);
    let mut controls = Controls::default();
    controls.disable_fallbacks = true;
    controls.fallbacks = Some(legs(["c".into()]));
    let (outcome, asked) = ask(&fallbacks, controls, &A_FAILS).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.class(), &*asked), (Class::Server, "a"));
}

#[tokio::test]
async fn a_call_that_says_nothing_of_fallbacks_has_those_of_the_operator() {
    let fallbacks = Fallbacks::default().general("*", ["b"]);
    let asked = ask(&fallbacks, Controls::default(), &A_FAILS).await.1;
    assert_eq!(asked, "a b");
}

#[tokio::test]
async fn the_first_leg_fails_as_the_call_asks_for_and_is_not_sent() {
    let fallbacks = Fallbacks::default()
        .general("a", ["b"])
        .context_window("a", ["long"])
        .content_policy("a", ["lax"]);
    for (class, expected) in [
        (Class::Server, "b"),
        (Class::RateLimited, "b"),
        (Class::ContextWindow, "long"),
        (Class::ContentPolicy, "lax"),
    ] {
        let mut controls = Controls::default();
        controls.fail_first = Some(class);
        let (outcome, asked) = ask(&fallbacks, controls.clone(), &[]).await;
        assert_eq!(asked, expected);
        assert_eq!(outcome.unwrap().unwrap().reason, class);

        let (outcome, asked) = ask(&Fallbacks::default(), controls, &[]).await;
        assert_eq!((outcome.unwrap_err().class(), &*asked), (class, ""));
    }
}

#[tokio::test]
async fn how_each_leg_has_failed_is_told_to_a_call_that_wants_to_know() {
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
    let failures = [("a", Class::Server), ("b", Class::Quota)];
    for wants in [true, false] {
        let (mut request, attempts) = request("a");
        let mut controls = Controls::default();
        controls.include_fallback_errors = wants;
        attempts.control(controls);
        request.headers_mut().clear();
        let upstream = World::failing(failures).service();
        let service = FallbackLayer::new(fallbacks.clone()).layer(upstream);
        let response = service.oneshot(request).await.unwrap();
        let errors = response.extensions().get::<FallbackErrors>();
        let told = errors.map(|FallbackErrors(errors)| {
            let told = errors
                .iter()
                .map(|(model, error)| (&**model, error.class()));
            told.collect::<Vec<_>>()
        });
        assert_eq!(told, wants.then(|| failures.to_vec()));
    }
}

#[tokio::test]
async fn a_model_is_asked_so_often_at_the_most() {
    let fallbacks = Fallbacks::default().general("a", ["b", "c", "d"]);
    let failures = ["a", "b", "c", "d"].map(|model| (model, Class::Server));
    for (most, expected) in [(0, "a"), (1, "a b"), (2, "a b c"), (5, "a b c d")] {
        let fallbacks = fallbacks.clone().max_legs(most);
        let world = World::failing(failures);
        let (outcome, asked) = world.ask(&fallbacks, "a").await;
        assert_eq!(asked, expected);
        let error = outcome.unwrap_err();
        assert_eq!((error.class(), error.message()), (Class::Server, "a"));
    }
}

#[tokio::test]
async fn the_lists_of_any_model_are_of_those_that_have_none_of_the_kind() {
    let fallbacks = Fallbacks::default()
        .general("*", ["any"])
        .context_window("*", ["long"])
        .content_policy("other", ["lax"])
        .general("a", Vec::<Leg>::new());
    for (class, expected) in [
        (Class::Server, "a"),
        (Class::ContextWindow, "a long"),
        (Class::ContentPolicy, "a"),
    ] {
        let asked = World::failing([("a", class)]).ask(&fallbacks, "a").await.1;
        assert_eq!(asked, expected, "{class:?}");
    }
    let asked = World::failing([("b", Class::Server)])
        .ask(&fallbacks, "b")
        .await
        .1;
    assert_eq!(asked, "b any");
}

// ===== legs with fields =====

/// Adds the fields to the bytes, so that it shows what was made of what.
fn add(call: &Call, fields: &Bytes, model: &Arc<str>) -> Result<Call, Error> {
    if &**fields == b"wrong" {
        return Err(Error::new(Class::Unsupported, "wrong").with_retry(Retry::OtherModel));
    }
    let raw = [&call.raw()[..], fields].concat();
    let (operation, dialect) = (call.operation(), call.dialect());
    let call = Call::new(operation, dialect, raw.into(), call.head().clone());
    Ok(call.with_model(Arc::clone(model)))
}

fn with(model: &str, fields: &'static str) -> Leg {
    Leg::to(model).patch(Bytes::from_static(fields.as_bytes()))
}

/// What was sent if every leg fails.
async fn sent(fallbacks: Fallbacks, patch: bool) -> Vec<String> {
    let sent = Mutex::new(Vec::new());
    let upstream = tower::service_fn(|request: Request<Call>| {
        let call = request.body();
        let raw = String::from_utf8(call.raw().to_vec()).unwrap();
        let model = call.model();
        sent.lock().unwrap().push(format!("{model} {raw}"));
        async { Err::<Response<Body>, _>(Error::new(Class::Server, "failed")) }
    });
    let layer = FallbackLayer::new(fallbacks);
    let layer = if patch { layer.patch(add) } else { layer };
    let error = layer.layer(upstream).oneshot(request("a").0).await;
    drop(error.unwrap_err());
    sent.into_inner().unwrap()
}

#[tokio::test]
async fn the_fields_of_a_leg_are_put_into_the_call_as_it_came() {
    let fallbacks = Fallbacks::default().general("a", [with("b", "1"), "c".into(), with("d", "2")]);
    let raw = r#"{"messages":[]}"#;
    let expected = [
        format!("a {raw}"),
        format!("b {raw}1"),
        format!("c {raw}"),
        format!("d {raw}2"),
    ];
    assert_eq!(sent(fallbacks, true).await, expected);
}

#[tokio::test]
async fn a_model_with_other_fields_is_another_target_even_the_one_that_was_asked_for() {
    let targets = [
        "b".into(),
        with("b", "1"),
        with("b", "1"),
        "b".into(),
        with("a", "2"),
        "a".into(),
    ];
    let fallbacks = Fallbacks::default().general("a", targets);
    let raw = r#"{"messages":[]}"#;
    let expected = [
        format!("a {raw}"),
        format!("b {raw}"),
        format!("b {raw}1"),
        format!("a {raw}2"),
    ];
    assert_eq!(sent(fallbacks, true).await, expected);
}

#[tokio::test]
async fn a_leg_whose_fields_cannot_be_put_in_fails_and_the_next_one_is_asked() {
    let fallbacks = Fallbacks::default().general("a", [with("b", "wrong"), "c".into()]);
    for patch in [true, false] {
        let sent = sent(fallbacks.clone(), patch).await;
        assert_eq!(sent.len(), 2);
        assert!(sent[1].starts_with("c "));
    }
}

// ===== time =====

#[tokio::test(start_paused = true)]
async fn a_model_that_hangs_leaves_their_share_of_the_time_to_the_others() {
    let seconds = Duration::from_secs;
    let started = time::Instant::now();
    let starts = Mutex::new(Vec::new());
    let upstream = tower::service_fn(|request: Request<Call>| {
        starts.lock().unwrap().push(started.elapsed());
        let attempts = Attempts::get(request.extensions()).unwrap();
        let until = attempts.deadline().unwrap();
        async move {
            time::sleep_until(until).await;
            let timeout = Class::Timeout(steeplechase_core::Phase::Total);
            let error = Error::new(timeout, "no time").with_retry(Retry::Never);
            Err::<Response<Body>, _>(error)
        }
    });
    let (request, attempts) = request("a");
    attempts.limit_time(started, seconds(30));
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]);
    let service = FallbackLayer::new(fallbacks).layer(upstream);
    service.oneshot(request).await.unwrap_err();
    assert_eq!(
        *starts.lock().unwrap(),
        [seconds(0), seconds(10), seconds(20)]
    );
    assert_eq!(started.elapsed(), seconds(30));
}
