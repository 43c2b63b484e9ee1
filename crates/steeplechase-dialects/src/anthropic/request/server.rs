//! The tools that Anthropic runs itself.

use std::borrow::Cow;

use crate::chat::WebSearch;
use crate::json::Fields;

/// A search of the web: the caller's own words for it, or what others ask for in Anthropic's.
pub(super) fn web_search(search: &WebSearch) -> Cow<'_, Fields> {
    if let Some(own) = &search.tool {
        return Cow::Borrowed(own);
    }
    let mut fields = Fields::new();
    fields.insert("type".into(), "web_search_20250305".into());
    fields.insert("name".into(), "web_search".into());
    let max_uses = match search.context_size.as_deref() {
        Some("low") => 1,
        Some("high") => 10,
        _ => 5,
    };
    fields.insert("max_uses".into(), max_uses.into());
    if let Some(known) = &search.location {
        let mut location = Fields::new();
        location.insert("type".into(), "approximate".into());
        for name in ["city", "region", "country", "timezone"] {
            if let Some(value) = known.get(name).filter(|value| value.is_string()) {
                location.insert(name.into(), value.clone());
            }
        }
        fields.insert("user_location".into(), location.into());
    }
    Cow::Owned(fields)
}

/// The betas that one of Anthropic's own tools takes. `None` if it is none.
pub(crate) fn betas_of(kind: &str) -> Option<&'static [&'static str]> {
    const KNOWN: [(&str, &[&str]); 9] = [
        ("web_search_", &[]),
        ("web_fetch_", &["web-fetch-2025-09-10"]),
        ("code_execution_", &["code-execution-2025-08-25"]),
        ("memory_", &["context-management-2025-06-27"]),
        ("tool_search_", &["advanced-tool-use-2025-11-20"]),
        ("mcp_toolset", &["mcp-client-2025-04-04"]),
        ("bash_", &[]),
        ("text_editor_", &[]),
        ("computer_", &[]),
    ];
    if kind == "custom" {
        return Some(&[]);
    }
    // All of them are dated, which OpenAI's tools of like names are not.
    let is_dated = kind.bytes().any(|b| b.is_ascii_digit()) || kind == "mcp_toolset";
    let known = KNOWN.iter().find(|(start, _)| kind.starts_with(start));
    known.filter(|_| is_dated).map(|(_, betas)| *betas)
}
