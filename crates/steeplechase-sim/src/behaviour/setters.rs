//! How a behaviour is told.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::parts::{After, Break, Filter, How, Kind, Meaning, RawEvent, ScriptedCall, Usage};

/// What the sim does with one request.
#[derive(Clone, Debug)]
#[must_use]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, and they are independent"
)]
pub struct Behaviour {
    pub(crate) kind: Kind,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) head_after: Option<Duration>,
    pub(crate) first_token_after: Option<Duration>,
    pub(crate) token_gap: Option<Duration>,
    pub(crate) held: bool,
    pub(crate) tokens: Option<usize>,
    pub(crate) text: Option<String>,
    pub(crate) thinking: Option<String>,
    pub(crate) filter: Option<Filter>,
    pub(crate) tools: Vec<ScriptedCall>,
    pub(crate) use_tool: bool,
    pub(crate) usage: Option<Usage>,
    pub(crate) gzip: bool,
    pub(crate) comments: Option<Duration>,
    pub(crate) json_to_stream: bool,
    pub(crate) slice: Option<usize>,
    pub(crate) breaks: Option<Break>,
}

/// How a behaviour starts.
impl Behaviour {
    /// A good answer, with the latencies and the length that the sim draws.
    pub fn answer() -> Self {
        Self::of(Kind::Answer)
    }

    /// An error answer, with the body that the dialect has for this status.
    ///
    /// # Panics
    ///
    /// If `status` is not within 100 to 999.
    pub fn error(status: u16) -> Self {
        Self::of(Kind::Error {
            status: checked(status),
            body: None,
        })
    }

    /// The error with which the provider says that it is overloaded: 529 in Anthropic's dialect,
    /// 503 in the others.
    pub fn overloaded() -> Self {
        Self::of(Kind::Means(Meaning::Overloaded))
    }

    /// The error with which the provider says that the prompt is longer than its model can take.
    pub fn context_too_long() -> Self {
        Self::of(Kind::Means(Meaning::ContextTooLong))
    }

    /// A page in HTML, as a proxy on the way would send it.
    ///
    /// # Panics
    ///
    /// If `status` is not within 100 to 999.
    pub fn html(status: u16) -> Self {
        Self::of(Kind::Html(checked(status)))
    }

    /// Recorded bytes, replayed exactly, whatever the request asks for.
    ///
    /// Their type is `text/event-stream`, unless a [`header`](Self::header) says otherwise. Where a
    /// setter counts tokens, each event counts as one.
    pub fn raw_events<E: Into<RawEvent>>(events: impl IntoIterator<Item = E>) -> Self {
        Self::of(Kind::Raw(events.into_iter().map(Into::into).collect()))
    }

    /// The connection is reset before there is a response head.
    pub fn reset() -> Self {
        Self::of(Kind::Reset)
    }

    /// Nothing ever comes, not even a response head.
    pub fn stall_before_head() -> Self {
        Self::of(Kind::Silent)
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            headers: Vec::new(),
            head_after: None,
            first_token_after: None,
            token_gap: None,
            held: false,
            tokens: None,
            text: None,
            thinking: None,
            filter: None,
            tools: Vec::new(),
            use_tool: false,
            usage: None,
            gzip: false,
            comments: None,
            json_to_stream: false,
            slice: None,
            breaks: None,
        }
    }
}

