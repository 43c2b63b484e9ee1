/// What is paid for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Unit {
    /// An input token of audio.
    AudioIn,
    /// An output token of audio.
    AudioOut,
    /// An input token that was read from the provider's prompt cache.
    CacheRead,
    /// An input token that was written to the provider's prompt cache, for minutes.
    CacheWrite,
    /// An input token that was written to the provider's prompt cache, for an hour.
    CacheWriteHour,
    /// A character of text that is to be spoken.
    Character,
    /// An image that was made.
    Image,
    /// An input token of an image.
    ImageIn,
    /// An output token of an image.
    ImageOut,
    /// Any other input token.
    Input,
    /// Any other output token.
    Output,
    /// An output token that the model spent on reasoning.
    Reasoning,
    /// A call, whatever is in it.
    Request,
    /// A search: of the web by the model, or of documents by a reranker.
    Search,
    /// A second of audio.
    Second,
}

// ===== impl Unit =====

impl Unit {
    /// Every unit there is.
    pub const ALL: [Self; 15] = [
        Self::AudioIn,
        Self::AudioOut,
        Self::CacheRead,
        Self::CacheWrite,
        Self::CacheWriteHour,
        Self::Character,
        Self::Image,
        Self::ImageIn,
        Self::ImageOut,
        Self::Input,
        Self::Output,
        Self::Reasoning,
        Self::Request,
        Self::Search,
        Self::Second,
    ];

    /// Its name, as in the catalog.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AudioIn => "audio-in",
            Self::AudioOut => "audio-out",
            Self::CacheRead => "read",
            Self::CacheWrite => "write",
            Self::CacheWriteHour => "write-1h",
            Self::Character => "character",
            Self::Image => "image",
            Self::ImageIn => "image-in",
            Self::ImageOut => "image-out",
            Self::Input => "in",
            Self::Output => "out",
            Self::Reasoning => "think",
            Self::Request => "request",
            Self::Search => "search",
            Self::Second => "second",
        }
    }

    /// The unit of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == name)
    }

    /// Whether it is `other`, or falls back to it.
    pub fn is_kind_of(self, other: Self) -> bool {
        self == other
            || self
                .falls_back_to()
                .is_some_and(|next| next.is_kind_of(other))
    }

    /// The unit whose rate applies where this one has none. `None` if it is free then.
    pub const fn falls_back_to(self) -> Option<Self> {
        match self {
            Self::AudioIn | Self::CacheRead | Self::CacheWrite | Self::ImageIn => Some(Self::Input),
            Self::CacheWriteHour => Some(Self::CacheWrite),
            Self::AudioOut | Self::ImageOut | Self::Reasoning => Some(Self::Output),
            _ => None,
        }
    }

    /// Whether it is a token, whose price is stated for a million of them.
    pub const fn is_token(self) -> bool {
        !matches!(
            self,
            Self::Character | Self::Image | Self::Request | Self::Search | Self::Second
        )
    }
}
