//! What a provider makes of the parameters of a call.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use steeplechase_core::deployment::{Limit, MessageRules, ParamRules};
use steeplechase_core::{Class, Error};

use super::messages;
use super::values::{asks_for_many, breach, forbids_thoughts, says_nothing};
use super::wildcard::quote;
use crate::json::survey::{Fate, Field};
use crate::translate::provider::Allowed;

/// The rules of a provider, or of some of its models.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    provider: Box<str>,
    drop_params: bool,
    renames: Vec<Rename>,
    verdicts: Vec<(Box<str>, Verdict)>,
    /// What some values of a parameter are called there, both in JSON.
    values: Vec<Value>,
    messages: MessageRules,
    /// The names that something is said of, with their quotes.
    names: Vec<Finder<'static>>,
}

#[derive(Clone, Debug)]
struct Rename {
    from: Box<str>,
    to: Box<str>,
    /// With its quotes.
    json: Box<[u8]>,
}

#[derive(Clone, Debug)]
struct Value {
    param: Box<str>,
    from: String,
    to: Box<[u8]>,
}

/// What becomes of a parameter, by the provider's name for it.
#[derive(Clone, Debug)]
enum Verdict {
    Dropped,
    Ignored,
    Limited(Limit),
}

/// What has become of a call's parameters.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// What the provider is not told.
    pub(super) dropped: Vec<Box<str>>,
    /// How many choices are asked for, if not as many as the caller wants.
    pub(super) choices: Option<u32>,
}

// ===== impl Rules =====

impl Rules {
    /// Prepares rules. `None` if there are none.
    pub(super) fn new(rules: &ParamRules, provider: &str, drop_params: bool) -> Option<Self> {
        let all = |params: &[Box<str>], verdict: &Verdict| -> Vec<_> {
            let params = params.iter().cloned();
            params.map(|name| (name, verdict.clone())).collect()
        };
        let mut verdicts = all(&rules.drops, &Verdict::Dropped);
        verdicts.extend(all(&rules.ignored, &Verdict::Ignored));
        let limits = rules.limits.iter().cloned();
        verdicts.extend(limits.map(|limit| (limit.param.clone(), Verdict::Limited(limit))));
        let renames = rules.renames.iter().map(|(from, to)| Rename {
            from: from.clone(),
            to: to.clone(),
            json: quote(to).into(),
        });
        // The model is no parameter: it is what the deployment is for.
        verdicts.retain(|(name, _)| **name != *"model");
        let renames: Vec<_> = renames.collect();
        let values = rules.values.iter().flat_map(|(param, values)| {
            let quoted = |text: &str| String::from_utf8(quote(text)).unwrap_or_default();
            values.iter().map(move |(from, to)| Value {
                param: param.clone(),
                from: quoted(from),
                to: quote(to).into(),
            })
        });
        let values: Vec<_> = values.collect();
        let names = renames.iter().map(|rename| &rename.from);
        let names = names.chain(verdicts.iter().map(|(name, _)| name));
        let names = names.chain(values.iter().map(|value| &value.param));
        let mut names: Vec<&str> = names.map(|name| &**name).collect();
        if rules.messages != MessageRules::default() {
            names.push("messages");
        }
        let names = names
            .into_iter()
            .map(|name| Finder::new(&quote(name)).into_owned());
        let names: Vec<_> = names.collect();
        (!rules.is_empty()).then(|| Self {
            provider: provider.into(),
            drop_params,
            names,
            renames,
            verdicts,
            values,
            messages: rules.messages,
        })
    }

