use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, BytesMut};
use serde::Serialize;
use steeplechase_core::{Chunk, Usage};

use super::Encoding;

/// The vectors of a call.
#[derive(Clone, Default, PartialEq)]
pub struct Embeddings {
    /// The model that has made them.
    pub model: String,
    /// One for each input, in its order.
    pub vectors: Vec<Vec<f32>>,
    /// What they have cost.
    pub usage: Usage,
}

#[derive(Serialize)]
struct WireList<'a> {
    object: &'static str,
    data: Vec<WireVector<'a>>,
    model: &'a str,
    usage: WireUsage,
}

#[derive(Serialize)]
struct WireVector<'a> {
    object: &'static str,
    index: usize,
    embedding: WireNumbers<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireNumbers<'a> {
    Base64(String),
    Float(&'a [f32]),
}

#[derive(Serialize)]
struct WireUsage {
    prompt_tokens: u64,
    total_tokens: u64,
}

// ===== impl Embeddings =====

impl Embeddings {
    /// Appends the vectors in `OpenAI`'s dialect.
    ///
    /// # Panics
    ///
    /// Never: the shapes are JSON, and memory takes all that is written.
    pub fn write(&self, encoding: Encoding, out: &mut BytesMut) {
        let vectors = self.vectors.iter().enumerate();
        let list = WireList {
            object: "list",
            data: vectors
                .map(|(index, numbers)| WireVector {
                    object: "embedding",
                    index,
                    embedding: WireNumbers::new(numbers, encoding),
                })
                .collect(),
            model: &self.model,
            usage: WireUsage {
                prompt_tokens: self.usage.prompt,
                total_tokens: self.usage.total(),
            },
        };
        serde_json::to_writer(out.writer(), &list).expect("the shapes of this module are JSON");
    }

    /// The answer to a caller.
    pub fn into_chunk(self, encoding: Encoding) -> Chunk {
        let mut out = BytesMut::new();
        self.write(encoding, &mut out);
        Chunk::whole(out.freeze()).and_usage(self.usage)
    }
}

impl fmt::Debug for Embeddings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embeddings")
            .field("model", &self.model)
            .field("vectors", &self.vectors.len())
            .field("usage", &self.usage)
            .finish()
    }
}

// ===== impl WireNumbers =====

impl<'a> WireNumbers<'a> {
    fn new(numbers: &'a [f32], encoding: Encoding) -> Self {
        match encoding {
            Encoding::Float => Self::Float(numbers),
            Encoding::Base64 => {
                let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
                Self::Base64(STANDARD.encode(bytes))
            }
        }
    }
}
