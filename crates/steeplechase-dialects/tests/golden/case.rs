//! A case, as it is written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

/// One case. See the [crate](crate) for its fields.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) provider: Provider,
    #[serde(default = "chat_completions")]
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default = "hi")]
    pub(crate) call: Value,
    pub(crate) sent: Option<Sent>,
    pub(crate) upstream: Option<Upstream>,
    pub(crate) answer: Option<Value>,
    pub(crate) chunks: Option<Vec<Value>>,
    pub(crate) events: Option<Vec<Value>>,
    pub(crate) error: Option<Failure>,
    pub(crate) dropped: Option<Vec<String>>,
    pub(crate) usage: Option<BTreeMap<String, u64>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provider {
    pub(crate) dialect: String,
    pub(crate) name: Option<String>,
    #[serde(default = "native_model")]
    pub(crate) model: String,
    pub(crate) base_model: Option<String>,
    #[serde(default)]
    pub(crate) platform: Value,
    pub(crate) base_url: Option<String>,
    #[serde(default = "key")]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) drop_params: bool,
    pub(crate) max_tokens: Option<u32>,
    pub(crate) params: Option<Value>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) absent: Vec<String>,
    pub(crate) body: Option<Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upstream {
    #[serde(default = "ok")]
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: Value,
    pub(crate) events: Option<Vec<Value>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    pub(crate) class: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) param: Option<String>,
    pub(crate) retry_after_ms: Option<u64>,
    pub(crate) says: Option<String>,
}

/// All cases, of all files.
pub(crate) fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "jsonl"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.is_empty())
        {
            let name = file.file_name().unwrap().to_string_lossy();
            let case = serde_json::from_str(line);
            cases.push(case.unwrap_or_else(|e| panic!("{name}:{}: {e}", number + 1)));
        }
    }
    cases
}

// ===== impl Case =====

impl Case {
    /// Whether the provider streams a whole answer to it.
    pub(crate) fn is_stream(&self) -> bool {
        let upstream = self.upstream.as_ref();
        upstream.is_some_and(|upstream| upstream.events.is_some())
    }

    pub(crate) fn expects_something(&self) -> bool {
        self.sent.is_some()
            || self.answer.is_some()
            || self.chunks.is_some()
            || self.events.is_some()
            || self.error.is_some()
            || self.dropped.is_some()
            || self.usage.is_some()
    }
}

fn chat_completions() -> String {
    "/v1/chat/completions".into()
}

fn hi() -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
}

fn native_model() -> String {
    "native-m".into()
}

fn key() -> String {
    "K".into()
}

const fn ok() -> u16 {
    200
}
