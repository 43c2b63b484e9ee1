use crate::chat::Effort;

/// What a model of Anthropic's takes, as far as it differs from model to model.
///
/// It is looked up once for a deployment, by [`for_model`](Self::for_model), and may be corrected
/// field by field where somebody knows better.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a feature of the model, not a state"
)]
pub struct Capabilities {
    /// How it is asked to think.
    pub thinking: Thinking,
    /// The efforts that it knows, lowest first.
    pub efforts: &'static [Effort],
    /// Whether naming an effort takes a beta header.
    pub effort_beta: bool,
    /// Which of `temperature`, `top_p` and `top_k` it takes.
    pub sampling: Sampling,
    /// Whether it can be made to call a tool.
    pub forced_tool: bool,
    /// Whether it continues a last message of the assistant's.
    pub prefill: bool,
    /// Whether it can be held to a JSON schema.
    pub json_schema: bool,
    /// Whether the application may speak in the middle of a conversation.
    pub mid_system: bool,
    /// The most tokens of an answer, if that is known.
    pub max_output: Option<u32>,
}

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Thinking {
    /// By an effort. It does not think unless asked.
    Adaptive,
    /// It always thinks. An effort says how hard.
    Always,
    /// By a number of tokens.
    Budget,
    /// By an effort. It thinks unless asked not to.
    ByDefault,
    /// By an effort or by a number of tokens.
    Either,
    /// It cannot.
    Never,
}

/// Which of `temperature`, `top_p` and `top_k` a model takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sampling {
    /// All of them, but not `temperature` and `top_p` together.
    Exclusive,
    /// All of them.
    Free,
    /// None of them.
    None,
}

struct Rule {
    /// Any, if there is none.
    families: &'static [&'static str],
    /// The first version, and the last.
    from: (u8, u8),
    to: (u8, u8),
    gives: Capabilities,
}

const OLD: Capabilities = Capabilities {
    thinking: Thinking::Never,
    efforts: &[],
    effort_beta: false,
    sampling: Sampling::Free,
    forced_tool: true,
    prefill: true,
    json_schema: false,
    mid_system: false,
    max_output: Some(4096),
};

const BUDGET: Capabilities = Capabilities {
    thinking: Thinking::Budget,
    max_output: None,
    ..OLD
};

const FOUR_5: Capabilities = Capabilities {
    sampling: Sampling::Exclusive,
    json_schema: true,
    ..BUDGET
};

const FOUR_6: Capabilities = Capabilities {
    thinking: Thinking::Either,
    efforts: &[Effort::Low, Effort::Medium, Effort::High, Effort::Max],
    prefill: false,
    ..FOUR_5
};

const FOUR_7: Capabilities = Capabilities {
    thinking: Thinking::Adaptive,
    efforts: &[
        Effort::Low,
        Effort::Medium,
        Effort::High,
        Effort::Xhigh,
        Effort::Max,
    ],
    sampling: Sampling::None,
    ..FOUR_6
};

const FOUR_8: Capabilities = Capabilities {
    mid_system: true,
    ..FOUR_7
};

const FIVE: Capabilities = Capabilities {
    thinking: Thinking::ByDefault,
    ..FOUR_8
};

const ALWAYS: Capabilities = Capabilities {
    thinking: Thinking::Always,
    forced_tool: false,
    ..FIVE
};

/// What is taken from which version of which family. The first rule that fits counts.
///
/// The provider changes this from version to version, and says so in its release notes and in the
/// `capabilities` of its list of models.
const RULES: [Rule; 13] = [
    Rule {
        families: &["fable", "mythos"],
        from: (0, 0),
        to: (u8::MAX, u8::MAX),
        gives: ALWAYS,
    },
    any((0, 0), (3, 4), OLD),
    any(
        (3, 5),
        (3, 5),
        Capabilities {
            max_output: Some(8192),
            ..OLD
        },
    ),
    any((3, 6), (3, 9), BUDGET),
    Rule {
        families: &["opus"],
        from: (4, 0),
        to: (4, 0),
        gives: Capabilities {
            max_output: Some(32_000),
            ..BUDGET
        },
    },
    any((4, 0), (4, 0), BUDGET),
    any(
        (4, 1),
        (4, 4),
        Capabilities {
            sampling: Sampling::Exclusive,
            ..BUDGET
        },
    ),
    Rule {
        families: &["opus"],
        from: (4, 5),
        to: (4, 5),
        gives: Capabilities {
            efforts: &[Effort::Low, Effort::Medium, Effort::High],
            effort_beta: true,
            ..FOUR_5
        },
    },
    any((4, 5), (4, 5), FOUR_5),
    any((4, 6), (4, 6), FOUR_6),
    any((4, 7), (4, 7), FOUR_7),
    any((4, 8), (4, u8::MAX), FOUR_8),
    any((5, 0), (5, 4), FIVE),
];

