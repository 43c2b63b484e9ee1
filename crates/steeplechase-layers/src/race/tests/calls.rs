//! What calls run as.

use steeplechase_core::call::{Dialect, Head, Operation};
use steeplechase_core::{Call, Controls};

use super::*;

fn call(model: &str, fastest_response: bool) -> Request<Call> {
    let mut head = Head::default();
    head.model = model.into();
    head.fastest_response = fastest_response;
    let call = Call::new(Operation::Chat, Dialect::OpenAi, Bytes::new(), head);
    Request::new(call)
}

/// The models of the lanes that a call runs as, and how many copies.
fn lanes(model: &str, fastest_response: bool) -> (Vec<String>, u8) {
    let model_of = |request: &Request<Call>| request.body().model().to_owned();
    match (CallLanes { width: 2 }).start(call(model, fastest_response)) {
        Start::Single(request) => (vec![model_of(&request)], 1),
        Start::Copies(request, width) => (vec![model_of(&request)], width),
        Start::Variants(mut first, others) => {
            let attempts = Attempts::of(first.extensions_mut());
            attempts.mark_tried(7);
            let mut models = vec![model_of(&first)];
            for other in others {
                let shared = Attempts::get(other.extensions()).unwrap();
                assert!(shared.has_tried(7));
                models.push(model_of(&other));
            }
            (models, 0)
        }
    }
}

#[test]
fn a_call_for_the_fastest_of_several_models_runs_a_lane_for_each() {
    for (names, models) in [
        ("a,b", vec!["a", "b"]),
        (" a , b,c ", vec!["a", "b", "c"]),
        ("a,,b,a,", vec!["a", "b"]),
        ("a,b,c,d,e,f", vec!["a", "b", "c", "d", "e"]),
    ] {
        assert_eq!(
            lanes(names, true),
            (models.iter().map(|&m| m.into()).collect(), 0)
        );
    }
}

#[test]
fn a_call_that_names_one_model_in_the_end_is_a_single_call_for_it() {
    assert_eq!(lanes("a, ,a", true), (vec!["a".into()], 1));
}

#[test]
fn a_call_that_names_no_model_is_left_as_it_is() {
    assert_eq!(lanes(" ,, ", true), (vec![" ,, ".into()], 1));
}

#[test]
fn any_other_call_runs_as_so_many_copies() {
    assert_eq!(lanes("a,b", false), (vec!["a,b".into()], 2));
    assert_eq!(lanes("a", true), (vec!["a".into()], 2));
}

#[test]
fn a_call_can_ask_for_so_many_copies_and_then_has_as_many_attempts() {
    for (asked, copies, attempts_left) in [
        (None, 2, 2),
        (Some(0), 0, 2),
        (Some(1), 1, 2),
        (Some(2), 2, 2),
        (Some(5), 5, 4),
        (Some(200), 5, 4),
    ] {
        let mut request = call("a", false);
        let attempts = Attempts::of(request.extensions_mut());
        let mut controls = Controls::default();
        controls.race = asked;
        attempts.control(controls);
        let Start::Copies(_, width) = (CallLanes { width: 2 }).start(request) else {
            panic!("it is a race of copies");
        };
        assert_eq!(
            (width, attempts.left()),
            (copies, attempts_left),
            "{asked:?}"
        );
    }
}
