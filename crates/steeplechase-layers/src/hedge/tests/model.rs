//! Every mix of latencies and outcomes, checked against a model of the layer.

use proptest::prelude::*;
use steeplechase_core::{Retry, Scope};

use super::*;

proptest! {
    #[test]
    fn it_does_what_the_model_does(
        delay in 0..20_u64,
        primary in any_script(),
        hedge in any_script(),
    ) {
        let delay = Duration::from_millis(delay);
        prop_assert_eq!(
            run(&HedgeLayer::after(delay), &primary, &hedge),
            model(delay, &primary, &hedge),
        );
    }
}

/// What the layer should do, in a form too simple to be wrong.
fn model(delay: Duration, primary: &Script, hedge: &Script) -> Answer {
    let first_end = (Copy::Primary, &primary.end, primary.latency);
    let retryable = matches!(&primary.end, End::Fails(error) if error.outcome().is_retryable());
    let sent_at = if primary.latency > delay {
        delay
    } else if retryable {
        primary.latency
    } else {
        return alone(first_end);
    };

    let hedge_end = (Copy::Hedge, &hedge.end, sent_at + hedge.latency);
    let (first, second) = if first_end.2 <= hedge_end.2 {
        (first_end, hedge_end)
    } else {
        (hedge_end, first_end)
    };
    match (first.1, second.1) {
        (End::Succeeds, _) => alone(first),
        (End::Fails(error), _) if is_fatal(error) => alone(first),
        (_, End::Succeeds) => alone(second),
        (End::Fails(_), End::Fails(_)) => {
            let usefulness = |end: &End| match end {
                End::Succeeds => unreachable!("both have failed"),
                End::Fails(error) => error.class().usefulness(),
            };
            let told = if usefulness(&hedge.end) > usefulness(&primary.end) {
                hedge_end
            } else {
                first_end
            };
            (alone(told).0, second.2)
        }
    }
}

fn alone((copy, end, at): (Copy, &End, Duration)) -> Answer {
    match end {
        End::Succeeds => (Ok(copy), at),
        End::Fails(error) => (Err((error.class(), copy)), at),
    }
}

fn is_fatal(error: &Error) -> bool {
    error.scope() == Scope::Request && error.retry() == Retry::Never
}

fn any_script() -> impl Strategy<Value = Script> {
    let error = prop_oneof![
        Just(Class::Server),
        Just(Class::RateLimited),
        Just(Class::InvalidRequest),
        Just(Class::ContextWindow),
        Just(Class::Unsupported),
        Just(Class::Unavailable),
    ]
    .prop_map(|class| Error::new(class, ""));
    let end = prop_oneof![Just(End::Succeeds), error.prop_map(End::Fails)];
    (0..40_u64, end).prop_map(|(millis, end)| Script {
        latency: Duration::from_millis(millis),
        end,
    })
}
