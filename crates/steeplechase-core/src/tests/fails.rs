//! How many failures are allowed.

use std::collections::HashSet;

use crate::deployment::{AllowedFails, FailureKind};
use crate::{Class, Phase};

#[test]
fn a_kind_with_a_number_of_its_own_is_named_and_the_others_are_not() {
    let allowed = AllowedFails::new().kind(FailureKind::Timeout, 3).others(9);
    assert_eq!(
        allowed.named(Class::Timeout(Phase::Connect)),
        Some(FailureKind::Timeout)
    );
    assert_eq!(allowed.of_kind(FailureKind::Timeout), Some(3));
    assert_eq!(allowed.named(Class::Server), None);
    assert_eq!(allowed.of_others(), Some(9));
}

#[test]
fn what_is_said_of_one_goes_before_what_is_said_of_all() {
    let general = AllowedFails::new()
        .others(1)
        .kind(FailureKind::Timeout, 2)
        .kind(FailureKind::RateLimit, 3);
    let own = AllowedFails::new()
        .others(7)
        .kind(FailureKind::RateLimit, 8);
    let both = own.or(&general);
    assert_eq!(both.of_others(), Some(7));
    assert_eq!(both.of_kind(FailureKind::RateLimit), Some(8));
    assert_eq!(both.of_kind(FailureKind::Timeout), Some(2));
    assert_eq!(AllowedFails::new().or(&general), general);
    assert!(AllowedFails::new().is_empty() && !both.is_empty());
}

#[test]
fn each_kind_has_a_place_and_a_name_of_its_own() {
    let places: HashSet<_> = FailureKind::ALL.map(|kind| kind as usize).into();
    let names: HashSet<_> = FailureKind::ALL.map(FailureKind::as_str).into();
    assert_eq!((places.len(), names.len()), (8, 8));
    assert!(places.into_iter().all(|place| place < FailureKind::COUNT));
    assert_eq!(FailureKind::of(Class::Cancelled), None);
}
