//! What each class makes the layers do.

use http::StatusCode;
use proptest::prelude::*;

use super::CLASSES;
use crate::{Class, Outcome, Phase, Retry, Scope, Signal};

/// A class, whom it blames, where to try again, what it says of the deployment, what a caller is told.
type Row = (Class, Scope, Retry, Signal, u16);

#[rustfmt::skip]
const TABLE: [Row; Class::COUNT] = [
    (Class::Auth,            Scope::Key,        Retry::OtherDeployment, Signal::Neutral,  502),
    (Class::Cancelled,       Scope::Request,    Retry::Never,           Signal::Neutral,  500),
    (Class::ContentPolicy,   Scope::Request,    Retry::OtherModel,      Signal::Neutral,  400),
    (Class::ContextWindow,   Scope::Request,    Retry::OtherModel,      Signal::Neutral,  400),
    (Class::Empty,           Scope::Deployment, Retry::OtherDeployment, Signal::Neutral,  502),
    (Class::Internal,        Scope::Gateway,    Retry::Never,           Signal::Neutral,  500),
    (Class::InvalidRequest,  Scope::Request,    Retry::Never,           Signal::Neutral,  400),
    (Class::NotFound,        Scope::Deployment, Retry::OtherDeployment, Signal::Neutral,  404),
    (Class::Overloaded,      Scope::Deployment, Retry::OtherDeployment, Signal::Failure,  503),
    (Class::Quota,           Scope::Key,        Retry::OtherDeployment, Signal::Neutral,  429),
    (Class::RateLimited,     Scope::Deployment, Retry::OtherDeployment, Signal::Throttle, 429),
    (Class::Server,          Scope::Deployment, Retry::OtherDeployment, Signal::Failure,  502),
    (Class::Timeout(Phase::FirstToken),
                             Scope::Deployment, Retry::OtherDeployment, Signal::Failure,  504),
    (Class::TooLarge,        Scope::Request,    Retry::Never,           Signal::Neutral,  413),
    (Class::Transport,       Scope::Deployment, Retry::OtherDeployment, Signal::Failure,  502),
    (Class::Truncated,       Scope::Deployment, Retry::OtherDeployment, Signal::Failure,  502),
    (Class::Unauthenticated, Scope::Request,    Retry::Never,           Signal::Neutral,  401),
    (Class::Unavailable,     Scope::Gateway,    Retry::OtherModel,      Signal::Neutral,  503),
    (Class::Unsupported,     Scope::Request,    Retry::OtherDeployment, Signal::Neutral,  400),
];

#[test]
fn each_class_has_its_scope_retry_signal_and_status() {
    assert_eq!(TABLE.map(|row| row.0), CLASSES);
    for (class, scope, retry, signal, status) in TABLE {
        assert_eq!(class.scope(), scope, "{class:?}");
        assert_eq!(class.retry(), retry, "{class:?}");
        assert_eq!(class.signal(), signal, "{class:?}");
        assert_eq!(class.status(), status, "{class:?}");
    }
}

#[test]
fn a_callers_fault_says_nothing_about_a_deployment() {
    for class in CLASSES.into_iter().filter(|class| class.is_callers_fault()) {
        assert_eq!(class.signal(), Signal::Neutral, "{class:?}");
        assert_eq!(class.scope(), Scope::Request, "{class:?}");
    }
}

#[test]
fn a_callers_fault_is_tried_elsewhere_only_if_elsewhere_can_express_it() {
    for class in CLASSES.into_iter().filter(|class| class.is_callers_fault()) {
        let is_retryable = Outcome::failure(class).is_retryable();
        assert_eq!(is_retryable, class == Class::Unsupported, "{class:?}");
    }
}

#[test]
fn what_counts_against_a_deployment_is_blamed_on_it_and_tried_at_another() {
    let against = |class: &Class| matches!(class.signal(), Signal::Failure | Signal::Throttle);
    for class in CLASSES.into_iter().filter(against) {
        assert_eq!(class.scope(), Scope::Deployment, "{class:?}");
        assert_eq!(class.retry(), Retry::OtherDeployment, "{class:?}");
    }
}

#[test]
fn only_a_callers_fault_is_told_as_one_but_for_limits_and_what_is_not_there() {
    for class in CLASSES {
        let blames_caller = class.status().is_client_error();
        let expected = match class {
            // A caller who has gone is told nothing.
            Class::Cancelled => false,
            Class::NotFound | Class::Quota | Class::RateLimited => true,
            class => class.is_callers_fault(),
        };
        assert_eq!(blames_caller, expected, "{class:?}");
    }
}

#[test]
fn a_key_of_ours_that_is_refused_is_not_the_callers_401() {
    assert_eq!(Class::Auth.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(Class::Unauthenticated.status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn the_phase_of_a_timeout_changes_what_is_told_and_nothing_that_is_done() {
    let phases = [
        (Phase::Connect, "connect"),
        (Phase::FirstToken, "first token"),
        (Phase::ByteIdle, "byte idle"),
        (Phase::ContentIdle, "content idle"),
        (Phase::Total, "total"),
    ];
    let first_token = Class::Timeout(Phase::FirstToken);
    for (phase, name) in phases {
        let class = Class::Timeout(phase);
        assert_eq!(phase.as_str(), name);
        assert_eq!(class.as_str(), "timeout");
        assert_eq!(class.retry(), first_token.retry());
        assert_eq!(class.signal(), first_token.signal());
        assert_eq!(class.status(), first_token.status());
    }
}

#[test]
fn each_class_has_a_name_of_its_own_that_is_a_metric_label() {
    let mut names = CLASSES.map(Class::as_str);
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    for name in names {
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    }
}

#[test]
fn the_most_useful_comes_first() {
    let order = [
        Class::InvalidRequest,
        Class::Quota,
        Class::RateLimited,
        Class::Overloaded,
        Class::Timeout(Phase::Total),
        Class::Transport,
        Class::Unavailable,
    ];
    assert!(order.is_sorted_by(|a, b| a.usefulness() > b.usefulness()));
    for class in CLASSES.into_iter().filter(|class| class.is_callers_fault()) {
        assert_eq!(class.usefulness(), Class::InvalidRequest.usefulness());
    }
}

#[test]
fn every_status_has_the_class_that_http_gives_it() {
    for code in 100..=599 {
        let class = Class::from_status(StatusCode::from_u16(code).unwrap());
        let expected = match code {
            200..400 => None,
            401 | 403 => Some(Class::Auth),
            402 => Some(Class::Quota),
            404 => Some(Class::NotFound),
            408 | 504 => Some(Class::Timeout(Phase::FirstToken)),
            409 => Some(Class::Server),
            413 => Some(Class::TooLarge),
            429 => Some(Class::RateLimited),
            503 | 529 => Some(Class::Overloaded),
            400..500 => Some(Class::InvalidRequest),
            _ => Some(Class::Server),
        };
        assert_eq!(class, expected, "{code}");
    }
}

#[test]
fn every_5xx_is_the_deployments_failure_and_is_tried_elsewhere() {
    for code in 500..=599 {
        let class = Class::from_status(StatusCode::from_u16(code).unwrap()).unwrap();
        assert_eq!(class.signal(), Signal::Failure, "{code}");
        assert!(Outcome::failure(class).is_retryable(), "{code}");
    }
}

proptest! {
    #[test]
    fn a_class_comes_back_as_a_failure_from_the_status_that_it_is_told_with(at in 0..CLASSES.len()) {
        let status = CLASSES[at].status();
        prop_assert!(Class::from_status(status).is_some());
    }
}
