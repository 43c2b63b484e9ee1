//! From a row to what the translation acts on.

use steeplechase_core::Dialect;
use steeplechase_core::deployment::{
    Endpoint, Limit, MessageRules, ModelRules, ParamRules, Profile,
};

use super::row::{LimitRow, Limits, MessageRow, ModelRow, Params, Place, Row};

/// What is peculiar to the provider of a row.
pub(super) fn profile(row: &Row) -> Profile {
    let mut profile = Profile::default();
    let endpoints = row.endpoints.clone().unwrap_or_default();
    profile.chat = endpoint(endpoints.chat.as_ref());
    profile.embeddings = endpoint(endpoints.embeddings.as_ref());
    let known =
        |place: &Option<Place>, usual| place.as_ref().and_then(|it| path(it, usual).map(Box::from));
    profile.completions = known(&endpoints.completions, "/completions");
    profile.responses = known(&endpoints.responses, "/responses");
    let rerank = endpoints.rerank.as_ref();
    profile.rerank = rerank.map(|place| path(place, "/rerank").is_some());
    profile.names = row.model_names.clone().unwrap_or_default();
    profile.params = params(&Params {
        renames: row.renames.clone().unwrap_or_default(),
        drops: row.drops.clone().unwrap_or_default(),
        ignored: row.ignored.clone().unwrap_or_default(),
        limits: row.limits.clone().unwrap_or_default(),
        values: row.values.clone().unwrap_or_default(),
        messages: row.messages.unwrap_or_default(),
    });
    let models = row.models.iter().flatten();
    profile.models = models.map(|row| model(&profile.params, row)).collect();
    profile.embedding_params = params(&row.embedding_params.clone().unwrap_or_default());
    profile.reasoning = row.reasoning.as_deref().map(Box::from);
    profile.stream_usage = row.stream_usage.unwrap_or_default();
    profile.stops_at_cancel = row.stops_at_cancel.unwrap_or_default();
    profile
}

/// What a provider has, as far as that is said: the name, and the path, or `None` if it has none.
pub(super) fn endpoints(row: &Row) -> Vec<(&'static str, Option<&str>)> {
    let chat_path = match row.dialect {
        Some(Dialect::Anthropic) => "/v1/messages",
        Some(Dialect::Bedrock) => "/model/{model}/converse",
        _ => "/chat/completions",
    };
    let said = row.endpoints.as_ref();
    let chat = said.and_then(|said| said.chat.as_ref());
    let chat = chat.map_or(Some(chat_path), |chat| path(chat, chat_path));
    let mut all = vec![("chat", chat)];
    if let Some(said) = said {
        let others = [
            ("embeddings", &said.embeddings, "/embeddings"),
            ("completions", &said.completions, "/completions"),
            ("responses", &said.responses, "/responses"),
            ("rerank", &said.rerank, "/rerank"),
            ("messages", &said.messages, "/messages"),
        ];
        for (name, there, usual) in others {
            let there = there.as_ref();
            all.extend(there.map(|there| (name, path(there, usual))));
        }
    }
    all
}

fn path<'a>(place: &'a Place, usual: &'a str) -> Option<&'a str> {
    match place {
        Place::There(false) => None,
        Place::There(true) => Some(usual),
        Place::At(path) => Some(&path.0),
    }
}

fn endpoint(place: Option<&Place>) -> Endpoint {
    match place {
        None | Some(Place::There(true)) => Endpoint::Usual,
        Some(Place::There(false)) => Endpoint::None,
        Some(Place::At(path)) => Endpoint::Path(path.0.clone()),
    }
}

fn params(row: &Params) -> ParamRules {
    let mut params = ParamRules::default();
    params.renames.clone_from(&row.renames);
    params.drops.clone_from(&row.drops);
    params.ignored.clone_from(&row.ignored);
    params.limits = limits(&row.limits);
    params.values.clone_from(&row.values);
    params.messages = messages(row.messages);
    params
}

fn messages(row: MessageRow) -> MessageRules {
    let mut rules = MessageRules::default();
    rules.texts = row.texts.unwrap_or_default();
    rules.call_ids = row.call_ids.unwrap_or_default();
    rules.thoughts = row.thoughts;
    rules
}

fn limits(rows: &Limits) -> Vec<Limit> {
    rows.iter().map(|(param, row)| limit(param, row)).collect()
}

fn limit(param: &str, row: &LimitRow) -> Limit {
    let mut limit = Limit::default();
    limit.param = param.into();
    limit.min = row.min;
    limit.max = row.max;
    limit.min_for_many = row.min_for_many;
    limit.max_items = row.max_items;
    limit.only.clone_from(&row.only);
    limit.clamp = row.clamp;
    limit
}

/// What counts for some of the models: what is said of them, and else what is said of all.
fn model(all: &ParamRules, row: &ModelRow) -> ModelRules {
    let mut rules = ModelRules::default();
    rules.models.clone_from(&row.models);
    let mut params = all.clone();
    params.renames.extend(row.renames.clone());
    params.drops.extend(row.drops.iter().cloned());
    params.ignored.extend(row.ignored.iter().cloned());
    params.limits.retain(|limit| {
        let mut refused = row.drops.iter().chain(&row.ignored);
        !row.limits.contains_key(&limit.param) && !refused.any(|param| *param == limit.param)
    });
    params.limits.extend(limits(&row.limits));
    params.values.extend(row.values.clone());
    params.messages = row.messages.map_or(params.messages, messages);
    rules.params = params;
    rules
}
