use std::collections::BTreeMap;

/// What is peculiar to a provider among those who speak its dialect.
///
/// It is plain data, which the translation acts on; nothing in it is asked for by a name while a call
/// waits. Start from [`Profile::default`] and set what is known.
///
/// # Defaults
///
/// Nothing is peculiar: the paths are those of the dialect, and a call is forwarded as it is.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Profile {
    /// Where chat is.
    pub chat: Endpoint,
    /// Where embeddings are.
    pub embeddings: Endpoint,
    /// The path of OpenAI's old completions, if the provider is known to have them. Calls for one go by
    /// way of a chat otherwise.
    pub completions: Option<Box<str>>,
    /// The path of OpenAI's Responses, if the provider is known to have them. Calls for one go by way of
    /// a chat otherwise.
    pub responses: Option<Box<str>>,
    /// Whether it puts documents in order, where that is said.
    pub rerank: Option<bool>,
    /// The provider's names for its models.
    pub names: ModelNames,
    /// The parameters of a chat.
    pub params: ParamRules,
    /// The parameters of a chat with some of the models: the first that fits goes before `params`.
    pub models: Vec<ModelRules>,
    /// The parameters of embeddings.
    pub embedding_params: ParamRules,
    /// The field of a message that holds what the model has thought.
    pub reasoning: Option<Box<str>>,
    /// Where a stream says what it has cost.
    pub stream_usage: StreamUsage,
    /// Whether it stops working, and billing, when the connection of a stream is closed. Most others go on to
    /// the end, and nobody reads it.
    pub stops_at_cancel: bool,
}

/// Where a provider has something.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Endpoint {
    /// Where the dialect has it, if the provider has it at all.
    #[default]
    Usual,
    /// At this path after the base URL.
    Path(Box<str>),
    /// Nowhere.
    None,
}

/// How the provider's name for a model is made of the one that a deployment has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ModelNames {
    /// It is the same.
    #[default]
    Same,
    /// With this before it, if there is neither a `/` nor a `#` in it.
    Prefixed(Box<str>),
    /// `host/owner/model` is `owner/model:host`.
    HostLast,
    /// The parts of `a.b.c`, put into the stars of this, if there is no `/` in it.
    Dotted(Box<str>),
}

/// Where a stream says what it has cost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum StreamUsage {
    /// In its last event, if `stream_options` asks for it.
    #[default]
    Asked,
    /// In its last event, asked or not.
    Always,
    /// In `x_groq` of its last event.
    XGroq,
    /// Nowhere.
    Never,
}

/// What a provider makes of the parameters of a call: the fields at the top of its body, and the messages, which
/// are one of them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ParamRules {
    /// Those that have another name there. If both are in a call, the provider's own name counts.
    pub renames: BTreeMap<Box<str>, Box<str>>,
    /// Those that it refuses, though they would have changed the answer.
    pub drops: Vec<Box<str>>,
    /// Those that it refuses, and that make no difference to the answer.
    pub ignored: Vec<Box<str>>,
    /// Those whose values it takes only in part.
    pub limits: Vec<Limit>,
    /// Values, texts, that are called something else there, by the parameter that has them.
    pub values: BTreeMap<Box<str>, BTreeMap<Box<str>, Box<str>>>,
    /// The messages of a chat.
    pub messages: MessageRules,
}

/// What a provider makes of the messages of a chat.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct MessageRules {
    /// Of which messages a content that is a list of texts has to be one text.
    pub texts: Texts,
    /// Which names of calls of tools are taken.
    pub call_ids: CallIds,
    /// Whether a message that calls tools has to say in `reasoning_content` what was thought before, unless
    /// `thinking` is disabled.
    pub thoughts: bool,
}

/// Of which messages a content that is a list of texts has to be one text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Texts {
    /// Of none.
    #[default]
    None,
    /// Of those with the result of a tool.
    Results,
    /// Of all.
    All,
}

/// Which names of calls of tools are taken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum CallIds {
    /// All of them.
    #[default]
    Any,
    /// Nine letters and digits.
    Nine,
}

/// Which values of a parameter are taken.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Limit {
    /// The parameter.
    pub param: Box<str>,
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// The least number in a call for more than one choice.
    pub min_for_many: Option<f64>,
    /// The most items of a list.
    pub max_items: Option<usize>,
    /// The only texts, unless it is empty. The first is the nearest to all that are not taken.
    pub only: Vec<Box<str>>,
    /// Whether a value that is not taken becomes the nearest that is, without being asked for.
    pub clamp: bool,
}

/// What a provider makes of the parameters of a call for some of its models.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ModelRules {
    /// The provider's names for the models; `*` stands for anything.
    pub models: Vec<Box<str>>,
    /// What counts for them, all of it.
    pub params: ParamRules,
}

// ===== impl ParamRules =====

impl ParamRules {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.renames.is_empty()
            && self.drops.is_empty()
            && self.ignored.is_empty()
            && self.limits.is_empty()
            && self.values.is_empty()
            && self.messages == MessageRules::default()
    }
}
