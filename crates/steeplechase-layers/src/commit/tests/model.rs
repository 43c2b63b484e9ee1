//! The layer against a model of it: what comes out is what came in, or an error.

use http::{Request, Response};
use http_body_util::BodyExt;
use proptest::prelude::*;
use steeplechase_core::Error;
use tower::{Layer, ServiceExt};

use super::super::*;
use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Role,
    Ping,
    Word,
    Done,
    Fail,
    Wait,
}

impl Step {
    fn frame(self) -> Option<Result<Chunk, BoxError>> {
        Some(match self {
            Self::Role => Ok(role()),
            Self::Ping => Ok(Chunk::opaque(bytes("ping;"))),
            Self::Word => Ok(word()),
            Self::Done => Ok(done()),
            Self::Fail => Err("reset".into()),
            Self::Wait => return None,
        })
    }
}

/// Whether the answer is committed: something with content comes before an end and before a failure.
fn commits(steps: &[Step]) -> bool {
    let decisive = |step: &&Step| matches!(step, Step::Word | Step::Done | Step::Fail);
    steps.iter().find(decisive) == Some(&Step::Word)
}

fn run(steps: &[Step]) -> Option<Vec<u8>> {
    let body = Script::paced(steps.iter().map(|step| step.frame()));
    let body = std::sync::Mutex::new(Some(body));
    let upstream = tower::service_fn(|_: Request<()>| {
        let body = body.lock().unwrap().take().unwrap();
        async { Ok::<_, Error>(Response::new(body)) }
    });
    let service = CommitLayer::first_content().layer(upstream);
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    runtime.block_on(async {
        let mut body = service.oneshot(Request::new(())).await.ok()?.into_body();
        let mut out = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            out.extend_from_slice(frame.into_data().unwrap().data());
        }
        Some(out)
    })
}

proptest! {
    #[test]
    fn what_is_committed_is_handed_on_whole_and_what_is_not_leaves_no_trace(
        steps in proptest::collection::vec(
            prop_oneof![
                Just(Step::Role), Just(Step::Ping), Just(Step::Word),
                Just(Step::Done), Just(Step::Fail), Just(Step::Wait),
            ],
            0..12,
        )
    ) {
        let expected = commits(&steps).then(|| {
            let sent = steps.iter().take_while(|step| **step != Step::Fail);
            sent.filter_map(|step| step.frame())
                .flat_map(|frame| frame.unwrap().into_data())
                .collect::<Vec<u8>>()
        });
        prop_assert_eq!(run(&steps), expected);
    }
}
