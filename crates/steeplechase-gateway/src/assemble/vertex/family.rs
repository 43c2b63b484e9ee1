use steeplechase::Dialect;
use steeplechase::deployment::Platform;

/// How a model is spoken to, and where it is under the location.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Family<'m> {
    pub(super) dialect: Dialect,
    pub(super) platform: Platform,
    /// Its name there.
    pub(super) model: &'m str,
    /// What comes after the location, for a dialect that does not know where models are.
    pub(super) path: String,
}

impl<'m> Family<'m> {
    /// The family of a model, by its name. `None` for those that have a dialect of their own there.
    pub(super) fn of(name: &'m str) -> Option<Self> {
        const OTHERS: [&str; 5] = ["codestral", "jamba", "ministral", "mistral", "ai21"];
        let (publisher, model) = name.split_once('/').unwrap_or(("", name));
        let vertex = |dialect, model| Self {
            dialect,
            platform: Platform::Vertex,
            model,
            path: String::new(),
        };
        let openai = |path: String, model| Self {
            dialect: Dialect::OpenAi,
            platform: Platform::Own,
            model,
            path,
        };
        let is_number = !model.is_empty() && model.bytes().all(|b| b.is_ascii_digit());
        Some(match publisher {
            _ if OTHERS.iter().any(|other| publisher.starts_with(other)) => return None,
            "" if OTHERS.iter().any(|other| model.starts_with(other)) => return None,
            "" | "anthropic" if model.starts_with("claude") => vertex(Dialect::Anthropic, model),
            "" | "google" | "gemini" => vertex(Dialect::Gemini, model),
            // A server of one's own, which the number names.
            "openai" if is_number => openai(format!("/endpoints/{model}"), model),
            _ => openai("/endpoints/openapi".to_owned(), name),
        })
    }
}
