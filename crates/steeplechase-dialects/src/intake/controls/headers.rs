use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use steeplechase_core::Error;
use steeplechase_core::controls::Leg;

use super::value::{flag, listed, text, whole};
use super::{Control, Reader};

/// What LiteLLM's names begin with, and what ours do.
const PREFIXES: [&str; 2] = ["x-litellm-", "x-steeplechase-"];

/// How often an SDK has made the same call before.
const RETRY_COUNT: &str = "x-stainless-retry-count";

/// How many milliseconds the caller waits, as Envoy and others have it.
const TIMEOUT_MS: &str = "x-request-timeout-ms";

/// Whether any header may say something.
pub(super) fn is_any(headers: &HeaderMap) -> bool {
    headers.iter().any(|(name, value)| is_one(name, value))
}

fn is_one(name: &HeaderName, value: &HeaderValue) -> bool {
    let name = name.as_str();
    // SDKs say that they have not tried before, too.
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || name == TIMEOUT_MS
        || (name == RETRY_COUNT && value != "0")
}

// ===== impl Reader =====

impl Reader {
    /// Reads the headers, which go before the body. One that nobody listens to is passed over.
    pub(super) fn headers(&mut self, headers: &HeaderMap) -> Result<(), Error> {
        for (header, value) in headers {
            if !is_one(header, value) {
                continue;
            }
            let name = header.as_str();
            // What is no text is none that means anything to whoever listens to it.
            let text = String::from_utf8_lossy(value.as_bytes());
            let value = Value::String(text.clone().into_owned());
            if name == RETRY_COUNT {
                self.controls.is_retry = text.parse::<u32>().is_ok_and(|count| count > 0);
            } else if name == TIMEOUT_MS {
                self.timeout_ms(name, &value)?;
            } else if let Some(short) = PREFIXES.iter().find_map(|it| name.strip_prefix(it)) {
                self.header(name, short, &value)?;
            }
        }
        Ok(())
    }

    fn header(&mut self, name: &str, short: &str, value: &Value) -> Result<(), Error> {
        match short {
            "num-retries" => self.field(name, value),
            "timeout" | "stream-timeout" => self.timeout(name, value),
            "tags" => self.tags(name, value),
            "priority" => self.priority(name, value),
            "keepalive-seconds" => self.keepalive(name, value),
            "hedge" => self.hedge(name, value),
            "race" => self.race(name, value),
            "session-id" | "session" => {
                let session = text(name, value)?;
                if session.is_some() && self.allows(Control::Tags, "litellm_session_id") {
                    self.controls.session = session;
                }
                Ok(())
            }
            "fallbacks" => {
                let models = listed(value.as_str().unwrap_or_default());
                if self.allows(Control::Fallbacks, "fallbacks") {
                    self.controls.fallbacks = Some(models.into_iter().map(Leg::to).collect());
                }
                Ok(())
            }
            "disable-fallbacks" => {
                self.controls.disable_fallbacks = flag(name, value)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn timeout_ms(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let millis = whole(name, value, 1, i64::from(i32::MAX))?;
        let millis = millis.and_then(|millis| u64::try_from(millis).ok());
        if let Some(millis) = millis {
            self.timeout_of(Duration::from_millis(millis), false);
        }
        Ok(())
    }
}
