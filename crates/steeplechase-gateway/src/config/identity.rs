//! The name of a deployment that was given none.

use super::yaml::{Node, Value};

/// A name made of `model_name`, of `params` as they are written, and of the organization that one
/// of several deployments of the same entry is for.
pub(super) fn of(model_name: &str, params: &Node, organization: Option<&str>) -> String {
    let mut hash = Fnv::default();
    hash.text(model_name);
    hash.node(params);
    if let Some(organization) = organization {
        hash.text(organization);
    }
    format!("{:016x}", hash.0)
}

/// The 64-bit FNV-1a hash: <http://www.isthe.com/chongo/tech/comp/fnv/>. It must stay what it is:
/// the names it makes are in other people's dashboards.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// The length keeps `("ab", "c")` apart from `("a", "bc")`.
    fn length(&mut self, length: usize) {
        self.bytes(&(length as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes(text.as_bytes());
    }

    fn node(&mut self, node: &Node) {
        match &node.value {
            Value::Null => self.bytes(b"n"),
            Value::Bool(value) => self.bytes(&[b'b', u8::from(*value)]),
            Value::Int(value) => {
                self.bytes(b"i");
                self.bytes(&value.to_le_bytes());
            }
            Value::Float(value) => {
                self.bytes(b"f");
                self.bytes(&value.to_bits().to_le_bytes());
            }
            Value::Text(text) => {
                self.bytes(b"t");
                self.text(text);
            }
            Value::List(items) => {
                self.bytes(b"l");
                self.length(items.len());
                for item in items {
                    self.node(item);
                }
            }
            Value::Map(entries) => {
                self.bytes(b"m");
                self.length(entries.len());
                for entry in entries {
                    self.text(&entry.key);
                    self.node(&entry.node);
                }
            }
        }
    }
}
