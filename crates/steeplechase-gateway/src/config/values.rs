//! The typed getters of a [`Cursor`]: as lenient with numbers as LiteLLM, and no more.

use std::time::Duration;

use super::node::{Cursor, Resolved};
use super::secret::Secret;

impl Cursor<'_> {
    /// A text. Numbers are refused: YAML has lost how they were written (`1.10` is `1.1`).
    pub(super) fn text(&self, example: &str) -> Option<String> {
        match self.resolve() {
            Resolved::Nothing => None,
            Resolved::Text(text) => Some(text.to_owned()),
            Resolved::Variable { value, .. } => Some(value),
            Resolved::Whole(_) | Resolved::Number(_) | Resolved::Flag(_) => {
                self.mistyped(
                    "a text, in quotes",
                    &self.example(&format!("\"{example}\"")),
                );
                None
            }
            Resolved::List | Resolved::Map => {
                self.mistyped("a text", &self.example(example));
                None
            }
        }
    }

    /// A text, or a whole number that serves as one.
    pub(super) fn identifier(&self, example: &str) -> Option<String> {
        match self.resolve() {
            Resolved::Whole(number) => Some(number.to_string()),
            Resolved::Nothing => None,
            Resolved::Variable { value, .. } => Some(value),
            _ => self.text(example),
        }
    }

    /// A secret. `missing` is told the name of a variable that is not set or is empty. What is
    /// written is never shown.
    pub(super) fn secret(&self, missing: impl Fn(&str)) -> Option<Secret> {
        match self.resolve_or(&missing) {
            Resolved::Nothing => None,
            Resolved::Variable { name, value } if value.is_empty() => {
                missing(name);
                None
            }
            Resolved::Variable { value, .. } => Some(Secret::new(value)),
            Resolved::Text(text) => Some(Secret::new(text)),
            _ => {
                self.error(
                    "expected a text",
                    format!(
                        "put it in quotes, or write `{}: os.environ/NAME`",
                        self.key()
                    ),
                );
                None
            }
        }
    }

    /// A whole number of at least `least`.
    pub(super) fn whole<T: TryFrom<i128>>(&self, least: i128, example: &str) -> Option<T> {
        let number = match self.resolve() {
            Resolved::Nothing => return None,
            Resolved::Whole(number) => Some(i128::from(number)),
            Resolved::Number(number) => whole_of(number),
            Resolved::Text(text) => parse_whole(text),
            Resolved::Variable { value, .. } => parse_whole(&value),
            Resolved::Flag(_) | Resolved::List | Resolved::Map => None,
        };
        let Some(number) = number else {
            self.mistyped("a whole number", &self.example(example));
            return None;
        };
        let value = (number >= least)
            .then(|| T::try_from(number).ok())
            .flatten();
        if value.is_none() {
            let expected = if number < least {
                format!("a whole number of at least {least}")
            } else {
                "a smaller whole number".to_owned()
            };
            self.mistyped(&expected, &self.example(example));
        }
        value
    }

    /// A finite number that is not negative.
    pub(super) fn number(&self, expected: &str, example: &str) -> Option<f64> {
        let number = match self.resolve() {
            Resolved::Nothing => return None,
            #[expect(clippy::cast_precision_loss, reason = "no setting needs 53 bits")]
            Resolved::Whole(number) => Some(number as f64),
            Resolved::Number(number) => Some(number),
            Resolved::Text(text) => parse_number(text),
            Resolved::Variable { value, .. } => parse_number(&value),
            Resolved::Flag(_) | Resolved::List | Resolved::Map => None,
        };
        let number = number.filter(|number| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            self.mistyped(expected, &self.example(example));
        }
        number
    }

    /// A time in seconds; zero is zero.
    pub(super) fn seconds(&self, example: &str) -> Option<Duration> {
        let expected = "a number of seconds, zero or more";
        let seconds = self.number(expected, example)?;
        let duration = Duration::try_from_secs_f64(seconds).ok();
        if duration.is_none() {
            self.mistyped(expected, &self.example(example));
        }
        duration
    }

    /// A limit of time in seconds; zero sets none, as in LiteLLM.
    pub(super) fn limit(&self, example: &str) -> Option<Duration> {
        let limit = self.seconds(example)?;
        if limit.is_zero() {
            self.warn(
                "0 sets no limit here: the next wider setting applies",
                format!("write for example `{}`", self.example(example)),
            );
            return None;
        }
        Some(limit)
    }

    /// Yes or no.
    pub(super) fn flag(&self) -> Option<bool> {
        let flag = match self.resolve() {
            Resolved::Nothing => return None,
            Resolved::Flag(flag) => Some(flag),
            Resolved::Whole(0) => Some(false),
            Resolved::Whole(1) => Some(true),
            Resolved::Text(text) => parse_flag(text),
            Resolved::Variable { value, .. } => parse_flag(&value),
            _ => None,
        };
        if flag.is_none() {
            self.mistyped("`true` or `false`", &self.example("true"));
        }
        flag
    }

    /// A list of texts.
    pub(super) fn texts(&self, example: &str) -> Option<Vec<String>> {
        if self.is_null() {
            return None;
        }
        let items = self.items(&self.example(&format!("[{example}]")));
        Some(items.iter().filter_map(|item| item.name(example)).collect())
    }

    /// An item of a list, which must be a text.
    pub(super) fn name(&self, example: &str) -> Option<String> {
        if let Resolved::Text(text) = self.resolve() {
            return Some(text.to_owned());
        }
        self.mistyped("a text", &format!("- \"{example}\""));
        None
    }

    fn example(&self, value: &str) -> String {
        format!("{}: {value}", self.key())
    }
}

/// YAML 1.1 and Python allow `1_000`.
fn without_separators(text: &str) -> String {
    text.trim().replace('_', "")
}

fn parse_whole(text: &str) -> Option<i128> {
    let text = without_separators(text);
    let parsed = text.parse::<i64>().ok().map(i128::from);
    parsed.or_else(|| text.parse::<f64>().ok().and_then(whole_of))
}

fn parse_number(text: &str) -> Option<f64> {
    without_separators(text).parse().ok()
}

fn whole_of(number: f64) -> Option<i128> {
    // Within 2^63 the cast is exact, and NaN is not within.
    let exact = number.fract() == 0.0 && number.abs() < 9.2e18;
    #[expect(clippy::cast_possible_truncation, reason = "checked in the line above")]
    exact.then_some(number as i128)
}

fn parse_flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "t" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "f" | "0" => Some(false),
        _ => None,
    }
}