const fn any(from: (u8, u8), to: (u8, u8), gives: Capabilities) -> Rule {
    Rule {
        families: &[],
        from,
        to,
        gives,
    }
}

// ===== impl Capabilities =====

impl Capabilities {
    /// What a model takes, by its name: `claude-sonnet-4-5-20250929`, `anthropic/claude-opus-4.1`,
    /// `us.anthropic.claude-3-5-haiku-20241022-v1:0`, `claude-opus-4@20250514`.
    ///
    /// A name that says nothing is taken for a new model: no sampling parameters, no prefill, thinking
    /// by effort.
    pub fn for_model(name: &str) -> Self {
        let Some(model) = Model::of(name) else {
            return FOUR_7;
        };
        let found = RULES.iter().find(|rule| rule.fits(&model));
        let gives = match found {
            Some(rule) => rule.gives,
            // Newer than the table.
            None if model.version >= (5, 5) => ALWAYS,
            None => FOUR_7,
        };
        Self {
            // Previews are not up to everything yet.
            mid_system: gives.mid_system && !model.is_preview,
            ..gives
        }
    }

    /// The version of a model, by its name.
    pub(crate) fn version(name: &str) -> Option<(u8, u8)> {
        Model::of(name).map(|model| model.version)
    }

    /// The effort nearest to the one asked for, of those that the model knows.
    pub(crate) fn effort(&self, asked: Effort) -> Option<Effort> {
        let known = self.efforts.contains(&asked);
        if known {
            return Some(asked);
        }
        match asked {
            Effort::None => None,
            Effort::Minimal => self.efforts.first().copied(),
            // More than it knows.
            _ => self.efforts.last().copied(),
        }
    }
}

impl Rule {
    fn fits(&self, model: &Model<'_>) -> bool {
        let family = self.families.is_empty() || self.families.contains(&model.family);
        family && (self.from..=self.to).contains(&model.version)
    }
}

/// What a model's name says.
struct Model<'n> {
    family: &'n str,
    version: (u8, u8),
    is_preview: bool,
}

impl<'n> Model<'n> {
    fn of(name: &'n str) -> Option<Self> {
        const FAMILIES: [&str; 6] = ["fable", "haiku", "instant", "mythos", "opus", "sonnet"];
        let (_, rest) = name.rsplit_once("claude")?;
        let mut family = "";
        let mut numbers = [None; 2];
        let mut is_preview = false;
        for word in rest.split(|c: char| !c.is_ascii_alphanumeric()) {
            let digits = word.strip_prefix('v').unwrap_or(word);
            let is_number =
                (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if FAMILIES.contains(&word) {
                family = word;
            } else if word == "preview" {
                is_preview = true;
            } else if is_number && numbers[1].is_none() {
                // After the first number, `v1` is about the packaging.
                if word.len() != digits.len() && numbers[0].is_some() {
                    break;
                }
                let place = usize::from(numbers[0].is_some());
                numbers[place] = digits.parse().ok();
            } else if word.len() >= 6 && word.bytes().all(|b| b.is_ascii_digit()) {
                // The date: what comes after it is about the packaging.
                break;
            }
        }
        let version = match numbers {
            [Some(major), minor] => (major, minor.unwrap_or(0)),
            _ if family == "fable" || family == "mythos" => (5, 0),
            _ => return None,
        };
        Some(Self {
            family,
            version,
            is_preview,
        })
    }
}