/// What is in the answer.
impl Behaviour {
    /// Adds a header to the response, in place of one of the same name that would be there.
    ///
    /// # Panics
    ///
    /// If `name` or `value` cannot be in a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a valid name of a header");
        let value = HeaderValue::try_from(value).expect("a valid value of a header");
        self.headers.push((name, value));
        self
    }

    /// Sets the body of an [`error`](Self::error). Without effect on anything else.
    ///
    /// It is sent as `application/json`, unless a [`header`](Self::header) says otherwise.
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        if let Kind::Error { body, .. } = &mut self.kind {
            *body = Some(bytes.into());
        }
        self
    }

    /// The number of content tokens. Each is a word.
    pub fn tokens(mut self, tokens: usize) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// The text to answer with, instead of any words. Each word is a token.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// What to think before the answer, if the request asks for thinking. Each word is a token.
    pub fn thinking(mut self, thoughts: impl Into<String>) -> Self {
        self.thinking = Some(thoughts.into());
        self
    }

    /// Lets the provider's filter stop the answer after its last token.
    pub fn filtered(mut self) -> Self {
        self.filter = Some(Filter::Answer);
        self
    }

    /// Lets the provider's filter refuse the prompt. Some dialects have an error for it, others an
    /// answer without content.
    pub fn prompt_blocked(mut self) -> Self {
        self.filter = Some(Filter::Prompt);
        self
    }

    /// Answers with a call of the tool `name`, if the request has tools and its last message is
    /// the user's. Otherwise it answers in text. May be called several times, for several calls in
    /// one answer.
    pub fn tool_call(mut self, name: impl Into<String>, arguments: Value) -> Self {
        self.tools.push(ScriptedCall {
            name: name.into(),
            arguments,
        });
        self
    }

    /// Like [`tool_call`](Self::tool_call), with the first tool of the request, and arguments made
    /// up after its schema.
    pub fn use_tool(mut self) -> Self {
        self.use_tool = true;
        self
    }

    /// The usage to report, instead of what it looks like.
    pub fn usage(mut self, usage: Usage) -> Self {
        self.usage = Some(usage);
        self
    }

    /// Compresses the body with gzip. A stream is flushed after each event.
    pub fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// Sends a comment each time that a stream has been silent for this long, as a keep-alive. In
    /// Anthropic's dialect it is a `ping` event; in Bedrock's there is none. Zero means none.
    pub fn comments(mut self, every: Duration) -> Self {
        self.comments = Some(every);
        self
    }

    /// Answers with plain JSON even if a stream was asked for.
    pub fn json_to_stream(mut self) -> Self {
        self.json_to_stream = true;
        self
    }

    /// Cuts the body into data frames of `bytes` bytes, across the bounds of events.
    ///
    /// Without it each event of a stream is a frame of its own. A frame is shorter where the bytes
    /// that would fill it are not due yet. Zero means no cutting.
    pub fn slice(mut self, bytes: usize) -> Self {
        self.slice = Some(bytes);
        self
    }
}

/// When it comes. All are counted from the arrival of the request, so that a caller who reads
/// slowly does not slow the provider down.
impl Behaviour {
    /// When the response head comes. A stream's first events, which carry no content, come with it.
    pub fn head_after(mut self, delay: Duration) -> Self {
        self.head_after = Some(delay);
        self
    }

    /// When the first content token comes, or right after the head if that is later.
    ///
    /// An answer that is not streamed comes when its last token would have.
    pub fn first_token_after(mut self, delay: Duration) -> Self {
        self.first_token_after = Some(delay);
        self
    }

    /// The time from one token to the next.
    pub fn token_gap(mut self, gap: Duration) -> Self {
        self.token_gap = Some(gap);
        self
    }

    /// Holds the first content token back until [`Sim::release`](crate::Sim::release), and with it
    /// all that comes after the head of a stream. What is not a stream, an error too, is held back
    /// as a whole. The tokens that follow keep their distance from the first one.
    ///
    /// The request is in flight meanwhile, and its caller may give it up. One that is refused
    /// because it is not valid is not held.
    pub fn held(mut self) -> Self {
        self.held = true;
        self
    }
}

/// How it breaks off. The last of these to be called counts.
///
/// Zero tokens means: after the head and the events that come with it, before any content. A number
/// of tokens past the end means: after the last token, before the events that end the stream. An
/// answer that is not streamed breaks off at the same share of its bytes.
impl Behaviour {
    /// The connection is cut after `tokens` tokens.
    pub fn cut_after_tokens(self, tokens: usize) -> Self {
        self.breaks(After::Tokens(tokens), How::Cut)
    }

    /// The connection is cut after `bytes` bytes of the body, as counted before compression.
    pub fn cut_after_bytes(self, bytes: usize) -> Self {
        self.breaks(After::Bytes(bytes), How::Cut)
    }

    /// Nothing comes any more after `tokens` tokens, but the connection stays open.
    pub fn stall_after_tokens(self, tokens: usize) -> Self {
        self.breaks(After::Tokens(tokens), How::Stall)
    }

    /// The stream reports an error after `tokens` tokens, in the dialect's own form, and ends.
    ///
    /// `code` is such as `"server_error"` in OpenAI's dialect, `"overloaded_error"` in Anthropic's,
    /// `"UNAVAILABLE"` in Google's, `"throttlingException"` in Bedrock's. A dialect that does not
    /// know the code of another one reports an error of the same meaning.
    /// An answer that is not streamed is an error with the status that fits `code` instead.
    pub fn error_event_after_tokens(self, tokens: usize, code: impl Into<String>) -> Self {
        self.breaks(After::Tokens(tokens), How::Error(code.into()))
    }

    /// The body ends after `tokens` tokens, cleanly, but without the events that say so.
    pub fn truncate_after_tokens(self, tokens: usize) -> Self {
        self.breaks(After::Tokens(tokens), How::Truncate)
    }

    fn breaks(mut self, after: After, how: How) -> Self {
        self.breaks = Some(Break { after, how });
        self
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::answer()
    }
}

fn checked(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status within 100 to 999")
}
