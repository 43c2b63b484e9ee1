//! `general_settings`.

use crate::config::diagnostic::At;
use crate::config::environment::Environment;
use crate::config::known;
use crate::config::model::GeneralSettings;
use crate::config::node::Cursor;
use crate::config::secret::Secret;

use http::HeaderName;
use steeplechase::dialects::catalog::models::Unpriced;
use steeplechase::dialects::intake::{Control, Overrides};

/// Where the key is looked for when it is not written.
const MASTER_KEY: &str = "LITELLM_MASTER_KEY";

/// Reads the section, which may be absent.
pub(in crate::config) fn general(
    section: Option<&Cursor<'_>>,
    environment: &Environment<'_>,
) -> GeneralSettings {
    let mut master_key = environment
        .get(MASTER_KEY)
        .filter(|key| !key.is_empty())
        .map(Secret::new);
    let mut settings = GeneralSettings::default();
    for field in section.into_iter().flat_map(Cursor::fields) {
        match field.key() {
            "master_key" => {
                if let Some(written) = read_master_key(&field, master_key.is_some()) {
                    master_key = Some(written);
                }
            }
            "litellm_key_header_name" => settings.key_header = header_name(&field),
            "max_request_size_mb" => settings.max_request_size = megabytes(&field),
            "completion_model" => settings.completion_model = model_name(&field),
            "embedding_model" => settings.embedding_model = model_name(&field),
            "always_include_stream_usage" => {
                settings.always_include_stream_usage = field.flag().unwrap_or(false);
            }
            "moderation_model" => {
                settings.moderation_model = field.text("omni-moderation-latest");
            }
            "unpriced" => settings.unpriced = read_unpriced(&field),
            "max_in_flight_requests_per_worker" | "global_max_parallel_requests" => {
                settings.admission.max_in_flight = field.whole(1, "1000");
            }
            "max_queued_requests_per_worker" => {
                settings.admission.max_queued = field.whole(0, "100");
            }
            "admission_queue_timeout_seconds" => settings.admission.max_wait = field.seconds("1"),
            "caller_overrides" => settings.caller_overrides = overrides(&field),
            "cancel_on_disconnect" => {
                if field.flag() == Some(false) {
                    field.warn("this is always on here", "");
                }
            }
            "decisions" => settings.decisions = field.whole(0, "10000"),
            _ => known::GENERAL.report(&field),
        }
    }
    settings.master_key = master_key;
    settings
}

fn model_name(field: &Cursor<'_>) -> Option<String> {
    field.text("gpt-4o").filter(|name| !name.is_empty())
}

/// The header that the key is shown in. One that could not be is an error: nobody would be let in.
fn header_name(field: &Cursor<'_>) -> Option<HeaderName> {
    let name = field.text("X-Litellm-Key")?;
    let parsed = name.parse().ok();
    if parsed.is_none() {
        field.mistyped(
            "the name of a header",
            "litellm_key_header_name: X-Litellm-Key",
        );
    }
    parsed
}

/// A size in MiB, as bytes.
fn megabytes(field: &Cursor<'_>) -> Option<usize> {
    const MIB: f64 = 1024.0 * 1024.0;
    let expected = "a number of megabytes, more than zero";
    let size = field.number(expected, "32")?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is no less than zero, and what is too large is the most there is"
    )]
    let bytes = (size * MIB) as usize;
    if bytes == 0 {
        field.mistyped(expected, "max_request_size_mb: 32");
        return None;
    }
    Some(bytes)
}

/// `all`, `none`, or a list of what callers may ask for.
fn overrides(field: &Cursor<'_>) -> Overrides {
    let names = || Control::ALL.map(Control::as_str).join(", ");
    if !field.is_list() {
        return match field.text("all").as_deref() {
            None | Some("all") => Overrides::ALL,
            Some("none") => Overrides::NONE,
            Some(_) => {
                let expected = format!("`all`, `none`, or a list of {}", names());
                field.mistyped(&expected, "caller_overrides: [timeout, retries]");
                Overrides::NONE
            }
        };
    }
    let mut overrides = Overrides::NONE;
    for item in field.items("caller_overrides: [timeout, retries]") {
        let Some(name) = item.name("timeout") else {
            continue;
        };
        match Control::from_name(&name) {
            Some(control) => overrides = overrides.allow(control),
            None => item.mistyped(&format!("one of {}", names()), "- timeout"),
        }
    }
    overrides
}

fn read_unpriced(field: &Cursor<'_>) -> Unpriced {
    match field.text("allow").as_deref() {
        None | Some("allow") => Unpriced::Allow,
        Some("deny") => Unpriced::Deny,
        Some("estimate") => Unpriced::Estimate,
        Some(_) => {
            field.mistyped("`allow`, `deny` or `estimate`", "unpriced: allow");
            Unpriced::default()
        }
    }
}

/// A key that is asked for but is not there would leave the gateway open, so it is an error where
/// LiteLLM goes on without.
fn read_master_key(field: &Cursor<'_>, has_other: bool) -> Option<Secret> {
    let missing = |at: &At, what: String, name: &str| {
        if has_other {
            let message = format!("{what}, so the key in `{MASTER_KEY}` is used");
            field.report().warn(at, message, format!("set `{name}`"));
        } else {
            field.report().error(
                at,
                format!("{what}, and without a key the gateway would serve every caller"),
                format!("set `{name}`, or remove this line to serve every caller"),
            );
        }
    };
    let key = field.secret(|name| {
        let what = format!("the environment variable `{name}` is not set or is empty");
        missing(field.at(), what, name);
    })?;
    if key.expose().is_empty() {
        missing(field.at(), "the key is empty".to_owned(), MASTER_KEY);
        return None;
    }
    Some(key)
}
