//! What is known of a provider, as JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use steeplechase::deployment::{
    CallIds, Limit, MessageRules, ModelNames, ParamRules, StreamUsage, Texts,
};
use steeplechase::dialects::catalog::{AuthStyle, Provider};

/// The first of these variables that is set.
pub(super) fn set<'v>(
    variables: &'v [String],
    env: &dyn Fn(&str) -> Option<String>,
) -> Option<&'v str> {
    let is_set = |name: &&String| env(name).is_some_and(|value| !value.trim().is_empty());
    variables.iter().find(is_set).map(String::as_str)
}

/// All that is known of it, and whether its key is set.
pub(super) fn of(provider: &Provider, env: &dyn Fn(&str) -> Option<String>) -> Value {
    let profile = provider.profile();
    let endpoints: Map<_, _> = provider
        .endpoints()
        .into_iter()
        .map(|(name, path)| (name.to_owned(), path.map_or(false.into(), Value::from)))
        .collect();
    let headers: Map<_, _> = provider
        .headers()
        .map(|(name, variables)| (name.to_owned(), variables.into()))
        .collect();
    let models: Vec<_> = profile
        .models
        .iter()
        .map(|models| json!({"match": models.models, "parameters": parameters(&models.params)}))
        .collect();
    json!({
        "id": provider.id(),
        "name": provider.name(),
        "aliases": provider.aliases(),
        "docs": provider.docs(),
        "dialect": provider.dialect().as_str(),
        "base_url": url(provider),
        "base_url_variables": provider.base_url_variables(),
        "base_url_set": set(provider.base_url_variables(), env),
        "variables": provider.variables(),
        "key_variables": provider.key_variables(),
        "key_set": set(provider.key_variables(), env),
        "key_optional": provider.is_key_optional(),
        "auth": auth(provider.auth_style()),
        "headers": headers,
        "endpoints": endpoints,
        "model_names": model_names(&profile.names),
        "parameters": parameters(&profile.params),
        "models": models,
        "embedding_parameters": parameters(&profile.embedding_params),
        "reasoning": profile.reasoning,
        "stream_usage": stream_usage(profile.stream_usage),
        "stops_at_cancel": profile.stops_at_cancel,
    })
}

/// Where it is for everybody, without what may be a secret in it.
pub(super) fn url(provider: &Provider) -> Option<String> {
    let url = provider.base_url()?;
    let (url, _) = url.split_once('?').unwrap_or((url, ""));
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some(url.to_owned());
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    Some(format!("{scheme}://{}", &rest[host..]))
}

/// How a key is shown.
pub(super) fn auth(style: &AuthStyle) -> String {
    match style {
        AuthStyle::Bearer => "authorization: Bearer KEY".to_owned(),
        AuthStyle::Header(name) => format!("{name}: KEY"),
        AuthStyle::Scheme(scheme) => format!("authorization: {scheme} KEY"),
        AuthStyle::Basic => "authorization: Basic KEY, of a key that is user:password".to_owned(),
        AuthStyle::Query(name) => format!("?{name}=KEY"),
        _ => "not at all".to_owned(),
    }
}

pub(super) fn model_names(names: &ModelNames) -> Option<String> {
    match names {
        ModelNames::Prefixed(prefix) => Some(format!("{prefix}MODEL, unless there is a / in it")),
        ModelNames::HostLast => Some("HOST/OWNER/MODEL becomes OWNER/MODEL:HOST".to_owned()),
        ModelNames::Dotted(template) => Some(format!("A.B.C becomes {template}")),
        _ => None,
    }
}

pub(super) fn stream_usage(usage: StreamUsage) -> &'static str {
    match usage {
        StreamUsage::Always => "always",
        StreamUsage::XGroq => "x_groq",
        StreamUsage::Never => "never",
        _ => "asked",
    }
}

/// Which values are taken, in words.
pub(super) fn limit(limit: &Limit) -> String {
    let mut words = match (limit.min, limit.max) {
        (Some(min), Some(max)) if (max - min).abs() < f64::EPSILON => format!("only {max}"),
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (None, Some(max)) => format!("at most {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, None) => String::new(),
    };
    if let Some(min) = limit.min_for_many {
        _ = write!(words, ", and at least {min} with several choices");
    }
    if let Some(max) = limit.max_items {
        words = format!("at most {max} items");
    }
    if !limit.only.is_empty() {
        words = format!("only {}", limit.only.join(" or "));
    }
    match (limit.clamp, limit.only.is_empty()) {
        (true, true) => words.push_str(", or it becomes that"),
        (true, false) => words.push_str(", or it becomes the first of them"),
        (false, _) => {}
    }
    words
}

/// What becomes of messages, in words.
pub(super) fn messages(rules: MessageRules) -> Vec<&'static str> {
    let texts = match rules.texts {
        Texts::All => Some("lists of texts become one text"),
        Texts::Results => Some("lists of texts become one text, in results of tools"),
        _ => None,
    };
    let nine = "names of calls become nine letters and digits";
    let ids = (rules.call_ids == CallIds::Nine).then_some(nine);
    let blank = "a call of a tool without thoughts gets blank ones";
    let thoughts = rules.thoughts.then_some(blank);
    [texts, ids, thoughts].into_iter().flatten().collect()
}

fn parameters(rules: &ParamRules) -> Value {
    let limits: Map<_, _> = rules
        .limits
        .iter()
        .map(|rule| (rule.param.to_string(), limit(rule).into()))
        .collect();
    json!({
        "renames": rules.renames,
        "drops": rules.drops,
        "ignored": rules.ignored,
        "limits": limits,
        "values": rules.values,
        "messages": messages(rules.messages),
    })
}
