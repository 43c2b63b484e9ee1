//! Every mix of latencies and outcomes, checked against a model of the layer.

use proptest::prelude::*;
use steeplechase_core::{Retry, Scope};

use super::*;

/// [`Lanes`] that differ in nothing that matters here.
struct Different(u8);

impl Lanes<()> for Different {
    fn start(&self, request: Request<()>) -> Start<Request<()>> {
        Start::Variants(request, vec![Request::new(()); usize::from(self.0) - 1])
    }
}

proptest! {
    #[test]
    fn copies_do_what_the_model_does(
        scripts in prop::collection::vec(any_script(), 2..=5),
        max in 1..=5_u8,
    ) {
        let width = u8::try_from(scripts.len()).unwrap();
        prop_assert_eq!(run(Width(width), &scripts, max), model(&scripts, max, true));
    }

    #[test]
    fn variants_do_what_the_model_does(
        scripts in prop::collection::vec(any_script(), 2..=5),
        max in 1..=5_u8,
    ) {
        let width = u8::try_from(scripts.len()).unwrap();
        prop_assert_eq!(run(Different(width), &scripts, max), model(&scripts, max, false));
    }
}

/// What the layer should do, in a form too simple to be wrong.
fn model(scripts: &[Script], max: u8, copies: bool) -> Answer {
    let lanes = &scripts[..scripts.len().min(max.into())];
    let mut ends: Vec<_> = lanes.iter().enumerate().collect();
    // The sort is stable: of two that end together, the first lane is first.
    ends.sort_by_key(|(_, script)| script.latency);

    let mut best: Option<(u8, Class, usize)> = None;
    for &(lane, Script { latency, failure }) in &ends {
        let Some(error) = failure else {
            return (Ok(lane), *latency, lanes.len());
        };
        let everybodys = error.scope() == Scope::Request && error.retry() == Retry::Never;
        if copies && everybodys {
            return (Err((error.class(), lane)), *latency, lanes.len());
        }
        let usefulness = error.class().usefulness();
        if best.is_none_or(|(of_best, _, first)| {
            usefulness > of_best || (usefulness == of_best && lane < first)
        }) {
            best = Some((usefulness, error.class(), lane));
        }
    }
    let (_, class, lane) = best.expect("there is a lane");
    let (_, last) = ends.last().expect("there is a lane");
    (Err((class, lane)), last.latency, lanes.len())
}

/// No lane ends at once, so that all are started.
fn any_script() -> impl Strategy<Value = Script> {
    let error = prop_oneof![
        Just(Class::Server),
        Just(Class::RateLimited),
        Just(Class::InvalidRequest),
        Just(Class::ContextWindow),
        Just(Class::Unsupported),
    ]
    .prop_map(|class| Error::new(class, ""));
    (1..40_u64, prop::option::of(error)).prop_map(|(millis, failure)| Script {
        latency: Duration::from_millis(millis),
        failure,
    })
}
