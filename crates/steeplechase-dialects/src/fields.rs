//! Reads a JSON tree field by field, and knows where it is when something is wrong.

use std::fmt;

use serde_json::Map;
use serde_json::Value;
use steeplechase_core::Class;
use steeplechase_core::Error;

use crate::json;

/// Where in a call something is. Written out only if it is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    Root,
    Key(&'p Self, &'p str),
    Index(&'p Self, usize),
}

/// An object of which one field after the other is taken, until the unknown ones are left.
pub(crate) struct Object<'p> {
    fields: Map<String, Value>,
    path: &'p Path<'p>,
}

/// A `400` that names the field.
pub(crate) fn wrong(path: &Path<'_>, wanted: impl fmt::Display) -> Error {
    let message = match path {
        Path::Root => format!("the body {wanted}"),
        _ => format!("{path} {wanted}"),
    };
    let error = Error::new(Class::InvalidRequest, message).with_code("invalid_value");
    match path {
        Path::Root => error,
        _ => error.with_param(path.to_string()),
    }
}

pub(crate) fn string(value: Value, path: &Path<'_>) -> Result<String, Error> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong(
            path,
            format_args!("must be a string, not {}", kind(&other)),
        )),
    }
}

pub(crate) fn list(value: Value, path: &Path<'_>) -> Result<Vec<Value>, Error> {
    match value {
        Value::Array(values) => Ok(values),
        other => Err(wrong(
            path,
            format_args!("must be an array, not {}", kind(&other)),
        )),
    }
}

pub(crate) fn object(value: Value, path: &Path<'_>) -> Result<Map<String, Value>, Error> {
    match value {
        Value::Object(fields) => Ok(fields),
        other => Err(wrong(
            path,
            format_args!("must be an object, not {}", kind(&other)),
        )),
    }
}

pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

// ===== impl Path =====

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Path::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

// ===== impl Object =====

impl Object<'static> {
    /// Reads the body of a call.
    pub(crate) fn parse(raw: &[u8]) -> Result<Self, Error> {
        let value: Value = json::from_slice(raw).map_err(|error| {
            let message = format!("the body is not JSON: {error}");
            Error::new(Class::InvalidRequest, message).with_code("invalid_json")
        })?;
        Object::new(value, &Path::Root)
    }
}

impl<'p> Object<'p> {
    pub(crate) fn new(value: Value, path: &'p Path<'p>) -> Result<Self, Error> {
        Ok(Self {
            fields: object(value, path)?,
            path,
        })
    }

    /// Where a field of the object is.
    pub(crate) fn at<'k>(&'k self, key: &'k str) -> Path<'k> {
        Path::Key(self.path, key)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Looks at a field. `null` is none.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    /// Takes a field. `null` is none.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        self.fields
            .shift_remove(key)
            .filter(|value| !value.is_null())
    }

    pub(crate) fn required(&mut self, key: &str) -> Result<Value, Error> {
        self.take(key)
            .ok_or_else(|| wrong(&Path::Key(self.path, key), "is required"))
    }

    pub(crate) fn string(&mut self, key: &str) -> Result<Option<String>, Error> {
        self.typed(key, string)
    }

    pub(crate) fn required_string(&mut self, key: &str) -> Result<String, Error> {
        let value = self.required(key)?;
        let path = self.at(key);
        let text = string(value, &path)?;
        if text.is_empty() {
            return Err(wrong(&path, "must not be empty"));
        }
        Ok(text)
    }

    pub(crate) fn list(&mut self, key: &str) -> Result<Option<Vec<Value>>, Error> {
        self.typed(key, list)
    }

    pub(crate) fn object(&mut self, key: &str) -> Result<Option<Map<String, Value>>, Error> {
        self.typed(key, object)
    }

    pub(crate) fn boolean(&mut self, key: &str) -> Result<Option<bool>, Error> {
        self.typed(key, |value, path| {
            value.as_bool().ok_or_else(|| {
                wrong(
                    path,
                    format_args!("must be a boolean, not {}", kind(&value)),
                )
            })
        })
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&mut self, key: &str) -> Result<Option<u64>, Error> {
        self.typed(key, |value, path| {
            let whole = value.as_u64().or_else(|| whole(value.as_f64()?));
            whole.ok_or_else(|| wrong(path, "must be a whole number, not negative"))
        })
    }

    pub(crate) fn integer(&mut self, key: &str) -> Result<Option<i64>, Error> {
        self.typed(key, |value, path| {
            value
                .as_i64()
                .ok_or_else(|| wrong(path, "must be a whole number"))
        })
    }

    /// A number within bounds, which are part of them.
    pub(crate) fn number(&mut self, key: &str, low: f64, high: f64) -> Result<Option<f64>, Error> {
        self.typed(key, |value, path| {
            value
                .as_f64()
                .filter(|number| (low..=high).contains(number))
                .ok_or_else(|| wrong(path, format_args!("must be a number from {low} to {high}")))
        })
    }

    pub(crate) fn strings(&mut self, key: &str) -> Result<Option<Vec<String>>, Error> {
        self.typed(key, |value, path| {
            let values = list(value, path)?;
            let strings = values.into_iter().enumerate();
            strings
                .map(|(index, value)| string(value, &Path::Index(path, index)))
                .collect()
        })
    }

    /// What was not taken, without its `null`s.
    pub(crate) fn rest(mut self) -> Map<String, Value> {
        self.fields.retain(|_, value| !value.is_null());
        self.fields
    }

    fn typed<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(Value, &Path<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match self.take(key) {
            Some(value) => read(value, &self.at(key)).map(Some),
            None => Ok(None),
        }
    }
}

/// `4096.0`, as some languages write a whole number.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 || !(0.0..EXACT).contains(&number) {
        return None;
    }
    // Within the range in which every whole number is exact, its digits are the number's.
    format!("{number:.0}").parse().ok()
}
