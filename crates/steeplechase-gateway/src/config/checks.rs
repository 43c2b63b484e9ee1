//! What no section can see alone: names that lead nowhere, chains that loop, siblings that differ.
//!
//! None of it is an error. LiteLLM starts with all of this, and does something else than was meant.

use std::collections::{HashMap, HashSet};

use super::diagnostic::Report;
use super::known;
use super::model::{ModelEntry, RoutingStrategy};
use super::sections::{Placed, Router, Rule, Target};

/// Runs all checks.
pub(super) fn run(models: &[Placed<ModelEntry>], router: &Router, report: &Report) {
    let names = Names::new(models, router);
    for list in router.fallbacks.lists() {
        sources(list, &names, report);
        for rule in list {
            targets(&rule.targets, &names, report);
        }
        loops(list, report);
    }
    if let Some(default) = &router.fallbacks.default {
        targets(default, &names, report);
    }
    aliases(router, &names, report);
    duplicates(models, report);
    if router.settings.routing_strategy == RoutingStrategy::SimpleShuffle {
        weights(models, router, report);
    }
}

/// Everything that a caller can ask for.
struct Names<'a> {
    exact: HashSet<&'a str>,
    /// Names that hold `*`.
    wildcards: Vec<&'a str>,
    /// What a misspelt name could be meant to be, in the order of the file.
    candidates: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn new(models: &'a [Placed<ModelEntry>], router: &'a Router) -> Self {
        let models = || models.iter().map(|model| &model.value);
        let aliases = &router.settings.model_group_alias;
        let candidates: Vec<&str> = models()
            .map(|model| model.model_name.as_str())
            .chain(aliases.iter().map(|alias| alias.alias.as_str()))
            .collect();
        // A deployment's id, and the provider's name for its model, can be asked for too.
        let further = models().flat_map(|model| [&*model.deployment_id, &*model.params.model]);
        Self {
            exact: candidates.iter().copied().chain(further).collect(),
            wildcards: models()
                .map(|model| model.model_name.as_str())
                .filter(|name| name.contains('*'))
                .collect(),
            candidates,
        }
    }

    fn leads_somewhere(&self, name: &str) -> bool {
        self.exact.contains(name) || self.wildcards.iter().any(|pattern| fits(pattern, name))
    }

    fn fix(&self, name: &str) -> String {
        match known::nearest(name, self.candidates.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add it to `model_list`, or remove it here".to_owned(),
        }
    }
}

/// Whether `name` fits `pattern`, in which `*` stands for anything. As in LiteLLM, the pattern need
/// not reach to the end of the name.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    parts.all(|part| match rest.find(part) {
        Some(start) => {
            rest = &rest[start + part.len()..];
            true
        }
        None => false,
    })
}

fn sources(rules: &[Rule], names: &Names<'_>, report: &Report) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for rule in rules {
        if rule.from != "*" && !names.leads_somewhere(&rule.from) {
            let message = format!("`{}` is no model of `model_list`", rule.from);
            report.warn(&rule.at, message, names.fix(&rule.from));
        }
        if let Some(first) = seen.get(rule.from.as_str()) {
            let message = format!("`{}` has fallbacks on line {first}, which count", rule.from);
            report.warn(&rule.at, message, "write them in one list");
        } else {
            seen.insert(&rule.from, rule.at.place.line);
        }
    }
}

fn targets(targets: &[Target], names: &Names<'_>, report: &Report) {
    for target in targets {
        if !names.leads_somewhere(&target.name) {
            let message = format!("`{}` is no model of `model_list`", target.name);
            report.warn(&target.at, message, names.fix(&target.name));
        }
    }
}

fn aliases(router: &Router, names: &Names<'_>, report: &Report) {
    for (alias, at) in router
        .settings
        .model_group_alias
        .iter()
        .zip(&router.aliases)
    {
        if !names.leads_somewhere(&alias.model) {
            let message = format!("`{}` is no model of `model_list`", alias.model);
            report.warn(at, message, names.fix(&alias.model));
        }
    }
}

/// Follows the rules from each model on, and tells of each way back to a model on the way.
fn loops(rules: &[Rule], report: &Report) {
    let mut by_name: HashMap<&str, &Rule> = HashMap::new();
    for rule in rules {
        by_name.entry(&rule.from).or_insert(rule);
    }
    // Models from which every way has been followed to its end.
    let mut done: HashSet<&str> = HashSet::new();
    for start in rules {
        // The way so far: a rule, and which of its targets comes next.
        let mut way: Vec<(&Rule, usize)> = Vec::new();
        if !done.contains(start.from.as_str()) {
            way.push((start, 0));
        }
        while let Some((rule, next)) = way.last_mut() {
            let Some(target) = rule.targets.get(*next) else {
                done.insert(&rule.from);
                way.pop();
                continue;
            };
            *next += 1;
            if let Some(back) = way.iter().position(|(rule, _)| rule.from == target.name) {
                tell_loop(&way[back..], report);
            } else if !done.contains(target.name.as_str())
                && let Some(rule) = by_name.get(target.name.as_str())
            {
                way.push((rule, 0));
            }
        }
    }
}

fn tell_loop(way: &[(&Rule, usize)], report: &Report) {
    let Some((first, _)) = way.first() else {
        return;
    };
    let names = way.iter().map(|(rule, _)| rule.from.as_str());
    let names: Vec<&str> = names.chain([first.from.as_str()]).collect();
    report.warn(
        &first.at,
        format!("these fallbacks go in a circle: {}", names.join(" -> ")),
        "nothing is tried twice for one request, so the last step has no effect",
    );
}

fn duplicates(models: &[Placed<ModelEntry>], report: &Report) {
    let mut seen: HashMap<&str, &ModelEntry> = HashMap::new();
    for Placed { at, value: model } in models {
        let Some(first) = seen.get(model.deployment_id.as_str()) else {
            seen.insert(&model.deployment_id, model);
            continue;
        };
        let what = match &model.id {
            Some(id) => format!("the id `{id}` is that of"),
            None => "this deployment is the same as".to_owned(),
        };
        report.warn(
            at,
            format!(
                "{what} the one on line {}, so the two share limits, cooldowns and statistics",
                first.line
            ),
            "give each a `model_info: {id: ...}` of its own, or remove one",
        );
    }
}

/// As in LiteLLM, a weight on one deployment makes those without one unreachable.
fn weights(models: &[Placed<ModelEntry>], router: &Router, report: &Report) {
    // Those of the router go before all others of a model.
    let is_weighted = |model: &ModelEntry| {
        !router.settings.weights.contains_key(&model.model_name)
            && model.params.weight.is_some_and(|weight| weight > 0.0)
    };
    let weighted: HashSet<&str> = models
        .iter()
        .filter(|model| is_weighted(&model.value))
        .map(|model| model.value.model_name.as_str())
        .collect();
    for Placed { at, value: model } in models {
        if model.params.weight.is_none() && weighted.contains(model.model_name.as_str()) {
            report.warn(
                at,
                format!(
                    "another deployment of `{}` has a `weight` and this one has none, \
                     so this one is never picked",
                    model.model_name
                ),
                "give it a `weight` too, for example `weight: 1`",
            );
        }
    }
}
