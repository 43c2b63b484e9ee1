use http::StatusCode;
use steeplechase_core::{Class, Phase, Scope};

use super::complaint::Complaint;
use crate::chat::verdict::Verdict;

/// The code of an error for a call whose seal is missing or broken.
const SIGNATURE: &str = "thought_signature_rejected";

/// What follows from a complaint.
pub(super) fn of(complaint: &Complaint, status: Option<StatusCode>) -> Verdict {
    let by_reason = complaint.reason.as_deref().and_then(of_reason);
    if let Some(verdict) = by_reason {
        return verdict;
    }
    let text = complaint.text.to_lowercase();
    match complaint.status.as_deref() {
        Some("INVALID_ARGUMENT" | "OUT_OF_RANGE") => of_words(&text),
        Some("FAILED_PRECONDITION") => of_state(&text),
        Some("UNAUTHENTICATED") => Verdict::of(Class::Auth),
        Some("PERMISSION_DENIED") => denied(&text),
        Some("NOT_FOUND") => Verdict::of(Class::NotFound),
        Some("RESOURCE_EXHAUSTED") => exhausted(complaint),
        Some("DEADLINE_EXCEEDED") => Verdict::of(Class::Timeout(Phase::FirstToken)),
        Some("UNAVAILABLE") => Verdict::of(Class::Overloaded),
        Some("INTERNAL" | "ABORTED" | "CANCELLED" | "UNKNOWN" | "DATA_LOSS") => {
            Verdict::of(Class::Server)
        }
        Some("UNIMPLEMENTED") => Verdict::of(Class::InvalidRequest),
        _ => of_status(complaint, status, &text),
    }
}

fn of_status(complaint: &Complaint, status: Option<StatusCode>, text: &str) -> Verdict {
    let said = complaint
        .code
        .and_then(|code| StatusCode::from_u16(code).ok());
    // Of a status that only says that something failed, what it has in mind says more.
    let status = match status {
        Some(status) if !status.is_server_error() && status != StatusCode::OK => Some(status),
        status => said.or(status),
    };
    let Some(status) = status else {
        return Verdict::of(Class::Server);
    };
    match status.as_u16() {
        400 | 422 => of_words(text),
        403 => denied(text),
        429 => exhausted(complaint),
        // They have hung up, and not the caller.
        499 => Verdict::of(Class::Server),
        413 if is_too_long(text) => Verdict::of(Class::ContextWindow),
        _ => Verdict::of_status(status),
    }
}

/// What is wrong, in the provider's words for programs.
fn of_reason(reason: &str) -> Option<Verdict> {
    Some(match reason {
        "API_KEY_INVALID"
        | "API_KEY_EXPIRED"
        | "ACCESS_TOKEN_EXPIRED"
        | "CREDENTIALS_MISSING"
        | "ACCESS_TOKEN_TYPE_UNSUPPORTED" => Verdict::of(Class::Auth),
        "SERVICE_DISABLED"
        | "API_KEY_SERVICE_BLOCKED"
        | "API_KEY_HTTP_REFERRER_BLOCKED"
        | "API_KEY_IP_ADDRESS_BLOCKED"
        | "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        | "CONSUMER_INVALID"
        | "CONSUMER_SUSPENDED"
        | "USER_PROJECT_DENIED" => Verdict::denied(Scope::Key),
        "BILLING_DISABLED" => Verdict::unpaid(),
        "IAM_PERMISSION_DENIED" | "LOCATION_POLICY_VIOLATED" => Verdict::denied(Scope::Deployment),
        "RATE_LIMIT_EXCEEDED" => Verdict::of(Class::RateLimited),
        _ => return None,
    })
}

/// A complaint about the request. The words tell the kinds apart, as nothing else does.
fn of_words(text: &str) -> Verdict {
    if is_too_long(text) {
        return Verdict::of(Class::ContextWindow);
    }
    if text.contains("api key not valid") || text.contains("api key expired") {
        return Verdict::of(Class::Auth);
    }
    if text.contains("output blocked") || text.contains("response was blocked") {
        return Verdict::of(Class::ContentPolicy);
    }
    let mut verdict = Verdict::of(Class::InvalidRequest);
    if text.contains("thought_signature") || text.contains("thought signature") {
        verdict.code = SIGNATURE;
    }
    verdict
}

/// A complaint about what is not as it has to be.
fn of_state(text: &str) -> Verdict {
    if text.contains("location is not supported") {
        return Verdict::denied(Scope::Deployment);
    }
    if text.contains("billing") {
        return Verdict::unpaid();
    }
    if text.contains("publisher model") {
        // Nobody has asked for it in Model Garden, or it is not in the region.
        return Verdict::of(Class::NotFound);
    }
    of_words(text)
}

/// The key may not do this. Some of it is about one model, and some about the key.
fn denied(text: &str) -> Verdict {
    let about_key = [
        "has not been used",
        "is disabled",
        "leaked",
        "suspended",
        "api key",
    ];
    if about_key.iter().any(|sign| text.contains(sign)) {
        return Verdict::denied(Scope::Key);
    }
    Verdict::denied(Scope::Deployment)
}

/// Something is used up: for a moment, for the day, or for ever.
fn exhausted(complaint: &Complaint) -> Verdict {
    let text = complaint.text.to_lowercase();
    let long = complaint.quotas.iter().find(|quota| quota.is_long());
    if let Some(quota) = long {
        let scope = quota.is_of_model().then_some(Scope::Deployment);
        return Verdict {
            scope,
            ..Verdict::of(Class::Quota)
        };
    }
    if text.contains("per day") && complaint.quotas.is_empty() {
        return Verdict::of(Class::Quota);
    }
    if text.contains("prepayment credits are depleted") || text.contains("spending cap") {
        return Verdict::unpaid();
    }
    Verdict::of(Class::RateLimited)
}

fn is_too_long(text: &str) -> bool {
    const SIGNS: [&str; 7] = [
        "input token count",
        "exceeds the maximum number of tokens",
        "payload size exceeds the limit",
        "input context is too long",
        "prompt is too long",
        "context window",
        "maximum context length",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}
