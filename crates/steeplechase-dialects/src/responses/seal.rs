use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use steeplechase_core::Dialect;

use crate::chat::ThinkingBlock;

/// What a provider has sealed and wants to be shown again, as a caller carries it from one call to the
/// next: in the `encrypted_content` of an item of reasoning.
///
/// ```text
/// stc1.eyJieSI6ImFudGhyb3BpYyIsImJsb2NrcyI6W3si….nFq2mCr4wXQy
/// ──── ──────────────────────────────────────── ────────────
/// form JSON: who has sealed it, blocks, calls    a part of its SHA-256
/// ```
///
/// The seals are the provider's, who checks them. Ours is to tell what is damaged from what is whole,
/// and what is another provider's.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Sealed {
    pub(super) blocks: Vec<ThinkingBlock>,
    /// The names of calls, and the seals on them.
    pub(super) calls: Vec<(String, String)>,
}

/// The form, and its version.
pub(super) const FORM: &str = "stc1.";

/// The most bytes that a caller is asked to carry.
const MAX_BYTES: usize = 1024 * 1024;

/// How many bytes of the hash there are.
const CHECK_BYTES: usize = 9;

#[derive(Deserialize, Serialize)]
struct Wire {
    by: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<WireBlock>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calls: Vec<(String, String)>,
}

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum WireBlock {
    Redacted {
        data: String,
    },
    Thinking {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seal: Option<String>,
    },
}

// ===== impl Sealed =====

impl Sealed {
    /// What a caller carries. `None` if there is nothing, or more than a caller is asked to.
    pub(super) fn write(self, by: Dialect) -> Option<String> {
        if self.blocks.is_empty() && self.calls.is_empty() {
            return None;
        }
        let wire = Wire {
            by: by.as_str().to_owned(),
            blocks: self.blocks.into_iter().map(WireBlock::from).collect(),
            calls: self.calls,
        };
        let json = serde_json::to_vec(&wire).ok()?;
        if json.len() > MAX_BYTES {
            return None;
        }
        let content = URL_SAFE_NO_PAD.encode(&json);
        Some(format!("{FORM}{content}.{}", check(&json)))
    }

    /// Reads what a caller has carried, and who has sealed it. `None` if it is none of ours, or damaged.
    pub(super) fn read(text: &str) -> Option<(Self, Dialect)> {
        let (content, sum) = text.strip_prefix(FORM)?.split_once('.')?;
        let json = URL_SAFE_NO_PAD.decode(content).ok()?;
        if check(&json) != sum {
            return None;
        }
        let wire: Wire = serde_json::from_slice(&json).ok()?;
        let mut dialects = Dialect::ALL.into_iter();
        let by = dialects.find(|dialect| dialect.as_str() == wire.by)?;
        let sealed = Self {
            blocks: wire.blocks.into_iter().map(ThinkingBlock::from).collect(),
            calls: wire.calls,
        };
        Some((sealed, by))
    }
}

fn check(json: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(json)[..CHECK_BYTES])
}

// ===== impl WireBlock =====

impl From<ThinkingBlock> for WireBlock {
    fn from(block: ThinkingBlock) -> Self {
        match block {
            ThinkingBlock::Redacted { data } => Self::Redacted { data },
            ThinkingBlock::Thinking { text, signature } => Self::Thinking {
                text,
                seal: signature,
            },
        }
    }
}

impl From<WireBlock> for ThinkingBlock {
    fn from(block: WireBlock) -> Self {
        match block {
            WireBlock::Redacted { data } => Self::Redacted { data },
            WireBlock::Thinking { text, seal } => Self::Thinking {
                text,
                signature: seal,
            },
        }
    }
}
