use std::borrow::Cow;
use std::fmt::{self, Write};

use serde_json::{Map, Value};
use steeplechase_core::Error;

use crate::fields::{Object, Path, kind, list, wrong};

/// A call that puts documents in order, in the neutral form. What is `None` or empty was not said.
#[derive(Clone, Default, PartialEq)]
pub struct RerankRequest {
    /// The model that the caller asks for.
    pub model: String,
    /// What is asked of the documents.
    pub query: String,
    /// The documents. Never empty after [`parse`](Self::parse).
    pub documents: Vec<Document>,
    /// How many of them are wanted, the best ones.
    pub top_n: Option<u64>,
    /// Whether they are to be in the answer.
    pub return_documents: Option<bool>,
    /// The fields of documents that count, in their order.
    pub rank_fields: Vec<String>,
    /// The most tokens of a document that count.
    pub max_tokens_per_doc: Option<u64>,
    /// Into how many chunks a document is cut at most.
    pub max_chunks_per_doc: Option<u64>,
    /// Top-level fields that have no place above, as they came.
    pub extra: Map<String, Value>,
}

/// One document.
#[derive(Clone, PartialEq)]
pub enum Document {
    /// An object. What counts is its `text`, unless the call says which fields do.
    Fields(Map<String, Value>),
    /// Words.
    Text(String),
}

// ===== impl RerankRequest =====

impl RerankRequest {
    /// Reads the bytes of a call in Cohere's dialect, of either version.
    ///
    /// # Errors
    ///
    /// [`Class::InvalidRequest`](steeplechase_core::Class) if the bytes are not JSON, or if a field is not
    /// what it has to be; [`Error::param`] names it.
    pub fn parse(raw: &[u8]) -> Result<Self, Error> {
        let mut body = Object::parse(raw)?;
        let documents = body.required("documents")?;
        let documents = self::documents(documents, &body.at("documents"))?;
        let top_n = body.count("top_n")?;
        if top_n == Some(0) {
            return Err(wrong(&body.at("top_n"), "must be at least 1"));
        }
        Ok(Self {
            model: body.string("model")?.unwrap_or_default(),
            query: body.required_string("query")?,
            documents,
            top_n,
            return_documents: body.boolean("return_documents")?,
            rank_fields: body.strings("rank_fields")?.unwrap_or_default(),
            max_tokens_per_doc: body.count("max_tokens_per_doc")?,
            max_chunks_per_doc: body.count("max_chunks_per_doc")?,
            extra: body.rest(),
        })
    }
}

impl fmt::Debug for RerankRequest {
    // The documents are somebody's: their number may reach a log, their words may not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RerankRequest")
            .field("model", &self.model)
            .field("documents", &self.documents.len())
            .field("top_n", &self.top_n)
            .finish_non_exhaustive()
    }
}

fn documents(value: Value, path: &Path<'_>) -> Result<Vec<Document>, Error> {
    let values = list(value, path)?;
    if values.is_empty() {
        return Err(wrong(path, "must have at least one document"));
    }
    let values = values.into_iter().enumerate();
    values
        .map(|(index, value)| match value {
            Value::String(text) => Ok(Document::Text(text)),
            Value::Object(fields) => Ok(Document::Fields(fields)),
            other => {
                let wanted = format_args!("must be a string or an object, not {}", kind(&other));
                Err(wrong(&Path::Index(path, index), wanted))
            }
        })
        .collect()
}

// ===== impl Document =====

impl Document {
    /// The document as a text, for a provider that takes no others.
    ///
    /// Of an object it is the `rank_fields`, or else its `text`, or else all of it: a line for each field.
    pub fn text(&self, rank_fields: &[String]) -> Cow<'_, str> {
        let fields = match self {
            Self::Text(text) => return Cow::Borrowed(text),
            Self::Fields(fields) => fields,
        };
        if !rank_fields.is_empty() {
            let chosen = rank_fields.iter();
            return lines(chosen.filter_map(|name| Some((name, fields.get(name)?)))).into();
        }
        match fields.get("text") {
            Some(Value::String(text)) => Cow::Borrowed(text),
            _ => lines(fields).into(),
        }
    }

    /// The document as it is in an answer.
    pub(super) fn into_fields(self) -> Map<String, Value> {
        match self {
            Self::Fields(fields) => fields,
            Self::Text(text) => Map::from_iter([("text".to_owned(), Value::String(text))]),
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fields(_) => "Fields",
            Self::Text(_) => "Text",
        })
    }
}

/// `name: value`, a line for each.
fn lines<'a>(fields: impl IntoIterator<Item = (&'a String, &'a Value)>) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        // Writing to a string cannot fail.
        let _ = match value {
            Value::String(value) => writeln!(text, "{name}: {value}"),
            value => writeln!(text, "{name}: {value}"),
        };
    }
    text.truncate(text.trim_end().len());
    text
}
