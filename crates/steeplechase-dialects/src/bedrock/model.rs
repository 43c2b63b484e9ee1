use std::fmt::Write;

/// A name of a model, taken apart.
///
/// ```text
/// us.anthropic.claude-sonnet-4-5-20250929-v1:0      a model, by way of a cross-region profile
/// eu-west-1/meta.llama3-3-70b-instruct-v1:0         … in a region
/// converse/amazon.nova-pro-v1:0                     … by LiteLLM's name for this API
/// llama/arn:aws:bedrock:us-east-1:…:imported-model/x  … whose family the ARN does not tell
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Model<'n> {
    id: &'n str,
    region: Option<&'n str>,
    family: Option<Family>,
}

/// Whose model it is, as far as requests differ by it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Family {
    /// AI21's.
    Ai21,
    /// Anthropic's.
    Claude,
    /// Cohere's.
    Cohere,
    /// `DeepSeek`'s, but for R1.
    DeepSeek,
    /// `DeepSeek`'s R1, which always thinks.
    DeepSeekR1,
    /// `OpenAI`'s, but for the open ones.
    Gpt,
    /// `OpenAI`'s open ones.
    GptOss,
    /// `xAI`'s.
    Grok,
    /// Meta's.
    Llama,
    /// Mistral's.
    Mistral,
    /// Amazon's Nova.
    Nova,
    /// Amazon's Nova from the second version on, which thinks.
    Nova2,
    /// Other open models: Qwen, Gemma, Kimi, `MiniMax`, Nemotron, GLM.
    Open,
    /// One that nobody can tell.
    Other,
}

// ===== impl Model =====

impl<'n> Model<'n> {
    /// Takes a name apart. Any name is one.
    pub fn parse(name: &'n str) -> Self {
        let mut model = Self {
            id: name,
            region: None,
            family: None,
        };
        while let Some((first, rest)) = model.id.split_once('/') {
            if is_arn(first) || rest.is_empty() {
                break;
            }
            if is_region(first) {
                model.region = Some(first);
            } else if let Some(family) = Family::from_hint(first) {
                model.family = Some(family);
            } else if !is_route(first) {
                break;
            }
            model.id = rest;
        }
        if is_arn(model.id) {
            let region = model.id.split(':').nth(3);
            model.region = region.filter(|region| !region.is_empty()).or(model.region);
        }
        model
    }

    /// The name that the provider is told.
    pub const fn id(&self) -> &'n str {
        self.id
    }

    /// The region that the name is of, if it says one.
    pub const fn region(&self) -> Option<&'n str> {
        self.region
    }

    /// Whether it is an ARN, which names an account.
    pub fn is_arn(&self) -> bool {
        is_arn(self.id)
    }

    /// Whose model it is.
    pub fn family(&self) -> Family {
        self.family.unwrap_or_else(|| Family::of(self.id))
    }

    /// The name as one segment of a path.
    pub(super) fn segment(&self) -> String {
        let mut segment = String::with_capacity(self.id.len() + 16);
        for byte in self.id.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                segment.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(segment, "%{byte:02X}");
            }
        }
        segment
    }
}

/// What LiteLLM writes before a name to say by which API the model is called, or for how long it was
/// bought.
fn is_route(word: &str) -> bool {
    matches!(word, "bedrock" | "converse" | "converse_like" | "invoke")
        || word.ends_with("-month-commitment")
}

fn is_arn(name: &str) -> bool {
    name.starts_with("arn:")
}

/// Whether a word is a region: `us-east-1`, `us-gov-west-1`, `ap-southeast-2`.
fn is_region(word: &str) -> bool {
    let mut words = word.split('-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let area = words.next();
    let number = words.next_back();
    let rest = words.collect::<Vec<_>>();
    area.is_some_and(|area| (2..=4).contains(&area.len()) && is_word(area))
        && (1..=3).contains(&rest.len())
        && rest.into_iter().all(is_word)
        && number.is_some_and(|n| n.len() <= 2 && n.parse::<u8>().is_ok())
}

// ===== impl Family =====

impl Family {
    /// The family of what LiteLLM writes before an ARN that does not tell.
    fn from_hint(word: &str) -> Option<Self> {
        Some(match word {
            "anthropic" | "claude" => Self::Claude,
            "deepseek_r1" => Self::DeepSeekR1,
            "llama" => Self::Llama,
            "mistral" => Self::Mistral,
            "nova" => Self::Nova,
            "nova-2" => Self::Nova2,
            "openai" => Self::GptOss,
            "moonshot" | "qwen2" | "qwen3" => Self::Open,
            _ => return None,
        })
    }

    fn of(id: &str) -> Self {
        const KNOWN: [(&str, Family); 21] = [
            ("claude", Family::Claude),
            ("nova-2", Family::Nova2),
            ("nova", Family::Nova),
            ("llama", Family::Llama),
            ("deepseek.r1", Family::DeepSeekR1),
            ("deepseek-r1", Family::DeepSeekR1),
            ("deepseek", Family::DeepSeek),
            ("gpt-oss", Family::GptOss),
            ("openai.", Family::Gpt),
            ("grok", Family::Grok),
            ("mistral", Family::Mistral),
            ("cohere", Family::Cohere),
            ("command", Family::Cohere),
            ("ai21", Family::Ai21),
            ("jamba", Family::Ai21),
            ("qwen", Family::Open),
            ("gemma", Family::Open),
            ("kimi", Family::Open),
            ("minimax", Family::Open),
            ("nemotron", Family::Open),
            ("zai.", Family::Open),
        ];
        // What comes before it in an ARN is an account and a kind of resource.
        let name = if is_arn(id) {
            id.rsplit_once('/').map_or(id, |(_, name)| name)
        } else {
            id
        };
        let name = name.to_ascii_lowercase();
        let found = KNOWN.iter().find(|(sign, _)| name.contains(sign));
        found.map_or(Self::Other, |(_, family)| *family)
    }
}
