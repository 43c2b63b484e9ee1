//! What the provider's failures mean.
//!
//! ```text
//! status, headers, body ──► Complaint: google.rpc.Status, and its details
//!                               │  QuotaFailure, RetryInfo, ErrorInfo
//!                               ▼
//!                           Verdict: class, code, scope ──► Error
//! ```

mod complaint;
mod verdict;

use http::{HeaderMap, StatusCode};
use steeplechase_core::error::Upstream;
use steeplechase_core::{Class, Error, RetryAfter};

use self::complaint::Complaint;
use crate::chat::verdict::Verdict;

/// Classifies an answer that is no success.
///
/// The body may be anything: a `google.rpc.Status`, a list with one in it, a page of HTML, nothing. What
/// counts is what its details say, then its status, then the status of HTTP. Its words count only where
/// there is nothing else: a prompt that is too long, a key that is wrong, a filter.
///
/// Keys are masked in what the caller is told, and long texts are cut, unless the failure is the
/// caller's fault.
pub fn classify(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let complaint = Complaint::of(body);
    let verdict = verdict::of(&complaint, Some(status));
    let waits = matches!(
        verdict.class,
        Class::RateLimited | Class::Overloaded | Class::Server
    );
    // What is used up for the day does not come back in the seconds that are spoken of.
    let retry_after = waits
        .then(|| {
            let said = complaint.retry_delay;
            said.or_else(|| RetryAfter::from_parts(headers, &complaint.text))
        })
        .flatten();
    error(complaint, &verdict, status).with_retry_after(retry_after)
}

/// Classifies an error in the place of an event, which has no status.
pub fn classify_event(data: &[u8]) -> Error {
    let complaint = Complaint::of(data);
    let verdict = verdict::of(&complaint, None);
    let retry_after = complaint
        .retry_delay
        .filter(|_| verdict.class != Class::Quota);
    error(complaint, &verdict, StatusCode::OK).with_retry_after(retry_after)
}

/// Whether a body is one of Google's own errors, and not what somebody whose models it serves has to say
/// of a request, be it in Google's envelope.
pub(crate) fn is_googles(body: &[u8]) -> bool {
    let complaint = Complaint::of(body);
    complaint
        .status
        .is_some_and(|status| status != "INVALID_ARGUMENT")
        && !complaint.text.trim_start().starts_with('{')
}

fn error(complaint: Complaint, verdict: &Verdict, status: StatusCode) -> Error {
    let mut upstream = Upstream::new(status);
    upstream.kind = complaint.status.map(Into::into);
    upstream.code = complaint.reason.map(Into::into);
    verdict.error(&complaint.text, status, upstream)
}
