use http::StatusCode;
use steeplechase_core::{Class, Phase, Retry};

use super::said::Said;

/// What is made of an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ruling {
    pub(super) class: Class,
    /// Where another attempt makes sense, if it is not where the class says.
    pub(super) retry: Option<Retry>,
}

/// A pattern: texts that are there, in this order.
type Pattern = &'static [&'static str];

/// A prompt that is longer than the context.
const CONTEXT: [Pattern; 24] = [
    &["maximum context length"],
    &["context_length_exceeded"],
    &["context window"],
    &["longer than the model's context"],
    &["exceed context limit"],
    &["maximum context limit"],
    &["prompt is too long"],
    &["prompt too long"],
    &["prompt: length"],
    &["maximum prompt length is"],
    &["prompt has too many tokens"],
    &["input is too long"],
    &["input too long"],
    &["input tokens exceed the configured limit"],
    &["input token count"],
    &["length limit exceeded"],
    &["too many tokens"],
    &["too many input tokens"],
    &["exceeds the maximum number of tokens allowed"],
    &["exceeds the available context size"],
    &["`inputs` tokens + `max_new_tokens`"],
    &["string too long. expected a string with maximum length"],
    &["current length is", "while limit is"],
    &["maximum input length is", "tokens"],
];

/// A prompt that a content filter refuses.
const POLICY: [Pattern; 16] = [
    &["content_policy_violation"],
    &["content_filter_policy"],
    &["responsibleaipolicyviolation"],
    &["content management policy"],
    &["prompt triggering azure openai's content management"],
    &["content filtering policy"],
    &["violating our usage policy"],
    &["violates our usage policy"],
    &["violates usage guidelines"],
    &["rejected", "safety system"],
    &["failed as a result of our safety system"],
    &["the model produced invalid content"],
    &["the response was filtered"],
    &["the response was blocked"],
    &["requires moderation on", "flagged"],
    &["new_sensitive"],
];

/// A key that is refused with a status of a bad request.
const KEY: [Pattern; 5] = [
    &["incorrect api key"],
    &["invalid api key"],
    &["api key not valid"],
    &["invalid api token"],
    &["incorrect authentication token"],
];

/// An account without credit.
const CREDIT: [Pattern; 5] = [
    &["credit balance is too low"],
    &["insufficient balance"],
    &["insufficient credits"],
    &["out of credits"],
    &["calls / month"],
];

/// A quota that a wait of minutes does not bring back.
const DAILY: [Pattern; 4] = [
    &["tokens per day"],
    &["requests per day"],
    &["(tpd)"],
    &["(rpd)"],
];

/// One call that is more than is allowed in a minute: to wait never helps.
const TOO_LARGE: [Pattern; 2] = [
    &["request too large", "tokens per min"],
    &["request too large", "(tpm)"],
];

/// Too many calls, told without a status.
const RATE: [Pattern; 9] = [
    &["rate limit"],
    &["rate_limit"],
    &["rate-limit"],
    &["ratelimit"],
    &["too many requests"],
    &["service tier capacity exceeded"],
    &["resource exhausted"],
    // A bare number may be from anywhere.
    &["status code 429"],
    &["error code: 429"],
];

/// Decides. `status` is what the provider meant, if that is known.
pub(super) fn rule(status: Option<StatusCode>, said: &Said) -> Ruling {
    if let Some(class) = said.names().find_map(|name| by_name(name, status)) {
        return refine(class, said);
    }
    let status = status.or_else(|| said.names().find_map(status_of));
    let text = said.lower();
    let class = match status.map(|status| status.as_u16()) {
        None => by_text(text),
        Some(400 | 413 | 422) => by_refusal(status, said),
        Some(401) => Class::Auth,
        // Fireworks: for a bill that is not paid.
        Some(412) if text.contains("suspended") => Class::Quota,
        Some(403) if said.is_flagged || any(&POLICY, text) => Class::ContentPolicy,
        Some(403) if text.contains("safety_check") => Class::ContentPolicy,
        Some(424) => Class::Server,
        Some(429) => by_limit(said),
        Some(498) => Class::Overloaded,
        Some(500..600) if any(&[&["the model produced invalid content"]], text) => {
            Class::ContentPolicy
        }
        Some(500 | 502 | 503) if text.contains("overloaded") => Class::Overloaded,
        _ => status.and_then(Class::from_status).unwrap_or(Class::Server),
    };
    refine(class, said)
}

fn refine(class: Class, said: &Said) -> Ruling {
    let class = match class {
        Class::RateLimited => by_limit(said),
        class => class,
    };
    let is_hopeless = class == Class::RateLimited && any(&TOO_LARGE, said.lower());
    Ruling {
        class,
        retry: is_hopeless.then_some(Retry::OtherModel),
    }
}

