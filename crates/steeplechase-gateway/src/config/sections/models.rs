//! `model_list`.

use crate::config::diagnostic::At;
use crate::config::identity;
use crate::config::known;
use crate::config::model::{DeploymentParams, ModelEntry, ModelInfo};
use crate::config::node::Cursor;

use steeplechase::dialects::catalog::models::ability_of;

use super::params::{Params, params};
use super::prices::price;
use super::router::allowed_fails_policy;

/// The least that makes a configuration useful.
const EXAMPLE: &str = "model_list: [{model_name: gpt-4o, litellm_params: \
                       {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY}}]";

/// Something, and where it is written.
pub(in crate::config) struct Placed<T> {
    pub(in crate::config) at: At,
    pub(in crate::config) value: T,
}

/// Reads the section; `root` is where it should be.
pub(in crate::config) fn models(
    section: Option<&Cursor<'_>>,
    root: &Cursor<'_>,
    defaults: &DeploymentParams,
) -> Vec<Placed<ModelEntry>> {
    let missing = |at: &At| {
        let fix = format!("write for example `{EXAMPLE}`");
        root.report().error(at, "there are no models to serve", fix);
    };
    let Some(section) = section else {
        missing(&root.at().missing("model_list"));
        return Vec::new();
    };
    let items = section.items(EXAMPLE);
    if items.is_empty() && (section.is_null() || section.is_list()) {
        missing(section.at());
    }
    items
        .iter()
        .flat_map(|item| model(item, defaults))
        .collect()
}

/// Reads one item, which a list of organizations makes several of.
fn model(item: &Cursor<'_>, defaults: &DeploymentParams) -> Vec<Placed<ModelEntry>> {
    if !item.is_map() {
        item.mistyped("a map", "- model_name: gpt-4o");
        return Vec::new();
    }
    let model_name = item
        .field("model_name")
        .and_then(|name| name.text("gpt-4o"));
    let mut entry = ModelEntry {
        model_name: model_name.unwrap_or_default(),
        source: item.at().place.source.to_string(),
        line: item.at().place.line,
        ..ModelEntry::default()
    };
    if entry.model_name.is_empty() {
        item.require("model_name", "model_name: gpt-4o");
    }
    let mut read = None;
    let mut is_blocked = false;
    for field in item.fields() {
        match field.key() {
            "model_name" => {}
            "litellm_params" => {
                let params = params(&field, &entry.model_name, defaults);
                read = Some((field, params));
            }
            "model_info" => (entry.id, entry.info) = model_info(&field),
            "blocked" => is_blocked = field.flag().unwrap_or(false),
            _ => known::MODEL.report(&field),
        }
    }
    let Some((section, params)) = read else {
        item.require("litellm_params", "litellm_params: {model: openai/gpt-4o}");
        return Vec::new();
    };
    entry.info.blocked |= is_blocked;
    deployments(&entry, &section, &params, item.at())
}

fn deployments(
    entry: &ModelEntry,
    section: &Cursor<'_>,
    params: &Params,
    at: &At,
) -> Vec<Placed<ModelEntry>> {
    let deployment = |organization: Option<String>| {
        let mut entry = entry.clone();
        entry.params = params.common.clone();
        let derived = identity::of(&entry.model_name, section.node(), organization.as_deref());
        entry.deployment_id = entry.id.clone().unwrap_or(derived);
        if organization.is_some() {
            entry.params.organization = organization;
        }
        Placed {
            at: at.clone(),
            value: entry,
        }
    };
    if params.organizations.is_empty() {
        vec![deployment(None)]
    } else {
        let organizations = params.organizations.iter().cloned();
        organizations.map(Some).map(deployment).collect()
    }
}

fn model_info(section: &Cursor<'_>) -> (Option<String>, ModelInfo) {
    let mut id = None;
    let mut info = ModelInfo::default();
    let mut max_tokens = None;
    for field in section.fields() {
        let key = field.key();
        match key {
            "id" => id = field.identifier("my-deployment"),
            "mode" => info.mode = field.text("chat"),
            "base_model" => info.base_model = field.text("azure/gpt-4o"),
            "max_input_tokens" => info.max_input_tokens = field.whole(0, "128000"),
            "max_output_tokens" => info.max_output_tokens = field.whole(0, "16384"),
            "max_tokens" => max_tokens = field.whole(0, "16384"),
            "allowed_fails" => {
                if let Some(fails) = field.whole(0, "3") {
                    info.allowed_fails = info.allowed_fails.others(fails);
                }
            }
            "allowed_fails_policy" => {
                info.allowed_fails = allowed_fails_policy(&field).or(&info.allowed_fails);
            }
            "cooldown_time" => info.cooldown_time = field.seconds("30"),
            "enable_tag_filtering" => info.enable_tag_filtering = field.flag(),
            "blocked" => info.blocked = field.flag().unwrap_or(false),
            key if known::is_price(key) => info.prices.extend(price(&field)),
            _ => {
                if let Some(ability) = ability_of(key) {
                    if let Some(can) = field.flag() {
                        info.abilities.set(ability, can);
                    }
                    continue;
                }
                if known::MODEL_INFO_LATER.contains(&key) {
                    known::not_yet(&field);
                }
                if let Some(value) = field.json() {
                    info.extras.insert(key.to_owned(), value);
                }
            }
        }
    }
    info.max_output_tokens = info.max_output_tokens.or(max_tokens);
    (id.filter(|id| !id.is_empty()), info)
}
