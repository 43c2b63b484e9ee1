//! What a caller asks for.
//!
//! ```text
//! raw    {"messages":[…],"model":"fast","stream":true,"fastest_response":true}
//!                                ──────                ───────────────────────
//! head   model, stream, …        model span            own span
//! ```
//!
//! A [`Call`] is the body of the request from the intake down to the translation. It holds the
//! caller's bytes as they came and a [`Head`], scanned once. Most calls are forwarded without a parse;
//! a translation that needs the typed form builds it once, and the clones of a call share it.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use steeplechase_core::call::{Call, Dialect, Head, Operation};
//!
//! let mut head = Head::default();
//! head.model = "fast".into();
//! let raw = Bytes::from_static(br#"{"model":"fast","messages":[]}"#);
//! let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
//!
//! // A fallback asks for another model and shares everything else.
//! let leg = call.with_model("slow");
//! assert_eq!((call.model(), leg.model()), ("fast", "slow"));
//! assert_eq!(call.raw().as_ptr(), leg.raw().as_ptr());
//! ```

mod forward;
mod head;

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

pub use self::forward::Forward;
pub use self::head::{Head, Spans};

/// What a caller asks for: its bytes, and what a scan of their head told.
///
/// Cloning it clones two handles.
#[derive(Clone)]
pub struct Call {
    shared: Arc<Shared>,
    model: Arc<str>,
}

struct Shared {
    operation: Operation,
    dialect: Dialect,
    raw: Bytes,
    head: Head,
    forward: Option<Box<Forward>>,
    /// The first types that were asked for.
    typed: [OnceLock<Arc<dyn Any + Send + Sync>>; KEPT],
}

/// How many typed forms of a call are kept: what was asked for, and what somebody has found out about it.
const KEPT: usize = 2;

/// What kind of answer is asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// The next message of a conversation.
    Chat,
    /// How many tokens a conversation has.
    CountTokens,
    /// Vectors for texts.
    Embeddings,
    /// What is passed on as it is to whoever serves the model: images, speech, moderations.
    Forward,
    /// Documents, in the order in which they answer a question.
    Rerank,
}

/// A wire format for calls and answers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Dialect {
    /// Anthropic's Messages.
    Anthropic,
    /// Amazon Bedrock's Converse.
    Bedrock,
    /// Cohere's chat, embeddings and rerank.
    Cohere,
    /// OpenAI's old completions, of a prompt and not of messages.
    Completions,
    /// Google's Gemini.
    Gemini,
    /// OpenAI's chat completions and embeddings.
    OpenAi,
    /// OpenAI's Responses.
    Responses,
}

// ===== impl Call =====

impl Call {
    /// Puts a call together. The model asked for is the one in the head.
    pub fn new(operation: Operation, dialect: Dialect, raw: Bytes, head: Head) -> Self {
        Self::build(operation, dialect, raw, head, None)
    }

    /// Puts together a call that is passed on as it is.
    pub fn forwarded(forward: Forward, dialect: Dialect, raw: Bytes, head: Head) -> Self {
        let forward = Some(Box::new(forward));
        Self::build(Operation::Forward, dialect, raw, head, forward)
    }

    fn build(
        operation: Operation,
        dialect: Dialect,
        raw: Bytes,
        head: Head,
        forward: Option<Box<Forward>>,
    ) -> Self {
        Self {
            model: Arc::clone(&head.model),
            shared: Arc::new(Shared {
                operation,
                dialect,
                raw,
                head,
                forward,
                typed: [const { OnceLock::new() }; KEPT],
            }),
        }
    }

    /// What kind of answer is asked for.
    pub fn operation(&self) -> Operation {
        self.shared.operation
    }

    /// Where the call goes, if it is passed on as it is.
    pub fn forward(&self) -> Option<&Forward> {
        self.shared.forward.as_deref()
    }

    /// The dialect that the caller speaks, in which it is to be answered.
    pub fn dialect(&self) -> Dialect {
        self.shared.dialect
    }

    /// The model asked for; after [`with_model`](Self::with_model), the one asked for instead.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The model asked for, as a handle.
    pub fn model_handle(&self) -> &Arc<str> {
        &self.model
    }

    /// The same call for another model. The bytes stay as they came.
    #[must_use]
    pub fn with_model(&self, model: impl Into<Arc<str>>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            model: model.into(),
        }
    }

    /// The caller's bytes, as they came.
    pub fn raw(&self) -> &Bytes {
        &self.shared.raw
    }

    /// What the scan of the head told.
    pub fn head(&self) -> &Head {
        &self.shared.head
    }

    /// The typed form of the call, parsed by `parse` the first time that it is asked for.
    ///
    /// The clones of a call share its typed forms. If they ask for different types, the first two of them
    /// are kept, and the others are parsed each time.
    ///
    /// # Errors
    ///
    /// Those of `parse`. A failed parse is not kept.
    pub fn typed<T, E>(&self, parse: impl FnOnce(&Bytes) -> Result<T, E>) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
    {
        let kept = self.shared.typed.iter().filter_map(OnceLock::get);
        let mut kept = kept.filter_map(|typed| Arc::clone(typed).downcast().ok());
        if let Some(typed) = kept.next() {
            return Ok(typed);
        }
        let typed = Arc::new(parse(&self.shared.raw)?);
        // Two attempts that parse at the same time get equal forms, of which one is used from then on.
        let shared = || Arc::clone(&typed) as Arc<dyn Any + Send + Sync>;
        let mut places = self.shared.typed.iter();
        _ = places.any(|place| place.set(shared()).is_ok());
        Ok(typed)
    }
}

impl fmt::Debug for Call {
    // The bytes are somebody's prompt.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.shared.operation)
            .field("dialect", &self.shared.dialect)
            .field("model", &self.model)
            .field("bytes", &self.shared.raw.len())
            .finish_non_exhaustive()
    }
}

// ===== impl Operation =====

impl Operation {
    /// The name of the operation, for labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::CountTokens => "count_tokens",
            Self::Embeddings => "embeddings",
            Self::Forward => "forward",
            Self::Rerank => "rerank",
        }
    }
}

// ===== impl Dialect =====

impl Dialect {
    /// All dialects.
    pub const ALL: [Self; 7] = [
        Self::Anthropic,
        Self::Bedrock,
        Self::Cohere,
        Self::Completions,
        Self::Gemini,
        Self::OpenAi,
        Self::Responses,
    ];

    /// The name of the dialect, for labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Bedrock => "bedrock",
            Self::Cohere => "cohere",
            Self::Completions => "completions",
            Self::Gemini => "gemini",
            Self::OpenAi => "openai",
            Self::Responses => "responses",
        }
    }
}
