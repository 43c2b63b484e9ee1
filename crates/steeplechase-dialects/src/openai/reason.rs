//! Answers that do not say why they have ended.

use std::ops::Range;

use bytes::Bytes;

use crate::json::{self, is_filled};

/// Where a reason is that says nothing, though the answer calls tools.
const EMPTY: &str = "\"\"";

/// An answer in which each choice that calls tools and gives an empty reason for its end gives the right one.
///
/// xAI is known to leave it empty. Whoever runs the tools looks there for whether there are any.
pub(super) fn filled(body: Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(&body) else {
        return body;
    };
    let spans = empty_reasons(text);
    if spans.is_empty() {
        return body;
    }
    let mut out = String::with_capacity(text.len() + 16 * spans.len());
    let mut at = 0;
    for span in spans {
        out.push_str(text.get(at..span.start).unwrap_or_default());
        out.push_str("\"tool_calls\"");
        at = span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out.into()
}

fn empty_reasons(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let _ = json::each_field(text, |name, choices| {
        if name != "choices" {
            return;
        }
        let _ = json::each_item(choices, |choice| {
            if let Some(reason) = empty_reason(choice) {
                let start = reason.as_ptr() as usize - text.as_ptr() as usize;
                spans.push(start..start + reason.len());
            }
            Ok::<_, ()>(())
        });
    });
    spans
}

/// The reason of a choice, if it is empty and there are calls of tools.
fn empty_reason(choice: &str) -> Option<&str> {
    let (mut reason, mut calls) = (None, false);
    json::each_field(choice, |name, value| match name {
        "finish_reason" => reason = Some(value),
        "message" => {
            let _ = json::each_field(value, |name, value| {
                calls |= name == "tool_calls" && is_filled(value);
            });
        }
        _ => {}
    })
    .ok()?;
    reason.filter(|reason| calls && *reason == EMPTY)
}
