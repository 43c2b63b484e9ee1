/// Something that a caller can ask of the gateway itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Control {
    /// Which models are asked when one fails.
    Fallbacks,
    /// Whether and when a slow attempt gets company.
    Hedge,
    /// An answer that nobody is asked for, or a failure to see what follows.
    Mock,
    /// Which parameters are passed on though the provider is not known to take them.
    Params,
    /// The place in a queue.
    Priority,
    /// How many are asked at once.
    Race,
    /// How often a failed attempt is tried again.
    Retries,
    /// Which deployments may serve the call: tags, region, session.
    Tags,
    /// How long it may take.
    Timeout,
}

/// What callers may ask of the gateway itself.
///
/// # Defaults
///
/// Everything, as in `LiteLLM`. What a caller cannot reach in any case is a host that the operator has not
/// configured: nothing listens to `api_base` or `api_key` in a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Overrides(u16);

// ===== impl Control =====

impl Control {
    /// Every control there is.
    pub const ALL: [Self; 9] = [
        Self::Fallbacks,
        Self::Hedge,
        Self::Mock,
        Self::Params,
        Self::Priority,
        Self::Race,
        Self::Retries,
        Self::Tags,
        Self::Timeout,
    ];

    /// Its name, for settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fallbacks => "fallbacks",
            Self::Hedge => "hedge",
            Self::Mock => "mock",
            Self::Params => "params",
            Self::Priority => "priority",
            Self::Race => "race",
            Self::Retries => "retries",
            Self::Tags => "tags",
            Self::Timeout => "timeout",
        }
    }

    /// The control of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

// ===== impl Overrides =====

impl Overrides {
    /// Everything.
    pub const ALL: Self = Self(u16::MAX);

    /// Nothing.
    pub const NONE: Self = Self(0);

    /// This too.
    pub const fn allow(self, control: Control) -> Self {
        Self(self.0 | control.bit())
    }

    /// This not.
    pub const fn forbid(self, control: Control) -> Self {
        Self(self.0 & !control.bit())
    }

    /// Whether callers may ask for this.
    #[must_use]
    pub const fn allows(self, control: Control) -> bool {
        self.0 & control.bit() != 0
    }
}

impl Default for Overrides {
    fn default() -> Self {
        Self::ALL
    }
}
