use std::time::Duration;

use http::Request;
use steeplechase_core::{Attempts, Call};
use tokio::time::Instant;

/// Says how many attempts a call has, and until when: as its own controls say, or else as given.
pub(crate) fn begin(
    mut request: Request<Call>,
    max_attempts: u8,
    deadline: Duration,
) -> Request<Call> {
    let attempts = Attempts::of(request.extensions_mut());
    // Who names several models wants all of them to run.
    let call = request.body();
    let is_race = call.head().fastest_response && call.model().contains(',');
    let max = if is_race {
        Attempts::HARD_CAP
    } else {
        max_attempts
    };
    let controls = attempts.controls();
    let asked = controls
        .as_ref()
        .and_then(|controls| controls.shorter(controls.timeout, Some(deadline)));
    attempts.limit_time(Instant::now(), asked.unwrap_or(deadline));
    attempts.set_max(controls.map_or(max, |controls| controls.max_attempts(max)));
    request
}
