use serde::Serialize;
use serde_json::value::RawValue;

/// What a tool is given, in a whole answer. It has to be an object, whatever the model wrote.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum WireInput<'a> {
    Empty {},
    Free { input: &'a str },
    NoJson { _raw: &'a str },
    Object(&'a RawValue),
}

/// Follows the text of a tool's input as it comes, and sees when it is complete.
///
/// A JSON value that is complete has nothing after it, so a call whose input is complete is too, whether or
/// not the provider says so.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is about another byte, and not a state of its own"
)]
pub(super) struct Progress {
    depth: u32,
    in_string: bool,
    is_escaped: bool,
    has_begun: bool,
    is_complete: bool,
}

// ===== impl WireInput =====

impl<'a> WireInput<'a> {
    pub(super) fn new(arguments: &'a str) -> Self {
        if arguments.trim().is_empty() {
            return Self::Empty {};
        }
        match serde_json::from_str::<&RawValue>(arguments) {
            Ok(raw) if raw.get().starts_with('{') => Self::Object(raw),
            _ => Self::NoJson { _raw: arguments },
        }
    }
}

// ===== impl Progress =====

impl Progress {
    pub(super) fn feed(&mut self, fragment: &str) {
        for byte in fragment.bytes() {
            if self.is_complete {
                return;
            }
            self.byte(byte);
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.in_string {
            self.in_string = self.is_escaped || byte != b'"';
            self.is_escaped = !self.is_escaped && byte == b'\\';
            return;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return,
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                // What is no object or array is complete when the provider says so.
                self.is_complete = self.depth == 0;
            }
            _ => {}
        }
        self.has_begun = true;
    }

    /// Whether there was anything but white space.
    pub(super) const fn has_begun(self) -> bool {
        self.has_begun
    }

    pub(super) const fn is_complete(self) -> bool {
        self.is_complete
    }
}
