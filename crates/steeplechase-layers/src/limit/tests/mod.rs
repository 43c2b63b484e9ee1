//! What the layer does, one sentence for each test, and a model of it.

mod behaviour;
mod model;
mod rates;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase_core::{Error, Limits};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::{Layer, Service, ServiceExt};
use tower_test::mock;

use super::*;

type Body = Full<Bytes>;
type Client = mock::Mock<Request<()>, Response<Body>>;

fn response() -> Response<Body> {
    Response::new(Body::from("hello"))
}
