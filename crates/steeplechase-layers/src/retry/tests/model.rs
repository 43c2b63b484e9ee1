//! Every mix of outcomes and settings, checked against a model of the layer.

use proptest::prelude::*;
use steeplechase_core::attempts::BudgetConfig;
use steeplechase_core::{Budget, Outcome};

use super::answers::any_class;
use super::*;

/// How one attempt ends.
#[derive(Clone, Copy, Debug)]
struct Ending {
    /// `None` is a success.
    class: Option<Class>,
    hint: Option<u64>,
    alternatives: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    max_retries: u8,
    policy: Option<(Class, u8)>,
    call: Option<u8>,
    deployment: Option<u8>,
    max_attempts: u8,
    max_wait: u64,
    deadline: Option<u64>,
}

/// Which attempt's outcome is the answer, and when each attempt was started.
type Outcomes = (usize, Vec<u64>);

proptest! {
    #[test]
    fn it_does_what_the_model_does(
        settings in any_settings(),
        endings in prop::collection::vec(any_ending(), 5),
    ) {
        prop_assert_eq!(observe(settings, &endings), model(settings, &endings));
    }

    #[test]
    fn extra_attempts_stay_within_the_budget_whatever_fails(
        burst in 0..6_u16,
        requests in prop::collection::vec(prop::collection::vec(any_ending(), 5), 1..30),
    ) {
        let sent: usize = blocking(async {
            let config = BudgetConfig::new().ratio(0.2).burst(burst).reserve(0.0);
            let budget = Budget::new(config);
            let mut sent = 0;
            for endings in &requests {
                let (request, attempts) = request();
                attempts.enter(&budget);
                attempts.set_alternatives(1);
                let replies: Vec<_> = endings.iter().enumerate().map(reply).collect();
                let layer = RetryLayer::with(RetryConfig::new().max_retries(4));
                sent += run_request(layer, request, &replies).await.starts.len();
                assert_eq!(budget.extra_in_flight(), 0);
            }
            sent
        });
        let extra = sent - requests.len();
        prop_assert!(extra <= usize::from(burst) + requests.len() / 5);
    }
}

const NEVER: [Class; 4] = [
    Class::Cancelled,
    Class::Internal,
    Class::Unauthenticated,
    Class::Unavailable,
];

/// What the same place will fail with again.
const ELSEWHERE: [Class; 4] = [
    Class::Auth,
    Class::NotFound,
    Class::Quota,
    Class::Unsupported,
];

/// What the layer should do, in a form too simple to be wrong. Latencies are zero, and so is jitter.
fn model(settings: Settings, endings: &[Ending]) -> Outcomes {
    let mut now = 0;
    let mut starts = vec![0];
    for (nth, ending) in endings.iter().enumerate() {
        let Some(class) = ending.class else {
            return (nth, starts);
        };
        let named = settings.policy.filter(|(named, _)| *named == class);
        let of_policy = named.map(|(_, retries)| retries);
        let retries = settings.call.or(of_policy).or(settings.deployment);
        let retries = retries.unwrap_or(settings.max_retries);
        let useless = !Outcome::failure(class).is_retryable() && named.is_none();
        if useless
            || NEVER.contains(&class)
            || nth >= retries.into()
            || nth + 1 >= settings.max_attempts.into()
        {
            break;
        }
        let wait = match (ending.alternatives, ending.hint) {
            (Some(1..), _) => 0,
            _ if ELSEWHERE.contains(&class) && named.is_none() => break,
            (_, Some(hint)) if hint > settings.max_wait => break,
            (_, Some(hint)) => hint.max(100),
            (_, None) => 100,
        };
        if settings.deadline.is_some_and(|at| now + wait >= at) {
            break;
        }
        now += wait;
        starts.push(now);
    }
    let usefulness = |nth: &usize| endings[*nth].class.map_or(u8::MAX, Class::usefulness);
    let best = (0..starts.len()).max_by_key(usefulness).unwrap_or_default();
    (best, starts)
}

fn observe(settings: Settings, endings: &[Ending]) -> Outcomes {
    let policy = RetryPolicy::new();
    let policy = settings
        .policy
        .map_or(policy, |(class, retries)| policy.class(class, retries));
    let config = exact()
        .max_retries(settings.max_retries)
        .policy(policy)
        .own_retries(settings.deployment.unwrap_or(0))
        .max_wait(millis(settings.max_wait));
    let deployment = deployment(settings.deployment);
    blocking(async {
        let started = Instant::now();
        let (request, attempts) = request();
        attempts.set_max(settings.max_attempts);
        if let Some(retries) = settings.call {
            attempts.control(retries_asked_for(retries));
        }
        if let Some(deadline) = settings.deadline {
            attempts.limit_deadline(started + millis(deadline));
        }
        let starts = Arc::new(Mutex::new(Vec::new()));
        let upstream = tower::service_fn(|request: Request<()>| {
            let nth = starts.lock().unwrap().len();
            starts.lock().unwrap().push(started.elapsed());
            // What a router says.
            let attempts = Attempts::get(request.extensions()).unwrap();
            attempts.pick(&deployment, 0);
            if let Some(alternatives) = endings[nth].alternatives {
                attempts.set_alternatives(alternatives);
            }
            std::future::ready(reply((nth, &endings[nth])))
        });
        let answer = RetryLayer::with(config)
            .layer(upstream)
            .oneshot(request)
            .await;
        let nth = match answer {
            Ok(response) => response.headers()["x-nth"].to_str().unwrap().to_owned(),
            Err(error) => error.code().unwrap().to_owned(),
        };
        let starts = std::mem::take(&mut *starts.lock().unwrap());
        (
            nth.parse().unwrap(),
            starts.iter().map(|start| round(*start)).collect(),
        )
    })
}

fn reply((nth, ending): (usize, &Ending)) -> Reply {
    match ending.class {
        None => {
            let mut response = status(StatusCode::OK);
            response.headers_mut().insert("x-nth", nth.into());
            Ok(response)
        }
        Some(class) => Err(Error::new(class, "")
            .with_code(nth.to_string())
            .with_retry_after(ending.hint.map(millis))),
    }
}

/// Takes the jitter off: hints and waits are whole hundreds, and so small that it adds up to less.
fn round(start: Duration) -> u64 {
    u64::try_from(start.as_millis()).unwrap() / 100 * 100
}

fn any_ending() -> impl Strategy<Value = Ending> {
    // A router that has spoken goes on speaking, so it is the same kind of answer each time.
    let hint = prop::option::of(prop::sample::select(&[0, 100, 200][..]));
    (prop::option::weighted(0.85, any_class()), hint, 0..3_u32).prop_map(
        |(class, hint, alternatives)| Ending {
            class,
            hint,
            alternatives: Some(alternatives / 2),
        },
    )
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let deadline = prop::option::of(prop::sample::select(&[50, 150, 250, 350][..]));
    let max_wait = prop::sample::select(&[100, 60_000][..]);
    let policy = prop::option::of((any_class(), 0..6_u8));
    let said = || prop::option::weighted(0.3, 0..6_u8);
    (0..6_u8, 1..6_u8, max_wait, deadline, policy, said(), said()).prop_map(
        |(max_retries, max_attempts, max_wait, deadline, policy, call, deployment)| Settings {
            max_retries,
            policy,
            call,
            deployment,
            max_attempts,
            max_wait,
            deadline,
        },
    )
}
