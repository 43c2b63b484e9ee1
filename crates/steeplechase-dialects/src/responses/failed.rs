use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use steeplechase_core::{Chunk, Class, Error};

use crate::json;
use crate::sse::EventCutter;

/// What has to be known of a stream in this dialect to end it in its own words, if it fails: the frame in
/// which the response was created, and the last one.
///
/// Both are handles on bytes that have gone by, and are looked at only if the stream fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    first: Bytes,
    last: Bytes,
}

/// An event, as far as the next one has to go with it.
#[derive(Deserialize)]
struct Told<'a> {
    sequence_number: Option<u64>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
}

// ===== impl Trail =====

impl Trail {
    /// Notes a frame that a caller gets.
    pub(crate) fn note(&mut self, frame: &Chunk) {
        if frame.is_opaque() {
            return;
        }
        self.last.clone_from(frame.data());
        if self.first.is_empty() {
            self.first.clone_from(frame.data());
        }
    }

    /// The event with which the stream ends: that the response has failed, if it was created, and else
    /// an error of its own.
    ///
    /// `error` is the body of the same error before a stream. The SDKs raise what is in an event under
    /// that name, and only that; agents read the one in the response.
    pub(crate) fn failed(&self, error: &Error, body: &Value) -> Bytes {
        let mut next = 0;
        read(&self.last, |told| {
            next = told.sequence_number.map_or(next, |number| number + 1);
            false
        });
        let mut response = None;
        read(&self.first, |told| {
            let raw = told.response.map(|raw| raw.get().as_bytes());
            response = raw.and_then(|raw| json::from_slice::<Value>(raw).ok());
            response.is_some()
        });
        let (name, event) = if let Some(mut response) = response {
            response["status"] = "failed".into();
            response["error"] = json!({"code": code(error), "message": message(error)});
            let event = json!({
                "type": "response.failed", "sequence_number": next, "response": response,
                "error": body,
            });
            ("response.failed", event)
        } else {
            let event = json!({
                "type": "error", "sequence_number": next, "code": code(error),
                "message": message(error), "param": body.get("param"), "error": body,
            });
            ("error", event)
        };
        let mut out = BytesMut::new();
        out.put_slice(format!("event: {name}\ndata: {event}\n\n").as_bytes());
        out.freeze()
    }
}

/// Reads the events of a frame, until `is_enough` says so.
fn read(frame: &Bytes, mut is_enough: impl FnMut(&Told<'_>) -> bool) {
    let mut cutter = EventCutter::new();
    if cutter.push(frame.clone()).is_err() {
        return;
    }
    for event in cutter.events() {
        let Some(data) = event.data() else { continue };
        if serde_json::from_slice::<Told<'_>>(&data).is_ok_and(|told| is_enough(&told)) {
            return;
        }
    }
}

/// The code of an error in a response: one of those by which agents decide what to do next.
fn code(error: &Error) -> &str {
    match error.class() {
        Class::ContentPolicy | Class::InvalidRequest | Class::Unsupported => "invalid_prompt",
        Class::ContextWindow => "context_length_exceeded",
        Class::Overloaded | Class::Unavailable => "server_is_overloaded",
        Class::Quota => "insufficient_quota",
        Class::RateLimited => "rate_limit_exceeded",
        _ => "server_error",
    }
}

/// The message of an error. Agents read from it how long to wait.
fn message(error: &Error) -> String {
    let said = error.message().trim_end_matches('.');
    match error.retry_after() {
        Some(after) => {
            let seconds = after.as_millis().div_ceil(1000);
            format!("{said}. Please try again in {seconds}s.")
        }
        None => error.message().to_owned(),
    }
}
