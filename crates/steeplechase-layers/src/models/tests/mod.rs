//! What the layer does, one sentence for each test, and a model of it.

mod behaviour;
mod model;
mod parts;
mod tables;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase_core::call::{Call, Dialect, Head, Operation};
use steeplechase_core::{Attempts, BoxError, Budget, Class, Error};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::util::MapRequestLayer;
use tower::{Layer, Service, ServiceExt};
use tower_test::mock;

use super::*;

type Body = Full<Bytes>;

fn call(model: &str) -> Request<Call> {
    let mut head = Head::default();
    head.model = model.into();
    let raw = Bytes::from_static(b"{}");
    Request::new(Call::new(Operation::Chat, Dialect::OpenAi, raw, head))
}

/// A service that says which model it was asked for, and who it is.
fn echo(
    name: &'static str,
) -> impl Service<Request<Call>, Response = Response<Body>, Error = BoxError, Future: Send>
+ Clone
+ Send
+ Sync {
    tower::service_fn(move |request: Request<Call>| async move {
        let text = format!("{name}: {}", request.body().model());
        Ok(Response::new(Body::from(text)))
    })
}

async fn text(response: Response<Body>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}
