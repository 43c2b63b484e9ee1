use serde_json::Map;
use serde_json::Value;

/// What a block that only Anthropic knows says, for a model that knows only text. `None` if it says nothing
/// that could be read.
pub(crate) fn as_text(block: &Map<String, Value>) -> Option<String> {
    let kind = block.get("type")?.as_str()?;
    let content = block.get("content");
    let text = match kind {
        "search_result" => {
            let title = text_of(block.get("title"));
            let source = text_of(block.get("source"));
            lines([title, source, texts(content)])
        }
        "server_tool_use" | "mcp_tool_use" => {
            let name = text_of(block.get("name"));
            let input = block.get("input").unwrap_or(&Value::Null);
            let what = match (name.as_str(), input.get("query")) {
                ("web_search", Some(Value::String(query))) => format!("web search: {query}"),
                _ => format!("{name}: {input}"),
            };
            format!("[{what}]")
        }
        "tool_reference" => text_of(block.get("tool_name")),
        _ if kind.ends_with("_tool_result") => results(content),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// What came of a tool of Anthropic's: sources by title and address, or whatever texts there are.
fn results(content: Option<&Value>) -> String {
    let items = match content {
        Some(Value::Array(items)) => items.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => return String::new(),
    };
    let said = items.iter().map(|item| {
        let names = ["title", "url", "text", "stdout", "stderr", "error_code"];
        let texts = names.map(|name| text_of(item.get(name)));
        let said = lines(texts);
        // A page that was fetched, or the tools that were found.
        let inner = item.get("content").or_else(|| item.get("tool_references"));
        match inner {
            Some(Value::Array(_) | Value::Object(_)) => lines([said, results(inner)]),
            _ => lines([
                said,
                text_of(item.pointer("/source/data")),
                text_of(item.get("tool_name")),
            ]),
        }
    });
    lines(said)
}

fn texts(content: Option<&Value>) -> String {
    let items = content.and_then(Value::as_array).into_iter().flatten();
    lines(items.map(|item| text_of(item.get("text"))))
}

fn text_of(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn lines(texts: impl IntoIterator<Item = String>) -> String {
    let texts = texts.into_iter().filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n")
}
