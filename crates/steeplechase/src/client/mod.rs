//! Calls to models, in process: the stack without a hop.
//!
//! ```text
//!  client.chat("openai/gpt-4o-mini").user("hello")
//!      ├─ .send()    ──► ChatAnswer: text, tool calls, usage, who has served it
//!      └─ .stream()  ──► ChatStream: deltas, as they come
//!  client.embed("openai/text-embedding-3-small", ["a", "b"]) ──► Embeddings
//! ```
//!
//! A [`Client`] is a handle: clone it, and share it. What a call needs and has no method for here is
//! set by name with [`Chat::param`]; what an answer has and no field for here is in its raw bytes.
//!
//! # Cancellation
//!
//! Dropping a future or a stream cancels what was started for it, at the provider too.
//!
//! # Example
//!
//! ```
//! use steeplechase::{Client, Deployment, Dialect, Group, Preset};
//! use steeplechase_sim::{Behaviour, Sim};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A simulated provider here; `Client::from_env()` for those whose keys are in the environment.
//! let provider = Sim::new("provider").always(Behaviour::answer().text("good morning"));
//! let deployment = Deployment::builder("one", "fast", Dialect::OpenAi).build();
//! let preset = Preset::new().group(Group::new("fast", [deployment]));
//! let client = Client::new(preset.build(provider)?);
//!
//! let answer = client.chat("fast").system("be brief").user("hello").send().await?;
//! assert_eq!(answer.text(), "good morning");
//!
//! let mut stream = client.chat("fast").user("hello").stream().await?;
//! let mut text = String::new();
//! while let Some(delta) = stream.next().await {
//!     text.push_str(delta?.text());
//! }
//! assert_eq!(text, "good morning");
//! # Ok(())
//! # }
//! ```

mod answer;
mod chat;
mod embeddings;
mod stream;

use std::fmt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body_util::BodyExt;
use steeplechase_core::{Call, Dialect, Error, Operation, Usage};
use steeplechase_dialects::intake::scan;
use steeplechase_layers::models::TableError;
use tower::ServiceExt;

pub use self::answer::{ChatAnswer, Function, ToolCall};
pub use self::chat::{Chat, Message};
pub use self::embeddings::Embeddings;
pub use self::stream::{ChatStream, Delta, ToolCallDelta};
use crate::preset::{AnswerBody, Group, Preset, Stack};
use crate::{HttpClient, environment};

/// Calls models, in process.
///
/// See the [module documentation](self) for examples.
#[derive(Clone)]
pub struct Client {
    stack: Stack,
}

/// Why there is no client of the environment.
#[derive(Debug)]
#[non_exhaustive]
pub enum FromEnvError {
    /// No provider's key is set.
    NoKeys,
    /// The groups cannot be told apart.
    Table(TableError),
}

// ===== impl Client =====

impl Client {
    /// A client of a stack.
    pub const fn new(stack: Stack) -> Self {
        Self { stack }
    }

    /// A client of all providers whose keys are in the environment, with the recommended settings.
    /// Models are called by `provider/model`, such as `openai/gpt-4o-mini`.
    ///
    /// # Errors
    ///
    /// No provider's key is set.
    pub fn from_env() -> Result<Self, FromEnvError> {
        let found = environment::deployments(&|name| std::env::var(name).ok());
        if found.deployments.is_empty() {
            return Err(FromEnvError::NoKeys);
        }
        let groups = found.deployments.into_iter().map(|deployment| {
            let model: Arc<str> = deployment.model().into();
            Group::new(model, [deployment])
        });
        let preset = groups.fold(Preset::new(), Preset::group);
        let stack = preset
            .build(HttpClient::new())
            .map_err(FromEnvError::Table)?;
        Ok(Self::new(stack))
    }

    /// Starts a call for the next message of a conversation.
    pub fn chat(&self, model: impl Into<String>) -> Chat<'_> {
        Chat::new(self, model.into())
    }

    /// Asks for the vectors of texts.
    ///
    /// # Errors
    ///
    /// The call failed, after all attempts.
    pub async fn embed<T: Into<String>>(
        &self,
        model: impl Into<String>,
        texts: impl IntoIterator<Item = T>,
    ) -> Result<Embeddings, Error> {
        let texts = texts.into_iter().map(Into::into).collect();
        embeddings::embed(self, model.into(), texts).await
    }

    /// The models that can be called by a name of their own.
    pub fn models(&self) -> &[Arc<str>] {
        self.stack.models()
    }

    async fn call(&self, operation: Operation, raw: Bytes) -> Result<Response<AnswerBody>, Error> {
        let head = scan(&raw)?;
        let call = Call::new(operation, Dialect::OpenAi, raw, head);
        self.stack.clone().oneshot(Request::new(call)).await
    }
}

/// The bytes of a whole answer, and the usage that its frames report.
async fn collect(mut body: AnswerBody) -> Result<(Bytes, Option<Usage>), Error> {
    let (mut bytes, mut usage) = (BytesMut::new(), None);
    while let Some(frame) = body.frame().await {
        if let Ok(chunk) = frame?.into_data() {
            usage = chunk.usage().copied().or(usage);
            bytes.extend_from_slice(chunk.data());
        }
    }
    Ok((bytes.freeze(), usage))
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("stack", &self.stack)
            .finish()
    }
}

// ===== impl FromEnvError =====

impl fmt::Display for FromEnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKeys => f.write_str(
                "no provider's key is in the environment; set one, for example OPENAI_API_KEY",
            ),
            Self::Table(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FromEnvError {}