/// The class of a code or type that has one meaning, whatever the status.
fn by_name(name: &str, status: Option<StatusCode>) -> Option<Class> {
    let is_limit = status == Some(StatusCode::TOO_MANY_REQUESTS);
    let name = name.to_ascii_lowercase();
    Some(match &*name {
        "context_length_exceeded" => Class::ContextWindow,
        // A field that is too long, and not the prompt.
        "string_above_max_length" => Class::InvalidRequest,
        "content_filter"
        | "content_filter_policy"
        | "content_policy_violation"
        | "invalid_prompt"
        | "responsibleaipolicyviolation" => Class::ContentPolicy,
        "model_not_found" | "deploymentnotfound" => Class::NotFound,
        // The model does something else: another one may do this.
        "operationnotsupported" => Class::Unsupported,
        "billing_hard_limit_reached"
        | "billing_not_active"
        | "credit_balance_exhausted"
        | "enforced_spend_limit_reached"
        | "insufficient_quota" => Class::Quota,
        "api_key_invalid"
        | "invalid_api_key"
        | "invalid_organization"
        | "unsupported_country_region_territory" => Class::Auth,
        "capacity_exceeded"
        | "overloaded"
        | "overloaded_error"
        | "queue_exceeded"
        | "server_is_overloaded" => Class::Overloaded,
        "slow_down" if !is_limit => Class::Overloaded,
        // The model wrote what is no JSON, or no call of a tool: that is not the caller's fault.
        "json_validate_failed" | "tool_use_failed" => Class::Server,
        _ if name.starts_with("cyber_policy") => Class::ContentPolicy,
        _ if name.ends_with("_spend_limit_exceeded") => Class::Quota,
        _ => return None,
    })
}

/// The status that a code or type stands for. It is asked only of an error without one.
fn status_of(name: &str) -> Option<StatusCode> {
    Some(match &*name.to_ascii_lowercase() {
        "invalid_request_error"
        | "invalid_argument"
        | "badrequesterror"
        | "unsupported_value"
        | "unsupported_parameter"
        | "unknown_parameter" => StatusCode::BAD_REQUEST,
        "authentication_error" | "unauthenticated" => StatusCode::UNAUTHORIZED,
        "permission_error" | "permission_denied" => StatusCode::FORBIDDEN,
        "not_found_error" | "not_found" => StatusCode::NOT_FOUND,
        "rate_limit_error"
        | "rate_limit_exceeded"
        | "requests"
        | "resource_exhausted"
        | "slow_down"
        | "tokens" => StatusCode::TOO_MANY_REQUESTS,
        "timeout_error" | "deadline_exceeded" => StatusCode::GATEWAY_TIMEOUT,
        "unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        "api_error" | "internal" | "internal_server_error" | "server_error" => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => return None,
    })
}

/// The class of a refusal: `400`, `413`, `422`.
fn by_refusal(status: Option<StatusCode>, said: &Said) -> Class {
    let text = said.lower();
    if any(&TOO_LARGE, text) {
        return Class::RateLimited;
    }
    if is_context(text) {
        return Class::ContextWindow;
    }
    if any(&POLICY, text) {
        return Class::ContentPolicy;
    }
    if any(&KEY, text) {
        return Class::Auth;
    }
    if any(&CREDIT, text) {
        return Class::Quota;
    }
    if text.contains("model identifier is invalid") {
        return Class::NotFound;
    }
    status
        .and_then(Class::from_status)
        .unwrap_or(Class::InvalidRequest)
}

/// The class of a `429`: what is over, a minute or the credit.
fn by_limit(said: &Said) -> Class {
    let text = said.lower();
    let details = said.details.as_deref().unwrap_or_default();
    // With a hint it is a limit that passes, in the words of one that does not.
    let is_over = text.contains("exceeded your current quota") && !details.contains("retryDelay");
    if is_over || details.contains("PerDay") || any(&DAILY, text) || any(&CREDIT, text) {
        Class::Quota
    } else if text.contains("model is not ready") {
        Class::Overloaded
    } else {
        Class::RateLimited
    }
}

/// The class of an error of which nothing is known but its text.
fn by_text(text: &str) -> Class {
    if any(&RATE, text) {
        Class::RateLimited
    } else if is_context(text) {
        Class::ContextWindow
    } else if any(&POLICY, text) {
        Class::ContentPolicy
    } else if any(&KEY, text) {
        Class::Auth
    } else if any(&CREDIT, text) {
        Class::Quota
    } else if text.contains("overloaded") {
        Class::Overloaded
    } else if text.contains("timeout occurred") || text.contains("timed out") {
        Class::Timeout(Phase::FirstToken)
    } else {
        Class::Server
    }
}

fn is_context(text: &str) -> bool {
    // The answer may be too long as well, and that is a parameter.
    !text.contains("max tokens must be") && any(&CONTEXT, text)
}

fn any(patterns: &[Pattern], text: &str) -> bool {
    patterns.iter().any(|pattern| {
        let mut rest = Some(text);
        for part in *pattern {
            rest = rest.and_then(|rest| Some(&rest[rest.find(part)? + part.len()..]));
        }
        rest.is_some()
    })
}
