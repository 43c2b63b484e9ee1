//! Readiness, wake-ups, and what is left when the caller goes away.

use steeplechase_core::Budget;
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};
use tower_test::mock;

use super::*;

type Mock = tower::util::MapErr<
    mock::Mock<Request<Call>, Response<Script>>,
    fn(steeplechase_core::BoxError) -> Error,
>;

type Service = mock::Spawn<Continuation<Mock, Words>>;
type Handle = mock::Handle<Request<Call>, Response<Script>>;
type Next<B> = Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>;

fn spawn() -> (Service, Handle) {
    mock::spawn_with(|mock| {
        let convert: fn(steeplechase_core::BoxError) -> Error = Error::from;
        ContinuationLayer::new(Words).layer(tower::util::MapErr::new(mock, convert))
    })
}

fn script(words: Vec<Step>) -> Response<Script> {
    Response::new(Script {
        words: words.into(),
        _alive: None,
    })
}

fn next<B: Body + Unpin>(body: &mut task::Spawn<B>) -> Poll<Next<B>> {
    body.enter(|cx, body| body.poll_frame(cx))
}

#[tokio::test]
async fn the_rest_is_sent_on_a_clone_that_was_made_ready_and_wakes_the_caller() {
    let (mut service, mut upstream) = spawn();
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(request(true).0));
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(script(broken(&["a"], Class::Transport)));
    let response = assert_ready_ok!(call.poll());

    upstream.allow(0);
    let mut body = task::spawn(Box::pin(response.into_body()));
    assert!(assert_ready!(next(&mut body)).unwrap().is_ok());
    assert_pending!(next(&mut body));
    assert_pending!(upstream.poll_request());
    upstream.allow(1);
    assert!(body.is_woken());
    assert_pending!(next(&mut body));
    assert!(!body.is_end_stream(), "more is to come");

    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(script(words(&["b"])));
    assert!(body.is_woken());
    for _ in ["the mark", "b"] {
        assert!(assert_ready!(next(&mut body)).unwrap().is_ok());
    }
    assert!(assert_ready!(next(&mut body)).is_none());
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_nothing_behind_wherever_it_was() {
    // In the first part; while the rest is asked for; in the rest.
    for polls in [1, 2, 4] {
        let budget = Budget::default();
        let mut rest = words(&["b"]);
        rest.push(Step::Hang);
        let world = World::of([Ok(broken(&["a"], Class::Transport)), Ok(rest)]);
        let slow = {
            let service = world.service();
            tower::service_fn(move |request: Request<Call>| {
                let service = service.clone();
                async move {
                    let continues = request.extensions().get::<Continues>().is_some();
                    let response = service.oneshot(request).await;
                    if continues {
                        tokio::task::yield_now().await;
                    }
                    response
                }
            })
        };
        let (request, attempts) = request(true);
        attempts.enter(&budget);
        drop(attempts);
        let service = ContinuationLayer::new(Words).layer(slow);
        let response = service.oneshot(request).await.unwrap();
        let mut body = task::spawn(Box::pin(response.into_body()));
        for _ in 0..polls {
            _ = next(&mut body);
        }
        let service_in_body = 1;
        let alive = Arc::strong_count(&world.alive) - 1 - service_in_body;
        assert_eq!(alive, 1, "one attempt runs");
        drop(body);
        assert_eq!(Arc::strong_count(&world.alive), 1);
        assert_eq!(
            (budget.extra_in_flight(), budget.requests_in_flight()),
            (0, 0)
        );
    }
}
