use crate::chat::Effort;

/// What a model of Google's takes, as far as it differs from model to model.
///
/// It is looked up by [`for_model`](Self::for_model), and may be corrected field by field where
/// somebody knows better.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a feature of the model, not a state"
)]
pub struct Capabilities {
    /// How it is asked to think.
    pub thinking: Thinking,
    /// Whether calls of tools have names of their own, and are sealed.
    pub sealed_calls: bool,
    /// Whether the schemas of tools are plain JSON Schema, and not the provider's subset.
    pub tool_schema: bool,
    /// Whether the schema of an answer is plain JSON Schema.
    pub answer_schema: bool,
    /// Whether an answer in JSON and tools go together.
    pub json_with_tools: bool,
    /// Whether the caller's tools and a search go together.
    pub search_with_tools: bool,
    /// Whether it takes penalties.
    pub penalties: bool,
    /// Whether the application has a place of its own to speak.
    pub system: bool,
    /// Where it is said how closely to look at a picture.
    pub resolution: Resolution,
}

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Thinking {
    /// By a number of tokens: the one for next to nothing, and the least that it takes.
    Budget {
        /// For [`Effort::Minimal`].
        minimal: u32,
        /// For [`Effort::None`]. More than zero, if it cannot be told not to think.
        least: u32,
    },
    /// By a level. These are those that it knows, lowest first.
    Level(&'static [Effort]),
    /// It cannot, or cannot be asked.
    Never,
}

/// Where it is said how closely a model looks at pictures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resolution {
    /// Once for all of them.
    All,
    /// With each of them.
    Each,
    /// Nowhere.
    None,
}

const LOW_HIGH: &[Effort] = &[Effort::Low, Effort::High];
const LOW_UP: &[Effort] = &[Effort::Low, Effort::Medium, Effort::High];
const MINIMAL_UP: &[Effort] = &[Effort::Minimal, Effort::Low, Effort::Medium, Effort::High];

/// 1.0 and 1.5.
const ONE: Capabilities = Capabilities {
    thinking: Thinking::Never,
    sealed_calls: false,
    tool_schema: false,
    answer_schema: false,
    json_with_tools: false,
    search_with_tools: false,
    penalties: true,
    system: true,
    resolution: Resolution::None,
};

const TWO: Capabilities = Capabilities {
    answer_schema: true,
    resolution: Resolution::All,
    ..ONE
};

const TWO_5: Capabilities = Capabilities {
    tool_schema: true,
    ..TWO
};

const THREE: Capabilities = Capabilities {
    thinking: Thinking::Level(LOW_UP),
    sealed_calls: true,
    json_with_tools: true,
    search_with_tools: true,
    penalties: false,
    resolution: Resolution::Each,
    ..TWO_5
};

const GEMMA: Capabilities = Capabilities {
    system: false,
    ..ONE
};

/// What a model's name says.
struct Model<'n> {
    words: Vec<&'n str>,
    version: Option<(u8, u8)>,
}

// ===== impl Capabilities =====

impl Capabilities {
    /// What a model takes, by its name: `gemini-2.5-flash-lite`, `models/gemini-3-pro-preview`,
    /// `google/gemini-2.0-flash-001`, `gemma-3-27b-it`.
    ///
    /// A name without a version, such as `gemini-flash-latest`, is taken for a new model. One that says
    /// nothing at all, such as the number of a tuned model, is taken for one that knows what all do.
    pub fn for_model(name: &str) -> Self {
        let model = Model::of(name);
        if model.has("gemma") {
            return GEMMA;
        }
        if !model.has("gemini") {
            return TWO;
        }
        let gives = match model.version.unwrap_or((3, u8::MAX)) {
            (..=1, _) => ONE,
            (2, ..=4) => TWO,
            (2, _) => Self {
                thinking: model.budget(),
                ..TWO_5
            },
            version => Self {
                thinking: Thinking::Level(model.levels(version)),
                ..THREE
            },
        };
        // Those that draw and speak think as they like, or not at all.
        let is_maker = ["image", "tts", "audio", "live"]
            .iter()
            .any(|word| model.has(word));
        if is_maker {
            return Self {
                thinking: Thinking::Never,
                ..gives
            };
        }
        gives
    }
}

impl<'n> Model<'n> {
    fn of(name: &'n str) -> Self {
        let (_, name) = name.rsplit_once('/').unwrap_or(("", name));
        let words: Vec<_> = name
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .collect();
        let version = words.iter().find_map(|word| {
            let (major, minor) = word.split_once('.').unwrap_or((word, "0"));
            // More digits are a date, or the size of a model.
            (major.len() == 1).then_some(())?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        Self { words, version }
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// The budgets of 2.5.
    fn budget(&self) -> Thinking {
        let (minimal, least) = if self.has("lite") {
            (512, 0)
        } else if self.has("pro") {
            (128, 128)
        } else {
            (1, 0)
        };
        Thinking::Budget { minimal, least }
    }

    /// The levels of 3 and later.
    fn levels(&self, version: (u8, u8)) -> &'static [Effort] {
        if self.has("pro") {
            if version == (3, 0) { LOW_HIGH } else { LOW_UP }
        } else if self.has("flash") {
            MINIMAL_UP
        } else {
            LOW_UP
        }
    }
}
