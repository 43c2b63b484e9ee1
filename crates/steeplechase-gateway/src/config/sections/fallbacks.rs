//! The four lists of fallbacks, which both `router_settings` and `litellm_settings` can hold.

use serde_json::{Map, Value};

use crate::config::diagnostic::At;
use crate::config::model::FallbackTarget;
use crate::config::node::Cursor;

/// The lists, with the places they are written at, for the checks that come later.
#[derive(Default)]
pub(in crate::config) struct Fallbacks {
    pub(in crate::config) general: Option<Vec<Rule>>,
    pub(in crate::config) context_window: Option<Vec<Rule>>,
    pub(in crate::config) content_policy: Option<Vec<Rule>>,
    pub(in crate::config) default: Option<Vec<Target>>,
}

/// What to try when one model fails.
pub(in crate::config) struct Rule {
    pub(in crate::config) at: At,
    pub(in crate::config) from: String,
    pub(in crate::config) targets: Vec<Target>,
}

/// A model to try.
pub(in crate::config) struct Target {
    pub(in crate::config) at: At,
    pub(in crate::config) name: String,
    /// What replaces the same fields of the call.
    fields: Map<String, Value>,
}

impl Fallbacks {
    /// Reads `field` if it is one of the lists, and says whether it is.
    pub(super) fn read(&mut self, field: &Cursor<'_>) -> bool {
        match field.key() {
            "fallbacks" => self.general = rules(field),
            "context_window_fallbacks" => self.context_window = rules(field),
            "content_policy_fallbacks" => self.content_policy = rules(field),
            "default_fallbacks" => {
                let example = "default_fallbacks: [gpt-4o]";
                self.default = (!field.is_null()).then(|| targets(field, example));
            }
            _ => return false,
        }
        true
    }

    /// These lists, and those of `other` where these are not written.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            general: self.general.or(other.general),
            context_window: self.context_window.or(other.context_window),
            content_policy: self.content_policy.or(other.content_policy),
            default: self.default.or(other.default),
        }
    }

    /// The lists of rules, in the order in which they are documented.
    pub(in crate::config) fn lists(&self) -> impl Iterator<Item = &[Rule]> {
        [&self.general, &self.context_window, &self.content_policy]
            .into_iter()
            .flatten()
            .map(Vec::as_slice)
    }
}

/// A list of rules without their places.
pub(super) fn plain(rules: Option<&[Rule]>) -> Vec<(String, Vec<FallbackTarget>)> {
    rules
        .unwrap_or_default()
        .iter()
        .map(|rule| (rule.from.clone(), targets_of(Some(&rule.targets))))
        .collect()
}

/// A list of targets without their places.
pub(super) fn targets_of(targets: Option<&[Target]>) -> Vec<FallbackTarget> {
    let target = |target: &Target| FallbackTarget {
        model: target.name.clone(),
        fields: target.fields.clone(),
    };
    targets.unwrap_or_default().iter().map(target).collect()
}

fn rules(list: &Cursor<'_>) -> Option<Vec<Rule>> {
    if list.is_null() {
        return None;
    }
    let example = format!("{}: [{{gpt-4o: [claude-sonnet]}}]", list.key());
    Some(list.items(&example).iter().filter_map(rule).collect())
}

/// LiteLLM, too, refuses an item that is not a map of exactly one model.
fn rule(item: &Cursor<'_>) -> Option<Rule> {
    const EXAMPLE: &str = "- gpt-4o: [claude-sonnet]";
    if !item.is_map() {
        item.mistyped("a map of one model to a list of models", EXAMPLE);
        return None;
    }
    let fields = item.fields();
    let [field] = fields.as_slice() else {
        item.error(
            format!("expected one model in this item, found {}", fields.len()),
            format!("begin a new item for each model, for example `{EXAMPLE}`"),
        );
        return None;
    };
    Some(Rule {
        at: field.at().clone(),
        from: field.key().to_owned(),
        targets: targets(field, &format!("{}: [claude-sonnet]", field.key())),
    })
}

fn targets(list: &Cursor<'_>, example: &str) -> Vec<Target> {
    list.items(example).iter().filter_map(target).collect()
}

/// A name, or a map with a `model` and with fields that replace those of the call.
fn target(item: &Cursor<'_>) -> Option<Target> {
    let mut fields = Map::new();
    let name = if item.is_map() {
        let Some(model) = item.field("model") else {
            item.error(
                "a fallback that is a map must name its `model`",
                "write for example `- claude-sonnet`",
            );
            return None;
        };
        for field in item.fields() {
            match field.key() {
                "model" => {}
                "api_base" | "api_key" | "api_version" | "base_url" | "custom_llm_provider" => {
                    field.warn(
                        "a fallback cannot say where it goes or with which key, so this is ignored",
                        "make it a deployment in `model_list`, and name that",
                    );
                }
                key => fields.extend(field.json().map(|value| (key.to_owned(), value))),
            }
        }
        model.text("claude-sonnet")?
    } else {
        item.name("claude-sonnet")?
    };
    Some(Target {
        at: item.at().clone(),
        name,
        fields,
    })
}
