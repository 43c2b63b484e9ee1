//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod behaviour;
mod controls;
mod legs;
mod model;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use steeplechase_core::attempts::Kind;
use steeplechase_core::call::Head;
use steeplechase_core::{Attempts, Call, Class, Dialect, Error, Operation};
use tower::{Layer, ServiceExt};

use super::*;

type Body = Full<Bytes>;
type Upstream = tower::util::BoxCloneService<Request<Call>, Response<Body>, Error>;

fn request(model: &str) -> (Request<Call>, Attempts) {
    let mut head = Head::default();
    head.model = model.into();
    let raw = Bytes::from_static(br#"{"messages":[]}"#);
    let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
    let mut request = Request::new(call);
    let attempts = Attempts::of(request.extensions_mut());
    attempts.set_max(Attempts::HARD_CAP);
    (request, attempts)
}

/// Models that fail; all others answer with their name.
#[derive(Clone, Default)]
struct World {
    failures: HashMap<&'static str, Class>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn failing(failures: impl IntoIterator<Item = (&'static str, Class)>) -> Self {
        Self {
            failures: failures.into_iter().collect(),
            asked: Arc::default(),
        }
    }

    fn service(&self) -> Upstream {
        let world = self.clone();
        Upstream::new(tower::service_fn(move |request: Request<Call>| {
            let model = request.body().model().to_owned();
            world.asked.lock().unwrap().push(model.clone());
            let failure = world.failures.get(&*model).copied();
            async move {
                match failure {
                    Some(class) => Err(Error::new(class, model)),
                    None => Ok(Response::new(Full::from(model))),
                }
            }
        }))
    }

    /// Sends a call, and says who was asked, in order.
    async fn ask(
        &self,
        fallbacks: &Fallbacks,
        model: &str,
    ) -> (Result<Option<FellBack>, Error>, String) {
        self.ask_request(fallbacks, request(model).0).await
    }

    async fn ask_request(
        &self,
        fallbacks: &Fallbacks,
        request: Request<Call>,
    ) -> (Result<Option<FellBack>, Error>, String) {
        let service = FallbackLayer::new(fallbacks.clone()).layer(self.service());
        let outcome = service.oneshot(request).await;
        let outcome = outcome.map(|response| response.extensions().get().cloned());
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        (outcome, asked.join(" "))
    }
}
