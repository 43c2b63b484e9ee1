//! A check that every layer passes proves nothing: here are layers that must not.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use http::Request;
use tower::Service;
use tower::layer::layer_fn;

use super::Group;
use super::benches::bare;
use super::checks::{keeps_the_contract, leaves_nothing_behind, tells_of_a_failed_readiness};

type Boxed<S, R> = Pin<
    Box<dyn Future<Output = Result<<S as Service<R>>::Response, <S as Service<R>>::Error>> + Send>,
>;

/// What goes wrong between the call and the caller.
#[derive(Clone, Copy)]
enum Mistake {
    /// Nothing.
    None,
    /// Makes one handle ready and calls another.
    CallsAClone,
    /// Keeps what was dropped.
    Keeps,
    /// Polls what is inside with a waker that wakes nobody.
    NobodyWakes,
    /// Says that it is ready, whatever the one inside says.
    SwallowsReadiness,
}

#[derive(Clone)]
struct Broken<S> {
    inner: S,
    mistake: Mistake,
    kept: Kept,
}

type Kept = Arc<Mutex<Vec<Box<dyn Send>>>>;

impl<S, B> Service<Request<B>> for Broken<S>
where
    S: Service<Request<B>> + Clone,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Boxed<S, Request<B>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        match self.mistake {
            Mistake::SwallowsReadiness => self.inner.poll_ready(cx).map(|_| Ok(())),
            _ => self.inner.poll_ready(cx),
        }
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.mistake {
            Mistake::CallsAClone => Box::pin(self.inner.clone().call(request)),
            Mistake::None | Mistake::SwallowsReadiness => Box::pin(self.inner.call(request)),
            Mistake::Keeps => {
                let call = Arc::new(Mutex::new(Box::pin(self.inner.call(request))));
                self.kept.lock().unwrap().push(Box::new(Arc::clone(&call)));
                Box::pin(std::future::poll_fn(move |cx| {
                    call.lock().unwrap().as_mut().poll(cx)
                }))
            }
            Mistake::NobodyWakes => {
                let mut call = Box::pin(self.inner.call(request));
                Box::pin(std::future::poll_fn(move |_| {
                    let mut nobody = Context::from_waker(Waker::noop());
                    call.as_mut().poll(&mut nobody)
                }))
            }
        }
    }
}

fn broken<S>(mistake: Mistake) -> impl tower::Layer<S, Service = Broken<S>> {
    layer_fn(move |inner| Broken {
        inner,
        mistake,
        kept: Arc::default(),
    })
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "police: `call` on a handle that is not ready")]
async fn a_layer_that_calls_a_clone_is_found() {
    keeps_the_contract("broken", &bare(), |_| broken(Mistake::CallsAClone)).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "it has not woken up")]
async fn a_layer_that_loses_wake_ups_is_found() {
    keeps_the_contract("broken", &bare(), |_| broken(Mistake::NobodyWakes)).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "police: `call` on a handle that is not ready")]
async fn a_layer_that_is_ready_when_what_is_inside_has_failed_is_found() {
    tells_of_a_failed_readiness("broken", &bare(), |_| broken(Mistake::SwallowsReadiness)).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "dropped after 0 polls: calls in flight")]
async fn a_layer_that_keeps_a_call_which_was_dropped_is_found() {
    leaves_nothing_behind("broken", &bare(), |_| broken(Mistake::Keeps)).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "permits of one")]
async fn a_layer_that_keeps_a_permit_is_found() {
    let layer = |group: &Group| {
        let permit = group.one().limits().try_acquire();
        let kept: Kept = Arc::new(Mutex::new(vec![Box::new(permit)]));
        layer_fn(move |inner| Broken {
            inner,
            mistake: Mistake::None,
            kept: Arc::clone(&kept),
        })
    };
    leaves_nothing_behind("broken", &bare(), layer).await;
}
