use std::time::Duration;

use serde_json::Value;

/// What the provider says about a failure: a `google.rpc.Status`, taken apart.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    /// Its own status: `RESOURCE_EXHAUSTED`.
    pub(super) status: Option<String>,
    /// The status of HTTP that it has in mind.
    pub(super) code: Option<u16>,
    pub(super) text: String,
    /// `ErrorInfo`: what is wrong, for programs.
    pub(super) reason: Option<String>,
    /// `RetryInfo`: how long to wait.
    pub(super) retry_delay: Option<Duration>,
    /// `QuotaFailure`: which quotas are used up.
    pub(super) quotas: Vec<Quota>,
}

/// A quota that is used up.
#[derive(Debug)]
pub(super) struct Quota {
    /// What it is called, in lower case: `generaterequestsperdayperprojectpermodel`.
    pub(super) name: String,
    /// Whether there never was any of it.
    pub(super) is_zero: bool,
}

/// The most quotas that are looked at.
const MAX_QUOTAS: usize = 16;

// ===== impl Complaint =====

impl Complaint {
    pub(super) fn of(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Array(list)) => list.first().map(Self::of_json).unwrap_or_default(),
            Ok(value) => Self::of_json(&value),
            Err(_) => Self {
                text: String::from_utf8_lossy(body).into_owned(),
                ..Self::default()
            },
        }
    }

    fn of_json(body: &Value) -> Self {
        let error = body.get("error").unwrap_or(body);
        let text = error.get("message").unwrap_or(error);
        let code = error.get("code").and_then(Value::as_u64);
        let mut complaint = Self {
            status: error
                .get("status")
                .and_then(Value::as_str)
                .map(str::to_owned),
            code: code.and_then(|code| u16::try_from(code).ok()),
            text: text.as_str().unwrap_or_default().to_owned(),
            ..Self::default()
        };
        let details = error.get("details").and_then(Value::as_array);
        for detail in details.into_iter().flatten() {
            complaint.detail(detail);
        }
        complaint
    }

    fn detail(&mut self, detail: &Value) {
        let kind = detail.get("@type").and_then(Value::as_str).unwrap_or("");
        let (_, kind) = kind.rsplit_once('.').unwrap_or(("", kind));
        match kind {
            "ErrorInfo" => {
                let reason = detail.get("reason").and_then(Value::as_str);
                self.reason = reason.map(str::to_owned);
            }
            "RetryInfo" => {
                let delay = detail.get("retryDelay").and_then(Value::as_str);
                self.retry_delay = delay.and_then(seconds);
            }
            "QuotaFailure" => {
                let violations = detail.get("violations").and_then(Value::as_array);
                let violations = violations.into_iter().flatten().take(MAX_QUOTAS);
                self.quotas.extend(violations.map(Quota::of));
            }
            _ => {}
        }
    }
}

/// `27.5s`, as JSON has a duration of protobuf's.
fn seconds(delay: &str) -> Option<Duration> {
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

// ===== impl Quota =====

impl Quota {
    fn of(violation: &Value) -> Self {
        let text = |name: &str| violation.get(name).and_then(Value::as_str);
        let name = text("quotaId").or_else(|| text("description"));
        Self {
            name: name.unwrap_or_default().to_ascii_lowercase(),
            is_zero: text("quotaValue") == Some("0"),
        }
    }

    /// Whether it comes back tomorrow, and not in a moment.
    pub(super) fn is_long(&self) -> bool {
        self.is_zero || self.name.contains("perday") || self.name.contains("per day")
    }

    /// Whether it is of one model, and says nothing of the others.
    pub(super) fn is_of_model(&self) -> bool {
        let signs = ["permodel", "perbasemodel", "per_base_model"];
        signs.iter().any(|sign| self.name.contains(sign))
    }
}
