use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::Response;
use http_body::Body;
use serde::Deserialize;
use steeplechase_core::{Class, Cost, Deployment, Error, Pricing, Usage};
use steeplechase_dialects::sse::EventCutter;
use steeplechase_layers::route::ServedBy;

use super::answer::{served_by, unreadable};
use crate::preset::AnswerBody;

/// An answer, as it comes. It is a [`Stream`] of [`Delta`]s.
///
/// After an error there is nothing more. Dropping it cancels the call, at the provider too.
pub struct ChatStream {
    // `None` after the end, or an error.
    body: Option<AnswerBody>,
    events: EventCutter,
    usage: Option<Usage>,
    pricing: Pricing,
    served_by: Option<Arc<Deployment>>,
}

/// A part of an answer.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    text: String,
    reasoning: String,
    tool_calls: Vec<ToolCallDelta>,
    finish_reason: Option<String>,
    raw: Bytes,
}

/// A part of a tool call.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct ToolCallDelta {
    /// Which of the answer's tool calls it belongs to.
    #[serde(default)]
    pub index: usize,
    /// The name of the call. It comes with the first part.
    pub id: Option<String>,
    /// The function that is called. It comes with the first part.
    #[serde(skip)]
    pub name: Option<String>,
    /// More of the arguments, which are JSON when they are all there.
    #[serde(skip)]
    pub arguments: String,
    #[serde(default)]
    function: FunctionDelta,
}

#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct WireChunk {
    #[serde(default)]
    choices: Vec<WireChoice>,
}

#[derive(Deserialize)]
struct WireChoice {
    #[serde(default)]
    index: u32,
    #[serde(default)]
    delta: WireDelta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct WireDelta {
    content: Option<String>,
    reasoning_content: Option<String>,
    tool_calls: Option<Vec<ToolCallDelta>>,
}

// ===== impl ChatStream =====

impl ChatStream {
    pub(super) fn new(response: Response<AnswerBody>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            body: Some(body),
            events: EventCutter::new(),
            usage: None,
            pricing: ServedBy::pricing(&parts.extensions)
                .cloned()
                .unwrap_or_default(),
            served_by: served_by(&parts),
        }
    }

    /// Waits for the next part. `None` when the answer is complete.
    pub async fn next(&mut self) -> Option<Result<Delta, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// What the answer has taken, in tokens. It is there at the end, if the provider says it.
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// What the answer has cost, if its price is known. It is there when the usage is.
    pub fn cost(&self) -> Option<Cost> {
        self.pricing.cost(&self.usage?)
    }

    /// The deployment that answers.
    pub fn served_by(&self) -> Option<&Deployment> {
        self.served_by.as_deref()
    }

    /// The next part among the events that are here.
    fn next_here(&mut self) -> Option<Result<Delta, Error>> {
        while let Some(event) = self.events.next_event() {
            let data = event.data().unwrap_or_default();
            if data.is_empty() || &*data == b"[DONE]" {
                continue;
            }
            let raw = Bytes::copy_from_slice(&data);
            let chunk: WireChunk = match serde_json::from_slice(&raw) {
                Ok(chunk) => chunk,
                Err(error) => return Some(Err(unreadable(&error))),
            };
            // Of several answers, which are mixed in one stream, the first is read.
            let mut choices = chunk.choices.into_iter();
            if let Some(choice) = choices.find(|choice| choice.index == 0) {
                return Some(Ok(Delta::new(choice, raw)));
            }
        }
        None
    }
}

impl Stream for ChatStream {
    type Item = Result<Delta, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(next) = self.next_here() {
                if next.is_err() {
                    self.body = None;
                }
                return Poll::Ready(Some(next));
            }
            let Some(body) = self.body.as_mut() else {
                return Poll::Ready(None);
            };
            let failure = match ready!(Pin::new(body).poll_frame(cx)) {
                None => {
                    self.body = None;
                    return Poll::Ready(None);
                }
                Some(Err(error)) => error,
                Some(Ok(frame)) => {
                    let Ok(chunk) = frame.into_data() else {
                        continue;
                    };
                    self.usage = chunk.usage().copied().or(self.usage);
                    match self.events.push(chunk.into_data()) {
                        Ok(()) => continue,
                        Err(error) => {
                            let message = "an event of the answer is too long";
                            Error::new(Class::Server, message).with_source(error)
                        }
                    }
                }
            };
            self.body = None;
            return Poll::Ready(Some(Err(failure)));
        }
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatStream").finish_non_exhaustive()
    }
}

// ===== impl Delta =====

impl Delta {
    fn new(choice: WireChoice, raw: Bytes) -> Self {
        let mut tool_calls = choice.delta.tool_calls.unwrap_or_default();
        for call in &mut tool_calls {
            call.name = call.function.name.take();
            call.arguments = call.function.arguments.take().unwrap_or_default();
        }
        Self {
            text: choice.delta.content.unwrap_or_default(),
            reasoning: choice.delta.reasoning_content.unwrap_or_default(),
            tool_calls,
            finish_reason: choice.finish_reason,
            raw,
        }
    }

    /// More of what the assistant says. Often empty: not every part has text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// More of what the assistant thinks, where the provider shows it.
    pub fn reasoning(&self) -> &str {
        &self.reasoning
    }

    /// More of the tools that the assistant calls.
    pub fn tool_calls(&self) -> &[ToolCallDelta] {
        &self.tool_calls
    }

    /// Why the answer ends. It comes with the last part.
    pub fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_deref()
    }

    /// The part as it came, in OpenAI's dialect.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }
}
