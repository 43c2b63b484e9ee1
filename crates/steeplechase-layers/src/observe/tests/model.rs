//! Every script, cut anywhere, against a model of what is recorded.

use http_body_util::BodyExt;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Word,
    Done,
    Usage(u8),
    Fail,
}

impl Step {
    fn frame(self) -> Result<Chunk, Error> {
        match self {
            Self::Word => Ok(word()),
            Self::Done => Ok(done()),
            Self::Usage(n) => Ok(word().and_usage(usage(7, n.into()))),
            Self::Fail => Err(Error::new(Class::Server, "failed")),
        }
    }
}

/// What is recorded of a caller that reads so many frames and then goes away.
fn model(steps: &[Step], reads: usize) -> (Ending, Option<Usage>) {
    let fails_at = steps.iter().position(|step| *step == Step::Fail);
    let seen = &steps[..reads.min(fails_at.unwrap_or(steps.len()))];
    let most = seen.iter().filter_map(|step| match step {
        Step::Usage(n) => Some(u64::from(*n)),
        _ => None,
    });
    let ending = match fails_at {
        Some(at) if reads > at => Ending::Failed(Class::Server),
        _ if seen.contains(&Step::Done) => Ending::Complete,
        _ if reads > steps.len() => Ending::Failed(Class::Truncated),
        _ => Ending::Dropped,
    };
    (ending, most.max().map(|n| usage(7, n)))
}

proptest! {
    #[test]
    fn each_attempt_is_recorded_once_and_as_the_model_says(
        steps in proptest::collection::vec(
            prop_oneof![
                4 => Just(Step::Word),
                1 => Just(Step::Done),
                2 => any::<u8>().prop_map(Step::Usage),
                1 => Just(Step::Fail),
            ],
            0..8,
        ),
        reads in 0..10_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let log = runtime.block_on(async {
            let (request, attempts) = request();
            let frames: Vec<_> = steps.iter().map(|step| step.frame()).collect();
            let mut body = answer(request, frames).await.into_body();
            for _ in 0..reads {
                if !matches!(body.frame().await, Some(Ok(_))) {
                    break;
                }
            }
            drop(body);
            attempts.log()
        });
        prop_assert_eq!(log.len(), 1);
        prop_assert_eq!((log[0].ending, log[0].usage), model(&steps, reads));
    }
}
