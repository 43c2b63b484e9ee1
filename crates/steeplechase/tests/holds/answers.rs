//! What a caller has got: of a stream each event, of a whole answer its text.

use http::Response;
use http_body_util::BodyExt;
use serde_json::Value;
use steeplechase::preset::AnswerBody;
use steeplechase::{Chunk, Error};

/// An answer, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Answer {
    is_streamed: bool,
    bytes: Vec<u8>,
    /// How it broke off.
    error: Option<Error>,
}

// ===== impl Answer =====

impl Answer {
    pub(super) async fn read(response: Response<AnswerBody>, is_streamed: bool) -> Self {
        let mut answer = Self {
            is_streamed,
            ..Self::default()
        };
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => {
                    let data = frame.into_data().map(Chunk::into_data);
                    answer.bytes.extend(data.unwrap_or_default());
                }
                Err(error) => answer.error = Some(error),
            }
        }
        answer
    }

    /// Whether it is what one provider has to say, and nothing else: `texts` are what each of them says. If
    /// not, what is wrong.
    pub(super) fn check(&self, texts: &[String]) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{what}: {self:?}"));
        let Ok(text) = std::str::from_utf8(&self.bytes) else {
            return wrong("no text");
        };
        let heard = if self.is_streamed {
            self.heard(text)?
        } else {
            let Ok(whole) = serde_json::from_str::<Value>(text) else {
                return wrong("no JSON");
            };
            let content = &whole["choices"][0]["message"]["content"];
            content.as_str().unwrap_or_default().to_owned()
        };
        let fits = |text: &String| match self.error {
            None => *text == heard,
            Some(_) => text.starts_with(&heard),
        };
        if heard.is_empty() || !texts.iter().any(fits) {
            return wrong("no one provider has said that");
        }
        Ok(())
    }

    /// The text of a stream that has one beginning, and one end unless it broke off.
    fn heard(&self, stream: &str) -> Result<String, String> {
        let wrong = |what: &str| Err(format!("{what}: {self:?}"));
        let Some(stream) = stream.strip_suffix("\n\n") else {
            return wrong("half an event");
        };
        let events: Vec<_> = stream.split("\n\n").collect();
        let events: Option<Vec<_>> = events.iter().map(|it| it.strip_prefix("data: ")).collect();
        let Some(events) = events else {
            return wrong("an event without data");
        };
        let dones = events.iter().filter(|event| **event == "[DONE]").count();
        let chunks = events.iter().filter(|event| **event != "[DONE]");
        let chunks: Result<Vec<Value>, _> = chunks.map(|it| serde_json::from_str(it)).collect();
        let Ok(chunks) = chunks else {
            return wrong("an event without JSON");
        };
        let has = |path: &str| {
            let found = chunks.iter().filter_map(|chunk| chunk.pointer(path));
            found.filter(|value| !value.is_null()).count()
        };
        let mut ids: Vec<_> = chunks.iter().map(|chunk| &chunk["id"]).collect();
        ids.dedup();
        if ids.len() != 1 || has("/choices/0/delta/role") != 1 {
            return wrong("not one beginning");
        }
        let ends = usize::from(self.error.is_none());
        let has_ended = events.last() == Some(&"[DONE]");
        if dones != ends || (ends == 1) != has_ended {
            return wrong("not one end");
        }
        // A stream may break off between the reason and the end.
        let finished = has("/choices/0/finish_reason");
        if finished > 1 || finished < ends {
            return wrong("not one reason to end");
        }
        let pieces = chunks
            .iter()
            .map(|chunk| &chunk["choices"][0]["delta"]["content"]);
        Ok(pieces.filter_map(Value::as_str).collect())
    }
}
