//! Tower's own layers between ours.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response};
use http_body_util::BodyExt;
use steeplechase::dialects::translate::TranslateLayer;
use steeplechase::layers::commit::CommitLayer;
use steeplechase::layers::cooldown::CooldownLayer;
use steeplechase::layers::fallback::{FallbackLayer, Fallbacks};
use steeplechase::layers::models::{ModelGroup, Models, ModelsLayer};
use steeplechase::layers::retry::RetryLayer;
use steeplechase::layers::route::{RouteLayer, ServedBy, WeightedShuffle};
use steeplechase::{BoxError, Call, Class, Deployment, Error, Phase, Scope};
use steeplechase_sim::{Behaviour, Sim};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::limit::ConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower::timeout::TimeoutLayer;
use tower::{Service, ServiceBuilder, ServiceExt};

use crate::world::{Hosts, STREAMED, Seen, WHOLE, call, deployment, post_to, ranked};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_stock_timeout_above_commit_is_a_timeout_of_the_first_token_and_of_nothing_else() {
    let late = Behaviour::answer().first_token_after(5 * SECOND);
    let long = Behaviour::answer().tokens(10).token_gap(SECOND);
    let sim = Sim::new("one").script([late, long]);
    let stack = ServiceBuilder::new()
        .layer(RouteLayer::new(
            [deployment("one")],
            WeightedShuffle::new(),
            |to: &Arc<Deployment>| {
                (
                    TimeoutLayer::new(2 * SECOND),
                    CommitLayer::first_content(),
                    TranslateLayer::to(to),
                )
            },
        ))
        .service(Hosts::new([&sim]));

    // The head comes at once, and with it a stock timeout would be content.
    let started = Instant::now();
    let error = stack.clone().oneshot(call(STREAMED)).await.unwrap_err();
    assert_eq!(error.class(), Class::Timeout(Phase::FirstToken));
    assert_eq!(started.elapsed(), 2 * SECOND);
    assert_eq!(sim.counts().cancelled, 1);

    let answer = stack.oneshot(call(STREAMED)).await.unwrap();
    let seen = Seen::of(answer).await;
    assert!(
        seen.is_done() && started.elapsed() > 10 * SECOND,
        "{seen:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_stock_load_shed_refuses_is_an_error_of_ours_and_goes_elsewhere() {
    let slow = || Behaviour::answer().first_token_after(5 * SECOND);
    let (one, two) = (
        Sim::new("one").always(slow()),
        Sim::new("two").always(slow()),
    );
    let shed = |to: &Arc<Deployment>| {
        (
            LoadShedLayer::new(),
            ConcurrencyLimitLayer::new(1),
            CommitLayer::first_content(),
            TranslateLayer::to(to),
        )
    };

    let alone = ServiceBuilder::new()
        .layer(RouteLayer::new(
            [deployment("one")],
            WeightedShuffle::new(),
            shed,
        ))
        .service(Hosts::new([&one]));
    let mut calls = JoinSet::new();
    calls.spawn(alone.clone().oneshot(call(WHOLE)));
    one.wait_until(|counts| counts.started == 1).await;
    let error = alone.oneshot(call(WHOLE)).await.unwrap_err();
    assert_eq!(
        (error.class(), error.scope()),
        (Class::Overloaded, Scope::Gateway)
    );
    assert_eq!(error.deployment(), Some("one"));
    calls.shutdown().await;

    let both = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .layer(RouteLayer::new(
            [ranked("one", 0), ranked("two", 1)],
            WeightedShuffle::new(),
            shed,
        ))
        .service(Hosts::new([&one, &two]));
    let mut calls = JoinSet::new();
    for _ in 0..2 {
        calls.spawn(both.clone().oneshot(call(WHOLE)));
    }
    let mut served_by: Vec<_> = calls.join_all().await.into_iter().map(served_by).collect();
    served_by.sort_unstable();
    assert_eq!(served_by, ["one", "two"]);
    assert_eq!(two.counts().started, 1);
}

#[tokio::test(start_paused = true)]
async fn a_stock_concurrency_limit_in_a_deployment_makes_attempts_wait_their_turn() {
    let sim = Sim::new("one").always(Behaviour::answer().first_token_after(SECOND));
    let stack = ServiceBuilder::new()
        .layer(RouteLayer::new(
            [deployment("one")],
            WeightedShuffle::new(),
            |to: &Arc<Deployment>| {
                (
                    ConcurrencyLimitLayer::new(2),
                    CommitLayer::complete(),
                    TranslateLayer::to(to),
                )
            },
        ))
        .service(Hosts::new([&sim]));

    let started = Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        calls.spawn(stack.clone().oneshot(call(WHOLE)));
    }
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    assert_eq!((sim.peak_in_flight(), started.elapsed()), (2, 3 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_stock_timeout_between_retry_and_route_ends_an_attempt_and_the_next_goes_elsewhere() {
    let (silent, well) = (
        Sim::new("one").always(Behaviour::stall_before_head()),
        Sim::new("two"),
    );
    let stack = ServiceBuilder::new()
        .map_err(Error::from)
        .layer(RetryLayer::new())
        .layer(TimeoutLayer::new(SECOND))
        .layer(RouteLayer::new(
            [ranked("one", 0), ranked("two", 1)],
            WeightedShuffle::new(),
            |to: &Arc<Deployment>| (CommitLayer::first_content(), TranslateLayer::to(to)),
        ))
        .service(Hosts::new([&silent, &well]));

    let started = Instant::now();
    let answer = stack.clone().oneshot(call(STREAMED)).await;
    assert_eq!(served_by(answer), "two");
    assert_eq!(
        started.elapsed(),
        SECOND,
        "without a wait: there was another deployment"
    );
    assert_eq!(silent.counts().cancelled, 1);

    well.set_always(Behaviour::stall_before_head());
    let error = stack.oneshot(call(STREAMED)).await.unwrap_err();
    assert_eq!(error.class(), Class::Timeout(Phase::FirstToken));
}

#[tokio::test(start_paused = true)]
async fn stock_layers_between_fallback_and_models_limit_each_leg() {
    let (silent, well) = (
        Sim::new("one").always(Behaviour::stall_before_head()),
        Sim::new("two"),
    );
    let groups = Models::builder()
        .group("fast", deployment("one"), None)
        .group("sound", deployment("two"), None)
        .build()
        .unwrap();
    let stack = ServiceBuilder::new()
        .layer(FallbackLayer::new(
            Fallbacks::default().general("fast", ["sound"]),
        ))
        // What is boxed is one of ours again from here on.
        .map_err(Error::from)
        .layer(LoadShedLayer::new())
        .layer(ConcurrencyLimitLayer::new(1))
        .layer(TimeoutLayer::new(SECOND))
        .layer(ModelsLayer::new(groups, |deployment: &Arc<Deployment>| {
            (CommitLayer::first_content(), TranslateLayer::to(deployment))
        }))
        .service(Hosts::new([&silent, &well]));

    let answer = stack.clone().oneshot(call(STREAMED)).await.unwrap();
    let group = answer.extensions().get::<ModelGroup>().unwrap();
    assert_eq!(&*group.0, "sound");
    assert_eq!((silent.counts().cancelled, well.counts().started), (1, 1));

    // Both legs of the second call find the one place taken.
    let mut calls = JoinSet::new();
    calls.spawn(stack.clone().oneshot(call(STREAMED)));
    silent.wait_until(|counts| counts.started == 2).await;
    let error = stack.oneshot(call(STREAMED)).await.unwrap_err();
    assert_eq!(error.class(), Class::Overloaded);
    assert_eq!(silent.counts().started, 2);
}

/// Tries again whatever fails.
#[derive(Clone)]
struct Again(u32);

impl<R: Clone, B, E> tower::retry::Policy<Request<R>, Response<B>, E> for Again {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<R>,
        result: &mut Result<Response<B>, E>,
    ) -> Option<Ready<()>> {
        let failed = result
            .as_ref()
            .map_or(true, |answer| !answer.status().is_success());
        self.0 = self.0.checked_sub(u32::from(failed))?;
        failed.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<R>) -> Option<Request<R>> {
        Some(request.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn a_stock_retry_above_commit_tries_again_what_failed_after_200_ok() {
    let script = || {
        let fails = Behaviour::answer().error_event_after_tokens(0, "server_error");
        [fails, Behaviour::answer().text("Over the hedge")]
    };
    let retry = || tower::retry::RetryLayer::new(Again(2));

    let sim = Sim::new("one").script(script());
    let stack = ServiceBuilder::new()
        .layer(RouteLayer::new(
            [deployment("one")],
            WeightedShuffle::new(),
            move |to: &Arc<Deployment>| {
                (
                    retry(),
                    CommitLayer::first_content(),
                    TranslateLayer::to(to),
                )
            },
        ))
        .service(Hosts::new([&sim]));
    let seen = Seen::of(stack.oneshot(call(STREAMED)).await.unwrap()).await;
    assert_eq!(seen.text().as_deref(), Some("Over the hedge"));
    assert!(seen.is_done() && seen.error().is_none(), "{seen:?}");
    assert_eq!(sim.counts().started, 2);

    // Without Commit it sees a success, and the caller an error.
    let sim = Sim::new("one").script(script());
    let stack = ServiceBuilder::new()
        .layer(retry())
        .layer(TranslateLayer::to(&deployment("one")))
        .service(Hosts::new([&sim]));
    let answer = stack.oneshot(call(STREAMED)).await.unwrap();
    assert!(answer.into_body().collect().await.is_err());
    assert_eq!(sim.counts().started, 1);
}

#[tokio::test(start_paused = true)]
async fn a_stock_retry_over_a_bare_client_goes_around_our_cooldown() {
    let sim = Sim::new("one").script([Behaviour::error(500), Behaviour::error(503)]);
    let client = ServiceBuilder::new()
        .layer(tower::retry::RetryLayer::new(Again(3)))
        .layer(CooldownLayer::new())
        .service(sim.clone());
    let answer = client
        .oneshot(post_to("http://one.test/v1/chat/completions", WHOLE))
        .await;
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(sim.counts().started, 3);
}

// Whatever is stacked, the whole is a service as any other.
const _: fn() = || {
    fn is_service<S: Service<Request<Call>, Error: Into<BoxError>>>(_: &S) {}
    let stack = ServiceBuilder::new()
        .layer(TimeoutLayer::new(SECOND))
        .layer(RetryLayer::new())
        .layer(ConcurrencyLimitLayer::new(1))
        .layer(TranslateLayer::to(&deployment("one")))
        .service(Sim::new("one"));
    is_service(&stack);
};

fn served_by<B>(answer: Result<Response<B>, Error>) -> String {
    let answer = answer.expect("somebody could have served it");
    let served_by = answer
        .extensions()
        .get::<ServedBy>()
        .expect("it came by a route");
    served_by.0.id().to_owned()
}
