//! One provider, in words.

use std::fmt::Write as _;

use steeplechase::deployment::{ParamRules, StreamUsage};
use steeplechase::dialects::catalog::Provider;

use super::facts;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What there is to know of a provider, and how it is used.
pub(super) fn text(provider: &Provider, env: Env<'_>) -> String {
    let mut page = Page(format!("{} ({})\n\n", provider.name(), provider.id()));
    page.line("also named", &provider.aliases().join(", "));
    page.line("url", facts::url(provider).as_deref().unwrap_or("your own"));
    let variables = provider.variables();
    let parts = variables.iter().map(|name| state(name, env));
    page.line("made of", &list(parts));
    let urls = provider.base_url_variables().iter();
    page.line("or in", &list(urls.map(|name| state(name, env))));
    let keys = provider.key_variables().iter();
    page.line("key in", &list(keys.map(|name| state(name, env))));
    if provider.is_key_optional() {
        page.line("", "it can do without a key");
    }
    page.line("shown as", &facts::auth(provider.auth_style()));
    let headers = provider.headers().map(|(name, variables)| {
        let of = variables.join(", ");
        if of.is_empty() {
            name.to_owned()
        } else {
            format!("{name} (of {of})")
        }
    });
    page.line("headers", &list(headers));
    page.line("dialect", provider.dialect().as_str());
    let (has, has_not): (Vec<_>, Vec<_>) = provider
        .endpoints()
        .into_iter()
        .partition(|(_, path)| path.is_some());
    let path = |(name, path): &(&str, Option<&str>)| format!("{name} {}", path.unwrap_or_default());
    page.line("has", &list(has.iter().map(path)));
    page.line(
        "has not",
        &list(has_not.iter().map(|(name, _)| (*name).to_owned())),
    );
    page.params(provider);
    page.line("docs", provider.docs().unwrap_or_default());
    page.example(provider);
    page.0
}

struct Page(String);

impl Page {
    /// A line, if there is something in it.
    fn line(&mut self, title: &str, value: &str) {
        if !value.is_empty() {
            _ = writeln!(self.0, "  {title:10}  {value}");
        }
    }

    fn params(&mut self, provider: &Provider) {
        let profile = provider.profile();
        let names = facts::model_names(&profile.names);
        self.line("models", names.as_deref().unwrap_or_default());
        self.rules(&profile.params);
        for models in &profile.models {
            self.line("of models", &models.models.join(", "));
            self.rules(&models.params);
        }
        if !profile.embedding_params.is_empty() {
            self.line("embeddings", "the parameters of embeddings:");
            self.rules(&profile.embedding_params);
        }
        self.line("thoughts", profile.reasoning.as_deref().unwrap_or_default());
        let usage = match profile.stream_usage {
            StreamUsage::Always => "at the end of a stream, asked or not",
            StreamUsage::XGroq => "at the end of a stream, in x_groq",
            StreamUsage::Never => "not in a stream",
            _ => "at the end of a stream, if stream_options asks for it",
        };
        self.line("usage", usage);
        if profile.stops_at_cancel {
            self.line("cancel", "a stream that is given up costs no more");
        }
    }

    fn rules(&mut self, rules: &ParamRules) {
        let renames = rules.renames.iter();
        let renames = renames.map(|(from, to)| format!("{from} becomes {to}"));
        self.line("renames", &list(renames));
        self.names(
            "refuses",
            &rules.drops,
            "an error, or left out with drop_params",
        );
        self.names("leaves out", &rules.ignored, "it makes no difference");
        let limits = rules.limits.iter();
        let limits = limits.map(|limit| format!("{} {}", limit.param, facts::limit(limit)));
        self.line("limits", &list(limits));
        let values = rules.values.iter().flat_map(|(param, values)| {
            let values = values.iter();
            values.map(move |(from, to)| format!("{param} {from} becomes {to}"))
        });
        self.line("values", &list(values));
        self.line("messages", &facts::messages(rules.messages).join(", "));
    }

    fn names(&mut self, title: &str, names: &[Box<str>], note: &str) {
        if !names.is_empty() {
            self.line(title, &format!("{} ({note})", names.join(", ")));
        }
    }

    fn example(&mut self, provider: &Provider) {
        let id = provider.id();
        let mut lines = format!(
            "\nIn a configuration:\n\n  model_list:\n    - model_name: my-model\n      \
             litellm_params:\n        model: {id}/MODEL\n"
        );
        if provider.base_url().is_none() {
            lines.push_str("        api_base: https://YOUR-SERVER/v1\n");
        }
        let key = provider.key_variables().first();
        if let Some(key) = key {
            _ = writeln!(lines, "        api_key: os.environ/{key}");
        }
        self.0.push_str(&lines);
        if let Some(key) = key.filter(|name| name.ends_with("_API_KEY")) {
            _ = writeln!(self.0, "\nWithout one, set {key} and ask for `{id}/MODEL`.");
        }
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn state(name: &str, env: Env<'_>) -> String {
    let variables = [name.to_owned()];
    let state = match facts::set(&variables, env) {
        Some(_) => "set",
        None => "not set",
    };
    format!("{name} ({state})")
}
