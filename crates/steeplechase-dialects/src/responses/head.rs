use bytes::{BufMut, BytesMut};
use steeplechase_core::Usage;

use super::items::{WireUsage, field};
use crate::chat::names::is_plain;
use crate::chat::{ids, put};

/// What never changes about a response.
pub(super) struct Head {
    /// What comes after `resp_` in its name, and is a part of those of its items.
    name: String,
    model: String,
    created: u64,
}

/// What changes about a response, as it is now.
pub(super) struct Snapshot<'a> {
    pub(super) status: &'a str,
    /// Why it is not complete.
    pub(super) reason: Option<&'a str>,
    /// The JSON of its items.
    pub(super) items: &'a [BytesMut],
    pub(super) usage: Option<&'a Usage>,
    pub(super) service_tier: Option<&'a str>,
    /// The fields that repeat the call.
    pub(super) repeated: &'a str,
}

/// The state of a response, or of an item, of which nothing is missing.
pub(super) const COMPLETED: &str = "completed";

// ===== impl Head =====

impl Head {
    /// The head of a response that is named after the provider's answer, if that has a name.
    pub(super) fn new(id: &str, model: &str, created: u64) -> Self {
        let name = match id.strip_prefix("resp_").unwrap_or(id) {
            name if !name.is_empty() && name.bytes().all(is_plain) => name.to_owned(),
            _ => ids::mint(""),
        };
        Self {
            name,
            model: model.to_owned(),
            created,
        }
    }

    /// The name of an item.
    pub(super) fn item(&self, kind: &str, index: usize) -> String {
        format!("{kind}{}_{index}", self.name)
    }

    /// Appends the response as it is.
    pub(super) fn write(&self, now: &Snapshot<'_>, out: &mut BytesMut) {
        out.put_slice(b"{\"id\":");
        put(out, &format_args!("resp_{}", self.name));
        field(out, "object", "response");
        field(out, "created_at", &self.created);
        field(out, "status", now.status);
        if now.status == COMPLETED {
            field(out, "completed_at", &ids::now().max(self.created));
        }
        field(out, "error", &());
        out.put_slice(b",\"incomplete_details\":");
        match now.reason {
            None => out.put_slice(b"null"),
            Some(reason) => {
                out.put_slice(b"{\"reason\":");
                put(out, reason);
                out.put_slice(b"}");
            }
        }
        field(out, "model", &self.model);
        out.put_slice(b",\"output\":[");
        for (index, item) in now.items.iter().enumerate() {
            if index > 0 {
                out.put_slice(b",");
            }
            out.put_slice(item);
        }
        out.put_slice(b"]");
        field(out, "usage", &now.usage.map(WireUsage::from));
        field(out, "service_tier", now.service_tier.unwrap_or("default"));
        if !now.repeated.is_empty() {
            out.put_slice(b",");
            out.put_slice(now.repeated.as_bytes());
        }
        out.put_slice(b"}");
    }
}
