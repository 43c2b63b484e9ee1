//! What is said of each kind of failure, by LiteLLM's names for them.

use steeplechase::Class;
use steeplechase::deployment::{AllowedFails, FailureKind};
use steeplechase::layers::retry::RetryPolicy;

use crate::config::known::nearest;
use crate::config::node::Cursor;

/// LiteLLM's exceptions, and what they are to us. The phase of a timeout does not matter.
const RETRIES: [(&str, &[Class]); 8] = [
    (
        "BadRequestErrorRetries",
        &[Class::InvalidRequest, Class::Unsupported, Class::TooLarge],
    ),
    ("AuthenticationErrorRetries", &[Class::Auth]),
    (
        "TimeoutErrorRetries",
        &[Class::Timeout(steeplechase::Phase::Total)],
    ),
    ("RateLimitErrorRetries", &[Class::RateLimited, Class::Quota]),
    (
        "ContentPolicyViolationErrorRetries",
        &[Class::ContentPolicy],
    ),
    (
        "InternalServerErrorRetries",
        &[
            Class::Server,
            Class::Transport,
            Class::Truncated,
            Class::Empty,
        ],
    ),
    ("ServiceUnavailableErrorRetries", &[Class::Overloaded]),
    ("NotFoundErrorRetries", &[Class::NotFound]),
];

/// What is said of all others.
const DEFAULT_RETRIES: &str = "DefaultRetries";

/// Reads a `retry_policy`.
pub(super) fn retry_policy(section: &Cursor<'_>) -> RetryPolicy {
    let mut policy = RetryPolicy::new();
    for field in section.fields() {
        let known = RETRIES.iter().find(|(name, _)| *name == field.key());
        if let Some((_, classes)) = known {
            if let Some(retries) = field.whole::<u8>(0, "2") {
                policy = classes
                    .iter()
                    .fold(policy, |policy, class| policy.class(*class, retries));
            }
        } else if field.key() == DEFAULT_RETRIES {
            if let Some(retries) = field.whole::<u8>(0, "2") {
                policy = policy.otherwise(retries);
            }
        } else {
            let names = RETRIES.iter().map(|(name, _)| *name);
            unknown(&field, names.chain([DEFAULT_RETRIES]));
        }
    }
    policy
}

/// Reads an `allowed_fails_policy`, of the router or of a deployment.
pub(in crate::config) fn allowed_fails_policy(section: &Cursor<'_>) -> AllowedFails {
    const END: &str = "AllowedFails";
    let mut policy = AllowedFails::new();
    for field in section.fields() {
        let name = field.key().strip_suffix(END);
        let kind = FailureKind::ALL
            .into_iter()
            .find(|kind| Some(kind.as_str()) == name);
        if let Some(kind) = kind {
            if let Some(fails) = field.whole(0, "3") {
                policy = policy.kind(kind, fails);
            }
        } else {
            let names = FailureKind::ALL.map(|kind| format!("{}{END}", kind.as_str()));
            unknown(&field, names.iter().map(String::as_str));
        }
    }
    policy
}

fn unknown<'n>(field: &Cursor<'_>, names: impl Iterator<Item = &'n str> + Clone) {
    let fix = match nearest(field.key(), names.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
    };
    field.warn("unknown kind of failure, ignored", fix);
}
