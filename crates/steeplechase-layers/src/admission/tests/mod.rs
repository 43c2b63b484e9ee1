//! Who waits, who is next, and who is refused. The clock is paused in all of these tests.

mod behaviour;
mod model;
mod order;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase_core::controls::Caller;
use steeplechase_core::{Attempts, Controls};
use tower::Layer;
use tower_test::mock;

use super::*;

type Body = Full<Bytes>;
type Client = mock::Mock<Request<()>, Response<Body>>;
type Upstream = mock::Handle<Request<()>, Response<Body>>;

const SECOND: Duration = Duration::from_secs(1);

fn response() -> Response<Body> {
    Response::new(Body::from("hello"))
}

fn request(controls: impl FnOnce(&mut Controls)) -> Request<()> {
    let mut request = Request::new(());
    let mut own = Controls::default();
    controls(&mut own);
    Attempts::of(request.extensions_mut()).control(own);
    request
}

fn by(caller: &str, priority: i32) -> Request<()> {
    let mut request = request(|controls| controls.priority = Some(priority));
    request.extensions_mut().insert(Caller(caller.into()));
    request
}
