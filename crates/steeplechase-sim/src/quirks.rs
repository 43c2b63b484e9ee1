//! How those who speak OpenAI's dialect differ from OpenAI.

/// The peculiarities of a provider that speaks OpenAI's dialect, almost.
///
/// They change chat completions only. The default is OpenAI's own way.
///
/// ```
/// use steeplechase_sim::{Quirks, Sim};
///
/// let groq = Sim::new("groq").quirks(Quirks::new().reasoning_field("reasoning").groq_usage());
/// # let _ = groq;
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Quirks {
    pub(crate) reasoning: Option<String>,
    pub(crate) usage: UsagePlace,
    pub(crate) no_done: bool,
}

/// Where a chat completion reports its usage.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum UsagePlace {
    #[default]
    Usual,
    /// In `x_groq` of the last chunk of a stream.
    Groq,
    Nowhere,
}

impl Quirks {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Thinks before each answer, unless the request has a `reasoning_effort` of `none`, and shows
    /// the thoughts in this field of the message, such as `reasoning_content` or `reasoning`.
    pub fn reasoning_field(mut self, name: impl Into<String>) -> Self {
        self.reasoning = Some(name.into());
        self
    }

    /// Reports the usage of a stream in `x_groq` of its last chunk, asked or not, and has no chunk
    /// for it.
    pub fn groq_usage(mut self) -> Self {
        self.usage = UsagePlace::Groq;
        self
    }

    /// Reports no usage at all, asked or not.
    pub fn no_usage(mut self) -> Self {
        self.usage = UsagePlace::Nowhere;
        self
    }

    /// Ends streams without `[DONE]`.
    pub fn no_done(mut self) -> Self {
        self.no_done = true;
        self
    }
}
