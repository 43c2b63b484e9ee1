//! Golden cases: what goes to a provider, and what a caller gets.
//!
//! ```text
//!  call ──► IntakeLayer ──► TranslateLayer ──► sent      url, headers, body
//!  answer, chunks, events, error ◄──────────── upstream  status, headers, body or events
//! ```
//!
//! A case is a line of JSON in a file beside this one. All is seen from the outside: bytes go in at
//! the one end and come out at the other. Fields of a case:
//!
//! ```text
//! id, title    by which it is found
//! provider     dialect, name (in the catalog), model, base_model, platform ("vertex" or {"azure": VERSION
//!              or null}), base_url, key (in the dialect's own place; "K" if absent), drop_params,
//!              max_tokens, params, headers
//! path         /v1/chat/completions if absent: it says in which dialect the caller speaks
//! headers      of the caller
//! call         the caller's body; one that says "hi" if absent
//! sent         url, headers (of which each has to be there), absent (names of headers), body (all of it)
//! upstream     status (200 if absent), headers, and body (JSON, or a text as it is) or
//!              events: each {"event": NAME or absent, "data": JSON or a text} or a text as it is; of
//!              Bedrock, which has an event stream of AWS, also {"exception": NAME, "data": JSON} and
//!              {"hex": bytes as they are}
//! answer       a whole answer: what is here has to be there
//! chunks       a stream of OpenAI's: {"d": delta, "i": choice} {"f": reason, "nf": native} {"u": usage}
//!              {"e": error} "[DONE]"; deltas of the same kind that come together are put together
//! events       a stream of another dialect: each {"event": NAME, "data": what has to be there}
//! error        before an answer: class, scope, status, code, param, retry_after_ms, says (a part of the message)
//! dropped      all of x-steeplechase-dropped
//! usage        as the layers see it: prompt, completion, cache_read, …
//! ```
//!
//! Each stream is also cut in two at every byte, which must change nothing, and cut off at every byte,
//! which must never look like an end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod case;
mod checks;
mod compare;
mod stream;
mod world;

use case::{Case, cases};

#[test]
fn every_case_holds() {
    let runtime = world::runtime();
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        if let Err(complaint) = runtime.block_on(checks::check(case)) {
            wrong.push(format!("{}: {}\n{complaint}", case.id, case.title));
        }
    }
    let count = cases.len();
    assert!(
        wrong.is_empty(),
        "{} of {count} cases are wrong:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn a_stream_that_comes_in_two_pieces_is_the_same_stream() {
    let runtime = world::runtime();
    for case in cases().iter().filter(|case| case.is_stream()) {
        runtime.block_on(checks::check_pieces(case));
    }
}

#[test]
fn a_stream_that_is_cut_off_never_looks_like_one_that_has_ended() {
    let runtime = world::runtime();
    for case in cases().iter().filter(|case| case.is_stream()) {
        runtime.block_on(checks::check_cuts(case));
    }
}

#[test]
fn every_case_has_a_name_of_its_own_and_expects_something() {
    let mut seen = std::collections::HashSet::new();
    for case in cases() {
        assert!(seen.insert(case.id.clone()), "{} is there twice", case.id);
        assert!(case.expects_something(), "{} expects nothing", case.id);
    }
}

/// Runs one case, by `GOLDEN=id cargo test --test golden one_case -- --nocapture`.
#[test]
fn one_case() {
    let Ok(wanted) = std::env::var("GOLDEN") else {
        return;
    };
    let runtime = world::runtime();
    let cases = cases();
    let found: Vec<&Case> = cases.iter().filter(|case| case.id == wanted).collect();
    assert!(!found.is_empty(), "there is no case {wanted}");
    for case in found {
        if let Err(complaint) = runtime.block_on(checks::check(case)) {
            panic!("{complaint}");
        }
    }
}
