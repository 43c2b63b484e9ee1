use std::fmt;

use bytes::{BufMut, BytesMut};
use serde::Serialize;
use serde_json::{Map, Value};
use steeplechase_core::{Chunk, Usage};

/// Documents in their order.
#[derive(Clone, Default, PartialEq)]
pub struct Ranking {
    /// The provider's name for the answer.
    pub id: String,
    /// The documents, the best one first.
    pub results: Vec<Ranked>,
    /// What it has cost.
    pub usage: Usage,
}

/// One of the documents.
#[derive(Clone, Default, PartialEq)]
pub struct Ranked {
    /// Its place among the documents of the call.
    pub index: usize,
    /// How well it answers the query. What the figure means is the provider's.
    pub score: f64,
    /// The document itself.
    pub document: Option<Map<String, Value>>,
}

#[derive(Serialize)]
struct Wire<'a> {
    id: &'a str,
    results: Vec<WireResult<'a>>,
    meta: WireMeta,
}

#[derive(Serialize)]
struct WireResult<'a> {
    index: usize,
    relevance_score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a Map<String, Value>>,
}

#[derive(Serialize)]
struct WireMeta {
    billed_units: WireUnits,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<WireTokens>,
}

#[derive(Serialize)]
struct WireUnits {
    #[serde(skip_serializing_if = "Option::is_none")]
    search_units: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_tokens: Option<u64>,
}

#[derive(Serialize)]
struct WireTokens {
    input_tokens: u64,
    output_tokens: u64,
}

// ===== impl Ranking =====

impl Ranking {
    /// Appends the ranking in Cohere's dialect, as callers of `LiteLLM` know it: with the tokens where the
    /// provider is paid for those.
    ///
    /// # Panics
    ///
    /// Never: the shapes are JSON, and memory takes all that is written.
    pub fn write(&self, out: &mut BytesMut) {
        let usage = &self.usage;
        let some = |amount: u64| (amount > 0).then_some(amount);
        let wire = Wire {
            id: &self.id,
            results: self.results.iter().map(WireResult::new).collect(),
            meta: WireMeta {
                billed_units: WireUnits {
                    search_units: some(usage.searches),
                    total_tokens: some(usage.total()),
                },
                tokens: some(usage.total()).map(|_| WireTokens {
                    input_tokens: usage.prompt,
                    output_tokens: usage.completion,
                }),
            },
        };
        serde_json::to_writer(out.writer(), &wire).expect("the shapes of this module are JSON");
    }

    /// The answer to a caller.
    pub fn into_chunk(self) -> Chunk {
        let mut out = BytesMut::new();
        self.write(&mut out);
        Chunk::whole(out.freeze()).and_usage(self.usage)
    }
}

impl fmt::Debug for Ranking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ranking")
            .field("id", &self.id)
            .field("results", &self.results)
            .field("usage", &self.usage)
            .finish()
    }
}

// ===== impl Ranked =====

impl fmt::Debug for Ranked {
    // The document is somebody's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ranked")
            .field("index", &self.index)
            .field("score", &self.score)
            .finish_non_exhaustive()
    }
}

// ===== impl WireResult =====

impl<'a> WireResult<'a> {
    fn new(ranked: &'a Ranked) -> Self {
        Self {
            index: ranked.index,
            relevance_score: ranked.score,
            document: ranked.document.as_ref(),
        }
    }
}
