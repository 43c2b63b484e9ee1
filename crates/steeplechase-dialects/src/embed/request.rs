use std::fmt;

use serde_json::{Map, Value};
use steeplechase_core::{Class, Error};

use crate::fields::{Object, Path, list, string, wrong};

/// A call for vectors, in the neutral form. What is `None` was not said.
#[derive(Clone, Default, PartialEq)]
pub struct EmbedRequest {
    /// The model that the caller asks for.
    pub model: String,
    /// What is to become vectors, one of each. Never empty after [`parse`](Self::parse).
    pub input: Vec<Input>,
    /// How many numbers a vector is to have.
    pub dimensions: Option<u64>,
    /// How the numbers are to be written.
    pub encoding: Encoding,
    /// The caller's user.
    pub user: Option<String>,
    /// What the vectors are for, in the provider's words. Not in `OpenAI`'s dialect, but known to many
    /// as `input_type` or `task_type`.
    pub input_type: Option<String>,
    /// Top-level fields that have no place above, as they came.
    pub extra: Map<String, Value>,
}

/// What is to become a vector.
#[derive(Clone, PartialEq)]
pub enum Input {
    /// Words.
    Text(String),
    /// The tokens of words, in the model's own numbers.
    Tokens(Vec<u64>),
}

/// How the numbers of a vector are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Encoding {
    /// The bytes of little-endian `f32`s, in base64.
    Base64,
    /// As numbers.
    #[default]
    Float,
}

// ===== impl EmbedRequest =====

impl EmbedRequest {
    /// Reads the bytes of a call in `OpenAI`'s dialect.
    ///
    /// # Errors
    ///
    /// [`Class::InvalidRequest`] if the bytes are not JSON, or if a field is not what it has to be;
    /// [`Error::param`] names it.
    pub fn parse(raw: &[u8]) -> Result<Self, Error> {
        let mut body = Object::parse(raw)?;
        let input = body.required("input")?;
        let input = inputs(input, &body.at("input"))?;
        let encoding = match body.string("encoding_format")?.as_deref() {
            None | Some("float") => Encoding::Float,
            Some("base64") => Encoding::Base64,
            Some(_) => {
                let path = body.at("encoding_format");
                return Err(wrong(&path, "must be float or base64"));
            }
        };
        let input_type = body.string("input_type")?;
        Ok(Self {
            model: body.string("model")?.unwrap_or_default(),
            input,
            dimensions: body.count("dimensions")?,
            encoding,
            user: body.string("user")?,
            input_type: input_type.or(body.string("task_type")?),
            extra: body.rest(),
        })
    }

    /// The input as texts, for a provider that does not know the caller's tokens.
    ///
    /// # Errors
    ///
    /// [`Class::Unsupported`] if some of it is in tokens.
    pub fn texts(&self) -> Result<Vec<&str>, Error> {
        let texts = self.input.iter().map(|input| match input {
            Input::Text(text) => Ok(text.as_str()),
            Input::Tokens(_) => {
                let message = "input is not supported: the provider takes texts and no tokens";
                Err(Error::new(Class::Unsupported, message)
                    .with_code("unsupported_parameter")
                    .with_param("input"))
            }
        });
        texts.collect()
    }
}

impl fmt::Debug for EmbedRequest {
    // The input is somebody's text: its shape may reach a log, its words may not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbedRequest")
            .field("model", &self.model)
            .field("input", &self.input.len())
            .field("dimensions", &self.dimensions)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Tokens(_) => "Tokens",
        })
    }
}

const WANTED: &str = "must be a string, an array of strings, or tokens";

/// One text, several, the tokens of one, or those of several.
fn inputs(value: Value, path: &Path<'_>) -> Result<Vec<Input>, Error> {
    let values = match value {
        Value::String(text) => return Ok(vec![Input::Text(text)]),
        Value::Array(values) if values.is_empty() => {
            return Err(wrong(path, "must have at least one text"));
        }
        Value::Array(values) if values.iter().all(Value::is_number) => {
            return Ok(vec![tokens(values, path)?]);
        }
        Value::Array(values) => values.into_iter().enumerate(),
        _ => return Err(wrong(path, WANTED)),
    };
    values
        .map(|(index, value)| {
            let path = Path::Index(path, index);
            match value {
                Value::Array(_) => tokens(list(value, &path)?, &path),
                value => string(value, &path).map(Input::Text),
            }
        })
        .collect()
}

fn tokens(values: Vec<Value>, path: &Path<'_>) -> Result<Input, Error> {
    let tokens = values.into_iter().enumerate().map(|(index, token)| {
        let path = Path::Index(path, index);
        let token = token.as_u64();
        token.ok_or_else(|| wrong(&path, "must be a token: a whole number, not negative"))
    });
    tokens.collect::<Result<_, _>>().map(Input::Tokens)
}
