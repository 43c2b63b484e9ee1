use std::fmt::Write as _;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use steeplechase_core::{Chunk, Class, Error, Usage};

/// The answers of parts, as one.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// The vectors as they are written, with a comma before each but the first.
    data: String,
    count: usize,
    model: String,
    usage: Usage,
}

/// An answer in `OpenAI`'s dialect.
#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    data: Vec<Vector<'a>>,
    #[serde(default)]
    model: String,
}

#[derive(Deserialize)]
struct Vector<'a> {
    #[serde(borrow)]
    embedding: &'a RawValue,
}

// ===== impl Joined =====

impl Joined {
    /// Appends the answer of the next part.
    ///
    /// # Errors
    ///
    /// It is no list of vectors.
    pub(super) fn push(&mut self, answer: &[u8], usage: Option<Usage>) -> Result<(), Error> {
        let list: List<'_> = serde_json::from_slice(answer).map_err(|error| {
            Error::new(Class::Server, "the provider's answer cannot be read").with_source(error)
        })?;
        for Vector { embedding } in list.data {
            let comma = if self.count == 0 { "" } else { "," };
            // Writing to a text cannot fail.
            _ = write!(
                self.data,
                r#"{comma}{{"object":"embedding","index":{},"embedding":{}}}"#,
                self.count,
                embedding.get()
            );
            self.count += 1;
        }
        self.model = list.model;
        self.usage += usage.unwrap_or_default();
        Ok(())
    }

    /// All of them.
    pub(super) fn finish(self) -> (Chunk, Usage) {
        let Self {
            data, model, usage, ..
        } = self;
        let (prompt, total) = (usage.prompt, usage.total());
        let model = Value::String(model);
        let list = format!(
            r#"{{"object":"list","data":[{data}],"model":{model},"usage":{{"prompt_tokens":{prompt},"total_tokens":{total}}}}}"#
        );
        (Chunk::whole(Bytes::from(list)).and_usage(usage), usage)
    }
}
