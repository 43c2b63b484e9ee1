use serde_json::Value;

/// What a body of an error says, whoever has written it.
///
/// | Shape                                                        | Who                         |
/// |--------------------------------------------------------------|-----------------------------|
/// | `{"error": {"message", "type", "code", "param"}}`            | OpenAI and most others      |
/// | `[{"error": {"message", "code", "status", "details"}}]`      | Gemini                      |
/// | `{"error": {…, "innererror": {"code"}}}`                     | Azure                       |
/// | `{"object": "error", "message", "type", "code"}`             | Mistral, vLLM               |
/// | `{"error": "text", "code": "text"}`                          | xAI, Ollama                 |
/// | `{"detail": "text"}`, `{"detail": [{"loc", "msg"}]}`         | FastAPI, Mistral            |
/// | `{"errors": [{"message", "code"}]}`                          | Cloudflare                  |
/// | `{"statusCode", "message"}`, `{"message"}`                   | Azure API Management, Cohere |
/// | `{"choices": [{"error": {…}}]}`                              | OpenRouter                  |
/// | `{"base_resp": {"status_code", "status_msg"}}`               | MiniMax                     |
/// | a text, a page                                               | whatever is in between      |
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) message: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    /// A second, more exact code.
    pub(super) inner_code: Option<String>,
    pub(super) param: Option<String>,
    /// A code that is an HTTP status.
    pub(super) status: Option<u16>,
    /// More about the error, as JSON.
    pub(super) details: Option<String>,
    /// Reasons of a moderation.
    pub(super) is_flagged: bool,
    /// What is neither JSON nor a plain text.
    pub(super) page: Option<String>,
    lower: String,
}

// ===== impl Said =====

impl Said {
    pub(super) fn read(body: &[u8]) -> Self {
        let body = body.trim_ascii();
        let json = body.strip_prefix(b"data:").unwrap_or(body);
        let mut said = Self::default();
        match serde_json::from_slice::<Value>(json) {
            Ok(value) => said.value(&value),
            Err(_) => said.text_body(&String::from_utf8_lossy(body)),
        }
        said.lower = said.text().to_ascii_lowercase();
        said
    }

    /// The message, or nothing.
    pub(super) fn text(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    /// The message in lower case.
    pub(super) fn lower(&self) -> &str {
        &self.lower
    }

    /// The codes and the type, from the most exact to the least.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        [&self.inner_code, &self.code, &self.kind]
            .into_iter()
            .filter_map(|name| name.as_deref())
    }

    fn text_body(&mut self, text: &str) {
        // A page, or JSON that was cut off.
        if text.starts_with(['<', '{', '[']) {
            self.page = Some(text.to_owned());
        } else if !text.is_empty() {
            self.message = Some(text.to_owned());
        }
    }

    fn value(&mut self, value: &Value) {
        let value = match value {
            Value::Array(items) => items.first().unwrap_or(value),
            value => value,
        };
        let nested = [
            value.get("error"),
            value.pointer("/choices/0/error"),
            value.pointer("/x_groq/error"),
            value.pointer("/errors/0"),
            value.get("base_resp"),
        ];
        let nested = nested.into_iter().flatten().find(|error| !error.is_null());
        match nested {
            Some(Value::String(text)) => {
                self.object(value);
                self.message = Some(text.clone());
            }
            Some(error) => self.object(error),
            None => self.object(value),
        }
        let code = value.pointer("/base_resp/status_code");
        if let Some(status) = code.and_then(Value::as_u64).and_then(minimax) {
            self.status = Some(status);
        }
        // Also what stands beside the error, if there is nothing in it.
        if let (None, Some(code)) = (self.status, value.get("statusCode")) {
            self.status = status(code);
        }
    }

    fn object(&mut self, error: &Value) {
        let message = [
            "message",
            "Message",
            "error_msg",
            "msg",
            "detail",
            "status_msg",
        ];
        self.message = message.iter().find_map(|name| text(error.get(*name)?));
        self.kind = ["type", "status", "__type"]
            .iter()
            .find_map(|name| error.get(*name)?.as_str().map(str::to_owned));
        let code = error.get("code").or_else(|| error.get("error_code"));
        self.code = code.and_then(name);
        self.status = code.and_then(status);
        let inner = error.get("innererror").or_else(|| error.get("inner_error"));
        self.inner_code = inner.and_then(|inner| inner.get("code")).and_then(name);
        self.param = error.get("param").and_then(name);
        let details = error.get("details").or_else(|| error.get("metadata"));
        self.details = details.map(Value::to_string);
        self.is_flagged = error
            .pointer("/metadata/reasons")
            .and_then(Value::as_array)
            .is_some_and(|reasons| !reasons.is_empty());
    }
}

/// A message: a text, or a list of what is wrong where.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(item).collect();
            (!items.is_empty()).then(|| items.join("; "))
        }
        Value::Object(object) => ["detail", "message"]
            .iter()
            .find_map(|name| text(object.get(*name)?)),
        _ => None,
    }
}

fn item(item: &Value) -> Option<String> {
    let message = item.as_str().or_else(|| item.get("msg")?.as_str())?;
    let Some(Value::Array(place)) = item.get("loc") else {
        return Some(message.to_owned());
    };
    let place: Vec<_> = place.iter().filter_map(name).collect();
    Some(format!("{}: {message}", place.join(".")))
}

fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A code that is a status of an error.
fn status(code: &Value) -> Option<u16> {
    let number = match code {
        Value::String(text) => text.parse().ok()?,
        code => code.as_u64()?,
    };
    u16::try_from(number)
        .ok()
        .filter(|code| (400..600).contains(code))
}

/// The status that a code of `MiniMax` stands for. Its answers begin with success.
const fn minimax(code: u64) -> Option<u16> {
    Some(match code {
        1002 | 1039 | 2056 => 429,
        1004 | 2049 => 401,
        1008 => 402,
        1026 | 1027 | 2013 => 400,
        1000 | 1001 | 1013 | 1024 | 1033 => 500,
        _ => return None,
    })
}
