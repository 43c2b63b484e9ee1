//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod behaviour;
mod model;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase_core::call::{Call, Dialect, Head, Operation};
use steeplechase_core::{Chunk, Error};
use tower_test::mock;

use super::*;

const AFTER: Duration = Duration::from_secs(15);
const EVERY: Duration = Duration::from_secs(10);
const COMMENT: &str = ": keepalive\n\n";

type Answer = Full<Chunk>;
type Mock = mock::Mock<Request<Call>, Response<Answer>>;

fn config() -> KeepaliveConfig {
    KeepaliveConfig::new().after(AFTER).every(EVERY)
}

fn call(stream: bool) -> Request<Call> {
    let mut head = Head::default();
    head.stream = stream;
    Request::new(Call::new(
        Operation::Chat,
        Dialect::OpenAi,
        Bytes::new(),
        head,
    ))
}

fn answer() -> Response<Answer> {
    Response::new(Full::new(Chunk::whole(Bytes::from("data: hi\n\n"))))
}
