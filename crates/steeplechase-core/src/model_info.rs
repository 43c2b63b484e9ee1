//! What is known about a model, apart from its price.

/// What is known about a model: what it is for, how much fits into it, and what it can do.
///
/// Nothing of it has to be known. What is not said is not the same as no.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ModelInfo {
    /// What the model is for.
    pub mode: Option<Mode>,
    /// The most tokens that a call may have.
    pub max_input_tokens: Option<u64>,
    /// The most tokens that an answer may have.
    pub max_output_tokens: Option<u64>,
    /// What it can do.
    pub abilities: Abilities,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Mode {
    /// Speech from text.
    AudioSpeech,
    /// Text from speech.
    AudioTranscription,
    /// Conversations.
    Chat,
    /// Texts that go on.
    Completion,
    /// Vectors of texts.
    Embedding,
    /// Images from text.
    ImageGeneration,
    /// Judgements of texts.
    Moderation,
    /// Orders of documents.
    Rerank,
    /// Conversations, at the endpoint `/v1/responses` only.
    Responses,
}

/// Something that a model can do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Ability {
    /// It hears.
    AudioIn,
    /// It speaks.
    AudioOut,
    /// It remembers prompts, and asks less for them.
    Caching,
    /// It uses a computer.
    ComputerUse,
    /// It keeps to a JSON schema.
    JsonSchema,
    /// It calls several tools at once.
    ParallelTools,
    /// It reads PDF.
    Pdf,
    /// It goes on from where an assistant's message ends.
    Prefill,
    /// It thinks before it speaks.
    Reasoning,
    /// It can be told which tool to call.
    ToolChoice,
    /// It calls tools.
    Tools,
    /// It sees moving images.
    VideoIn,
    /// It sees.
    Vision,
    /// It searches the web.
    WebSearch,
}

/// What a model can do, what it cannot, and what nobody has said.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Abilities {
    has: u16,
    lacks: u16,
}

// ===== impl Mode =====

impl Mode {
    /// Every mode there is.
    pub const ALL: [Self; 9] = [
        Self::AudioSpeech,
        Self::AudioTranscription,
        Self::Chat,
        Self::Completion,
        Self::Embedding,
        Self::ImageGeneration,
        Self::Moderation,
        Self::Rerank,
        Self::Responses,
    ];

    /// Its name, as in LiteLLM.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AudioSpeech => "audio_speech",
            Self::AudioTranscription => "audio_transcription",
            Self::Chat => "chat",
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::ImageGeneration => "image_generation",
            Self::Moderation => "moderation",
            Self::Rerank => "rerank",
            Self::Responses => "responses",
        }
    }

    /// The mode of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

// ===== impl Ability =====

impl Ability {
    /// Every ability there is.
    pub const ALL: [Self; 14] = [
        Self::AudioIn,
        Self::AudioOut,
        Self::Caching,
        Self::ComputerUse,
        Self::JsonSchema,
        Self::ParallelTools,
        Self::Pdf,
        Self::Prefill,
        Self::Reasoning,
        Self::ToolChoice,
        Self::Tools,
        Self::VideoIn,
        Self::Vision,
        Self::WebSearch,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AudioIn => "audio-in",
            Self::AudioOut => "audio-out",
            Self::Caching => "caching",
            Self::ComputerUse => "computer-use",
            Self::JsonSchema => "json-schema",
            Self::ParallelTools => "parallel-tools",
            Self::Pdf => "pdf",
            Self::Prefill => "prefill",
            Self::Reasoning => "reasoning",
            Self::ToolChoice => "tool-choice",
            Self::Tools => "tools",
            Self::VideoIn => "video-in",
            Self::Vision => "vision",
            Self::WebSearch => "web-search",
        }
    }

    /// The ability of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

// ===== impl Abilities =====

impl Abilities {
    /// Says whether the model can do something.
    pub fn set(&mut self, ability: Ability, can: bool) {
        let (said, other) = if can {
            (&mut self.has, &mut self.lacks)
        } else {
            (&mut self.lacks, &mut self.has)
        };
        *said |= ability.bit();
        *other &= !ability.bit();
    }

    /// Whether the model can do something. `None` if nobody has said.
    pub const fn get(self, ability: Ability) -> Option<bool> {
        match (
            self.has & ability.bit() != 0,
            self.lacks & ability.bit() != 0,
        ) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// What the model is known to be able to do.
    pub fn iter(self) -> impl Iterator<Item = Ability> {
        let all = Ability::ALL.into_iter();
        all.filter(move |ability| self.get(*ability) == Some(true))
    }
}
