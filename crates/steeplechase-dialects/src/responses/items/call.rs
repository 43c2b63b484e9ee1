use std::fmt;

use bytes::BytesMut;

use super::frames::{Page, field};
use super::wire::WireItem;

/// A tool that the model calls.
pub(in crate::responses) struct Call {
    /// The decoder's number of the call.
    number: u64,
    /// By which its result refers to it. The item has another.
    id: String,
    name: String,
    namespace: Option<String>,
    is_custom: bool,
    input: String,
}

/// How a call starts.
#[derive(Clone, Copy)]
pub(in crate::responses) struct Start<'a> {
    pub(in crate::responses) number: u64,
    pub(in crate::responses) call_id: &'a str,
    pub(in crate::responses) name: &'a str,
    pub(in crate::responses) namespace: Option<&'a str>,
    pub(in crate::responses) is_custom: bool,
}

// ===== impl Call =====

impl Call {
    pub(in crate::responses) fn open(start: Start<'_>, page: &mut Page<'_>) -> Self {
        let call = Self {
            number: start.number,
            id: start.call_id.to_owned(),
            name: start.name.to_owned(),
            namespace: start.namespace.map(str::to_owned),
            is_custom: start.is_custom,
            input: String::new(),
        };
        page.added(&call.wire("in_progress", &page.place.id));
        call
    }

    pub(in crate::responses) const fn number(&self) -> u64 {
        self.number
    }

    /// Gives it more.
    pub(in crate::responses) fn give(&mut self, fragment: &str, page: &mut Page<'_>) {
        self.input.push_str(fragment);
        let name = if self.is_custom {
            "custom_tool_call_input.delta"
        } else {
            "function_call_arguments.delta"
        };
        page.about(name, |out| field(out, "delta", fragment));
    }

    /// Completes the call. Gives back its JSON.
    pub(in crate::responses) fn close(
        mut self,
        status: &'static str,
        page: &mut Page<'_>,
    ) -> BytesMut {
        // Callers parse what a function is given, so it is given something.
        if self.input.is_empty() && !self.is_custom {
            self.give("{}", page);
        }
        if self.is_custom {
            page.about("custom_tool_call_input.done", |out| {
                field(out, "input", &self.input);
            });
        } else {
            page.about("function_call_arguments.done", |out| {
                field(out, "name", &self.name);
                field(out, "arguments", &self.input);
            });
        }
        page.done(&self.wire(status, &page.place.id))
    }

    fn wire<'a>(&'a self, status: &'static str, id: &'a str) -> WireItem<'a> {
        let (call_id, name) = (&self.id, &self.name);
        let namespace = self.namespace.as_deref();
        if self.is_custom {
            return WireItem::CustomToolCall {
                id,
                status,
                call_id,
                name,
                namespace,
                input: &self.input,
            };
        }
        WireItem::FunctionCall {
            id,
            status,
            call_id,
            name,
            namespace,
            arguments: &self.input,
        }
    }
}

impl fmt::Debug for Call {
    // What it is given is somebody's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
