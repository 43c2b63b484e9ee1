use std::borrow::Cow;

use steeplechase_core::deployment::ModelNames;
use steeplechase_core::{Class, Error};

/// The provider's name for a model: always the same, or made of what the caller asked for.
#[derive(Clone, Debug)]
pub(super) enum UpstreamModel {
    Fixed {
        name: Box<str>,
        /// With its quotes.
        json: Box<[u8]>,
    },
    /// `openai/*` served as `*`: what the stars of the one take stands for the stars of the other.
    Pattern {
        pattern: Box<str>,
        template: Box<str>,
        names: ModelNames,
    },
}

// ===== impl UpstreamModel =====

impl UpstreamModel {
    pub(super) fn new(model: &str, upstream_model: &str, names: &ModelNames) -> Self {
        if upstream_model.contains('*') {
            Self::Pattern {
                pattern: model.into(),
                template: upstream_model.into(),
                names: names.clone(),
            }
        } else {
            let name = named(names, upstream_model.into());
            Self::Fixed {
                json: quote(&name).into(),
                name: name.into(),
            }
        }
    }

    /// Whether there is only one.
    pub(super) const fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed { .. })
    }

    pub(super) fn of(&self, asked: &str) -> Result<Cow<'_, str>, Error> {
        match self {
            Self::Fixed { name, .. } => Ok(Cow::Borrowed(name)),
            Self::Pattern {
                pattern,
                template,
                names,
            } => {
                let taken = capture(pattern, asked).ok_or_else(|| {
                    let message = format!("the model `{asked}` is not served here");
                    Error::new(Class::NotFound, message).with_code("model_not_found")
                })?;
                Ok(Cow::Owned(named(names, fill(template, &taken))))
            }
        }
    }

    /// The name as JSON.
    pub(super) fn json_of(&self, asked: &str) -> Result<Cow<'_, [u8]>, Error> {
        match self {
            Self::Fixed { json, .. } => Ok(Cow::Borrowed(json)),
            Self::Pattern { .. } => Ok(Cow::Owned(quote(&self.of(asked)?))),
        }
    }
}

/// A text as JSON.
pub(super) fn quote(text: &str) -> Vec<u8> {
    serde_json::Value::from(text).to_string().into_bytes()
}

/// The provider's name for the model that a deployment calls `name`.
fn named(names: &ModelNames, name: String) -> String {
    match names {
        ModelNames::Prefixed(prefix) if !name.contains(['/', '#']) => format!("{prefix}{name}"),
        ModelNames::HostLast => match name.split_once('/') {
            Some((host, model)) if model.contains('/') => format!("{model}:{host}"),
            _ => name,
        },
        ModelNames::Dotted(template) if !name.contains('/') => {
            let stars = template.matches('*').count();
            let parts: Vec<_> = name.splitn(stars, '.').collect();
            if parts.len() == stars {
                fill(template, &parts)
            } else {
                name
            }
        }
        _ => name,
    }
}

/// Whether a name is one of those that `pattern` stands for.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    capture(pattern, name).is_some()
}

/// What the stars of `pattern` take of `text`, or `None` if it is another text.
///
/// An earlier star takes as much as it can. So the parts between them are looked for from the end.
fn capture<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let Some((first, rest)) = pattern.split_once('*') else {
        return (pattern == text).then(Vec::new);
    };
    let mut text = text.strip_prefix(first)?;
    let mut taken = Vec::new();
    for (index, part) in rest.rsplit('*').enumerate() {
        let at = if index == 0 {
            text.ends_with(part).then(|| text.len() - part.len())?
        } else {
            text.rfind(part)?
        };
        if index > 0 {
            taken.push(&text[at + part.len()..]);
        }
        text = &text[..at];
    }
    taken.push(text);
    taken.reverse();
    Some(taken)
}

/// Puts what was taken into the stars of `template`. A star for which there is nothing stays.
fn fill(template: &str, taken: &[&str]) -> String {
    let mut parts = template.split('*');
    let mut out = String::from(parts.next().unwrap_or_default());
    for (index, part) in parts.enumerate() {
        out.push_str(taken.get(index).copied().unwrap_or("*"));
        out.push_str(part);
    }
    out
}
