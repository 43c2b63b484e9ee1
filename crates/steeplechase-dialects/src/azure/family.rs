//! Which models reason, by the names of their families.

/// What a family of models makes of sampling parameters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Family {
    /// It takes them.
    Plain,
    /// It reasons, and takes them, or takes them if it is told not to reason.
    Reasons,
    /// It reasons, and takes none.
    Fixed,
}

impl Family {
    /// The family of a model, by `OpenAI`'s name for it, with or without a provider before it.
    pub(super) fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        let series = |name: &str| {
            let mut letters = name.chars();
            let is_o = letters.next() == Some('o');
            is_o && letters.next().is_some_and(|c| c.is_ascii_digit())
        };
        if series(name) {
            return Self::Fixed;
        }
        let Some(rest) = name.strip_prefix("gpt-5") else {
            let is_later = name.strip_prefix("gpt-").is_some_and(|rest| {
                let digits = rest.split(['.', '-']).next().unwrap_or_default();
                // `gpt-35-turbo` is an older one.
                digits
                    .parse()
                    .is_ok_and(|major: u32| (6..30).contains(&major))
            });
            return if is_later { Self::Reasons } else { Self::Plain };
        };
        // `gpt-5-chat` does not reason, and later ones can be told not to.
        if rest.starts_with("-chat") || rest.starts_with('.') {
            Self::Reasons
        } else {
            Self::Fixed
        }
    }
}
