use serde_json::Value;
use steeplechase_core::controls::Mock;
use steeplechase_core::{Class, Error, Phase};

use super::body::class_of;
use super::value::{flag, seconds, wrong};
use super::{Control, Reader};

// ===== impl Reader =====

impl Reader {
    /// Reads a field that asks for something that does not happen.
    pub(super) fn mock(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        match name {
            "mock_response" => {
                let answer = match value {
                    Value::Null => return Ok(()),
                    Value::String(text) => answer(text),
                    _ => return Err(wrong(name, "a text")),
                };
                if self.allows(Control::Mock, "mock_response") {
                    self.mocked(answer);
                }
            }
            "mock_delay" => {
                let delay = seconds(name, value)?;
                if delay.is_some() && self.allows(Control::Mock, "mock_response") {
                    let mock = self.controls.mock.get_or_insert_with(nothing);
                    mock.delay = delay;
                }
            }
            "mock_timeout" => {
                if flag(name, value)? && self.allows(Control::Mock, "mock_response") {
                    self.mocked(Err(Class::Timeout(Phase::Total)));
                }
            }
            _ => {
                let class = match name {
                    "mock_testing_fallbacks" => Class::Server,
                    "mock_testing_context_fallbacks" => Class::ContextWindow,
                    "mock_testing_content_policy_fallbacks" => Class::ContentPolicy,
                    "mock_testing_rate_limit_error" => Class::RateLimited,
                    _ => return Ok(()),
                };
                if flag(name, value)? && self.allows(Control::Mock, "mock_testing_fallbacks") {
                    self.controls.fail_first = Some(class);
                }
            }
        }
        Ok(())
    }

    fn mocked(&mut self, answer: Result<std::sync::Arc<str>, Class>) {
        let delay = self.controls.mock.take().and_then(|mock| mock.delay);
        let mut mock = Mock::new(answer);
        mock.delay = delay;
        self.controls.mock = Some(mock);
    }
}

fn nothing() -> Mock {
    Mock::new(Ok("".into()))
}

/// What a text of `mock_response` stands for.
pub fn mock_of(text: &str) -> Mock {
    Mock::new(answer(text))
}

/// What is answered: the text, or the failure that it names.
fn answer(text: &str) -> Result<std::sync::Arc<str>, Class> {
    if let Some(class) = text.strip_prefix("litellm.").and_then(class_of) {
        return Err(class);
    }
    match text {
        "Exception: content_filter_policy" => Err(Class::ContentPolicy),
        _ if text.starts_with("Exception: ") => Err(Class::Server),
        _ => Ok(text.into()),
    }
}
