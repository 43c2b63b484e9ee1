//! The one error: what it holds, what it shows to whom, and how it is found again.

use std::error::Error as _;
use std::io;

use http::StatusCode;
use proptest::prelude::*;
use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;

use super::{CLASSES, SECOND, Wrapped};
use crate::error::Upstream;
use crate::{BoxError, Class, Error, Phase, Retry, RetryAfter, Scope};

const MESSAGE: &str = "the provider is busy";
const DETAIL: &str = "key …4f at http://10.0.0.7 is out of requests";

#[test]
fn a_new_error_has_the_defaults_of_its_class() {
    for class in CLASSES {
        let error = Error::new(class, MESSAGE);
        assert_eq!(error.class(), class);
        assert_eq!(error.scope(), class.scope());
        assert_eq!(error.retry(), class.retry());
        assert_eq!(error.signal(), class.signal());
        assert_eq!(error.status(), class.status());
        assert_eq!(error.message(), MESSAGE);
        assert_eq!(error.detail(), None);
        assert_eq!(error.retry_after(), None);
        assert!(!error.is_final());
    }
}

#[test]
fn an_error_holds_what_it_is_given() {
    let mut upstream = Upstream::new(StatusCode::IM_A_TEAPOT);
    upstream.kind = Some("kettle".into());
    let error = full().with_upstream(upstream.clone());

    assert_eq!(error.scope(), Scope::Provider);
    assert_eq!(error.retry(), Retry::Same);
    assert_eq!(error.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(error.detail(), Some(DETAIL));
    assert_eq!(error.code(), Some("slow_down"));
    assert_eq!(error.param(), Some("messages"));
    assert_eq!(error.retry_after(), Some(SECOND));
    assert_eq!(error.deployment(), Some("eu-1"));
    assert_eq!(error.upstream(), Some(&upstream));
    assert!(error.is_final());
    let source = error.source().unwrap().downcast_ref::<io::Error>();
    assert_eq!(source.unwrap().kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_status_that_is_no_error_is_ignored() {
    for code in [100, 200, 204, 302, 399] {
        let status = StatusCode::from_u16(code).unwrap();
        let error = Error::new(Class::Server, MESSAGE).with_status(status);
        assert_eq!(error.status(), StatusCode::BAD_GATEWAY, "{code}");
    }
}

#[test]
fn a_wait_is_clamped_and_can_be_taken_back() {
    let error = Error::new(Class::RateLimited, MESSAGE).with_retry_after(SECOND * 3600);
    assert_eq!(error.retry_after(), Some(RetryAfter::MAX));
    assert_eq!(error.with_retry_after(None).retry_after(), None);
}

#[test]
fn a_clone_is_shared_until_one_of_them_is_changed() {
    let error = full();
    let clone = error.clone();
    assert_eq!(error.message().as_ptr(), clone.message().as_ptr());

    let changed = clone.with_scope(Scope::Gateway).with_code("other");
    assert_eq!(error.scope(), Scope::Provider);
    assert_eq!(error.code(), Some("slow_down"));
    assert_eq!(changed.scope(), Scope::Gateway);
    assert_eq!(changed.message(), error.message());
}

#[test]
fn an_error_is_as_small_as_a_pointer() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
}

#[test]
fn a_caller_is_shown_the_message_and_the_log_more() {
    let error = full();
    let (shown, logged) = (error.to_string(), format!("{error:?}"));
    assert_eq!(shown, MESSAGE);
    assert_eq!(format!("{error:#}"), MESSAGE);
    for part in ["Overloaded", MESSAGE, DETAIL, "eu-1"] {
        assert!(logged.contains(part), "{part} in {logged}");
    }
}

#[test]
fn what_was_boxed_is_found_however_deep() {
    for depth in [0, 1, 2, 30] {
        let error = full();
        let boxed = Wrapped::times(depth, error.clone().into());
        let found = Error::from(boxed);
        // The same, and not one like it.
        assert_eq!(found.message().as_ptr(), error.message().as_ptr());
    }
}

#[test]
fn of_two_in_one_chain_the_outer_one_is_meant() {
    let inner = Error::new(Class::Transport, "inner");
    let outer = Error::new(Class::Truncated, "outer").with_source(Wrapped(inner.into()));
    let found = Error::from(Wrapped::times(2, outer.into()));
    assert_eq!(found.class(), Class::Truncated);
}

#[test]
fn the_errors_of_towers_stock_layers_are_translated() {
    for depth in [0, 4] {
        let late = Error::from(Wrapped::times(depth, Elapsed::new().into()));
        assert_eq!(late.class(), Class::Timeout(Phase::FirstToken));
        assert_eq!(late.scope(), Scope::Deployment);

        let shed = Error::from(Wrapped::times(depth, Overloaded::new().into()));
        assert_eq!(shed.class(), Class::Overloaded);
        assert_eq!(shed.scope(), Scope::Gateway);
    }
}

#[test]
fn a_foreign_error_is_a_failed_connection_that_only_the_log_can_read() {
    let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "10.0.0.7:443 refused");
    let error = Error::from(Wrapped::times(1, refused.into()));

    assert_eq!(error.class(), Class::Transport);
    assert!(!error.to_string().contains("10.0.0.7"));
    let detail = "something went wrong inside: 10.0.0.7:443 refused";
    assert_eq!(error.detail(), Some(detail));
    assert!(error.source().unwrap().is::<Wrapped>());
}

#[test]
fn nothing_is_found_where_nothing_is_known() {
    let foreign: BoxError = Wrapped::times(3, "a text".into());
    assert!(Error::find(&*foreign).is_none());
}

proptest! {
    #[test]
    fn of_several_the_most_useful_is_told_and_of_equals_the_first(
        classes in proptest::collection::vec(proptest::sample::select(&CLASSES[..]), 1..6),
    ) {
        let told = classes
            .iter()
            .enumerate()
            .map(|(at, class)| Error::new(*class, at.to_string()))
            .reduce(Error::or_more_useful)
            .unwrap();
        let most = classes.iter().map(|class| class.usefulness()).max().unwrap();
        let first = classes.iter().position(|class| class.usefulness() == most).unwrap();
        prop_assert_eq!(told.message(), first.to_string());
    }
}

fn full() -> Error {
    Error::new(Class::Overloaded, MESSAGE)
        .with_scope(Scope::Provider)
        .with_retry(Retry::Same)
        .with_status(StatusCode::IM_A_TEAPOT)
        .with_detail(DETAIL)
        .with_code("slow_down")
        .with_param("messages")
        .with_retry_after(SECOND)
        .with_deployment("eu-1")
        .with_source(io::Error::from(io::ErrorKind::TimedOut))
        .into_final()
}