    /// Whether something may be said of a call. If not, it need not be looked at field by field.
    ///
    /// In JSON a quote inside of a text is escaped, so a name between two bare quotes is a name of a
    /// field, at the top or further down, or a text of just that.
    pub(super) fn may_concern(&self, raw: &[u8]) -> bool {
        // An escaped letter, with which a name could hide.
        static ESCAPE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r"\u00"));
        let mut names = self.names.iter().chain([&*ESCAPE]);
        names.any(|name| name.find(raw).is_some())
    }

    /// The provider's name for a parameter.
    pub(super) fn name<'a>(&'a self, name: &'a str) -> &'a str {
        self.rename(name).map_or(name, |rename| &rename.to)
    }

    /// Whether the provider refuses a parameter, whatever its value.
    pub(super) fn refuses(&self, name: &str) -> bool {
        let verdict = self.verdict(name).or_else(|| self.verdict(self.name(name)));
        matches!(verdict, Some(Verdict::Dropped | Verdict::Ignored))
    }

    /// Decides what becomes of the fields of a call. Those that are `allowed` go on, whatever is said of them.
    ///
    /// # Errors
    ///
    /// [`Class::Unsupported`] if the provider refuses one that would have changed the answer, and it is
    /// not allowed to leave it out.
    pub(super) fn apply<'a>(
        &'a self,
        fields: &mut [Field<'a>],
        allowed: Allowed<'_>,
    ) -> Result<Applied, Error> {
        self.rename_all(fields);
        let mut applied = Applied::default();
        let is_many = fields.iter().any(asks_for_many);
        let thinks = !fields.iter().any(forbids_thoughts);
        for field in fields {
            if field.fate == Fate::Cut {
                continue;
            }
            self.say(field, thinks);
            let verdict = self.verdict(&field.name);
            let verdict = verdict.or_else(|| self.verdict(self.name(&field.name)));
            match verdict {
                None => {}
                Some(_) if allowed.has(&field.name) => {}
                Some(Verdict::Limited(limit)) => self.limit(field, limit, is_many, &mut applied)?,
                Some(verdict) => {
                    field.fate = Fate::Cut;
                    if field.name == "n" {
                        applied.choices = Some(1);
                    }
                    if says_nothing(&field.name, field.value) {
                        continue;
                    }
                    if matches!(verdict, Verdict::Dropped) && !self.drop_params {
                        let why = format!("the provider `{}` does not take it", self.provider);
                        return Err(unsupported(&field.name, &why));
                    }
                    applied.note(&field.name);
                }
            }
        }
        Ok(applied)
    }

    /// Gives fields the provider's names. The name that is the provider's own goes before another name
    /// of the same thing.
    fn rename_all<'a>(&'a self, fields: &mut [Field<'a>]) {
        for rename in &self.renames {
            let is_said = |name: &str, fields: &[Field<'_>]| {
                let mut fields = fields.iter();
                fields.any(|field| {
                    field.name == name && field.value != "null" && field.fate != Fate::Cut
                })
            };
            let mut is_taken = is_said(&rename.to, fields);
            let is_empty = !is_taken && fields.iter().any(|field| *field.name == *rename.from);
            for field in &mut *fields {
                if *field.name == *rename.from {
                    field.fate = if is_taken {
                        Fate::Cut
                    } else {
                        Fate::Named(&rename.json)
                    };
                    is_taken = true;
                } else if is_empty && *field.name == *rename.to {
                    // It says nothing, and there is another that does.
                    field.fate = Fate::Cut;
                }
            }
        }
    }

    fn limit(
        &self,
        field: &mut Field<'_>,
        limit: &Limit,
        is_many: bool,
        applied: &mut Applied,
    ) -> Result<(), Error> {
        let Some((right, nearest)) = breach(limit, field.value, is_many) else {
            return Ok(());
        };
        if !limit.clamp && !self.drop_params {
            let why = format!("the provider `{}` takes {right}", self.provider);
            return Err(unsupported(&field.name, &why));
        }
        let Some(nearest) = nearest else {
            field.fate = Fate::Cut;
            applied.note(&field.name);
            return Ok(());
        };
        applied.note(&format!("{}={}", field.name, nearest.trim_matches('"')));
        if field.name == "n" {
            applied.choices = nearest.parse().ok();
        }
        field.set(nearest.into_bytes());
        Ok(())
    }

    /// Says in the provider's words what it has others for, and loses nothing by it.
    fn say(&self, field: &mut Field<'_>, thinks: bool) {
        if field.name == "messages" && self.messages != MessageRules::default() {
            if let Some(messages) = messages::rewritten(field.value, self.messages, thinks) {
                field.set(messages.into_bytes());
            }
            return;
        }
        let mut values = self.values.iter();
        let is_it = |value: &&Value| *value.param == *field.name && value.from == field.value;
        if let Some(value) = values.find(is_it) {
            field.set(value.to.to_vec());
        }
    }

    fn rename(&self, name: &str) -> Option<&Rename> {
        self.renames.iter().find(|rename| *rename.from == *name)
    }

    fn verdict(&self, name: &str) -> Option<&Verdict> {
        let mut verdicts = self.verdicts.iter();
        let found = verdicts.find(|(param, _)| **param == *name);
        found.map(|(_, verdict)| verdict)
    }
}

// ===== impl Applied =====

impl Applied {
    fn note(&mut self, name: &str) {
        if !self.dropped.iter().any(|known| **known == *name) {
            self.dropped.push(name.into());
        }
    }
}

fn unsupported(param: &str, why: &str) -> Error {
    Error::new(
        Class::Unsupported,
        format!("{param} is not supported: {why}"),
    )
    .with_code("unsupported_parameter")
    .with_param(param)
}
