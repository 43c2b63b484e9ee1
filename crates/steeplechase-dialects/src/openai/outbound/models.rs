use steeplechase_core::Deployment;
use steeplechase_core::deployment::Platform;

use crate::chat::Effort;

/// The kinds of models that take different parameters, by their names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Family {
    /// `gpt-4o`, `gpt-4.1`, `gpt-3.5-turbo`, `gpt-5-chat`: it does not think.
    Plain,
    /// `o1`, `o3-mini`, `o4-mini`.
    O,
    /// `gpt-5` and later, and those made for code, with the number after the dot.
    Five(u8),
    /// One that searches the web first.
    Search,
    /// `gpt-oss`, and others of open weights that take an effort.
    OpenThinker,
    /// Any other.
    Other,
}

// ===== impl Family =====

impl Family {
    /// That of a deployment's model. On Azure its name says nothing of it, and the base model does.
    pub(super) fn of_deployment(deployment: &Deployment, model: &str) -> Self {
        let base_model = match deployment.platform() {
            Platform::Azure { .. } => deployment.base_model(),
            _ => None,
        };
        Self::of(base_model.unwrap_or(model))
    }

    pub(super) fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        let name = name.strip_prefix("ft:").unwrap_or(name);
        if name.contains("gpt-oss") || name.starts_with("grok-3-mini") {
            return Self::OpenThinker;
        }
        let is_ours = ["gpt-", "chatgpt-", "codex-"]
            .iter()
            .any(|start| name.starts_with(start));
        if is_ours && name.contains("-search") {
            return Self::Search;
        }
        if let Some(rest) = name.strip_prefix('o') {
            let mut rest = rest.bytes();
            let is_number = rest
                .next()
                .is_some_and(|digit| (b'1'..=b'9').contains(&digit));
            let ends = rest.next().is_none_or(|next| next == b'-');
            return if is_number && ends {
                Self::O
            } else {
                Self::Other
            };
        }
        if name.starts_with("codex-") {
            return Self::Five(0);
        }
        if let Some(rest) = name.strip_prefix("gpt-5")
            && !rest.contains("chat")
        {
            let minor = rest.strip_prefix('.').unwrap_or("");
            let digits = minor.bytes().take_while(u8::is_ascii_digit).count();
            return Self::Five(minor[..digits].parse().unwrap_or(0));
        }
        if is_ours { Self::Plain } else { Self::Other }
    }

    /// Whether it is a model of `OpenAI`'s own.
    pub(super) const fn is_openai(self) -> bool {
        !matches!(self, Self::Other | Self::OpenThinker)
    }

    /// Whether it thinks before it speaks.
    pub(super) const fn is_thinker(self) -> bool {
        matches!(self, Self::O | Self::Five(_))
    }

    pub(super) const fn is_open_thinker(self) -> bool {
        matches!(self, Self::OpenThinker)
    }

    /// Whether the sampling can be changed, if it is to think so hard.
    pub(super) fn samples(self, effort: Option<Effort>) -> bool {
        match self {
            Self::O => false,
            // Without thinking they are like those before them. The first could not do without.
            Self::Five(minor) => minor >= 1 && effort == Some(Effort::None),
            _ => true,
        }
    }

    /// The nearest effort that it takes, by its name. `None` if it takes none.
    pub(super) fn effort(self, effort: Effort) -> Option<&'static str> {
        let nearest = match self {
            Self::Plain | Self::Search => return None,
            Self::O | Self::OpenThinker => match effort {
                Effort::None | Effort::Minimal => Effort::Low,
                effort => effort.min(Effort::High),
            },
            Self::Five(0) => effort.clamp(Effort::Minimal, Effort::High),
            Self::Five(1) => match effort {
                Effort::Minimal => Effort::Low,
                effort => effort.min(Effort::High),
            },
            Self::Five(_) => match effort {
                Effort::Minimal => Effort::Low,
                effort => effort.min(Effort::Xhigh),
            },
            Self::Other => match effort {
                Effort::Max => Effort::Xhigh,
                effort => effort,
            },
        };
        Some(nearest.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_known_by_the_name() {
        for (model, family) in [
            ("gpt-4o-mini", Family::Plain),
            ("gpt-5-chat-latest", Family::Plain),
            ("o3", Family::O),
            ("openai/o4-mini-2025-04-16", Family::O),
            ("olmo-2", Family::Other),
            ("o", Family::Other),
            ("gpt-5", Family::Five(0)),
            ("gpt-5-mini", Family::Five(0)),
            ("gpt-5.1-codex", Family::Five(1)),
            ("gpt-5.2", Family::Five(2)),
            ("gpt-4o-search-preview", Family::Search),
            ("gpt-oss-120b", Family::OpenThinker),
            ("llama-3.1-8b", Family::Other),
            ("", Family::Other),
        ] {
            assert_eq!(Family::of(model), family, "{model}");
        }
    }
}
