//! `litellm_params`: the settings of one deployment, and the defaults of its requests.

use std::collections::BTreeMap;

use steeplechase::FieldPath;

use crate::config::known;
use crate::config::model::DeploymentParams;
use crate::config::node::{Cursor, Resolved};
use crate::config::secret::Secret;

use super::answers::answers;
use super::aws::aws;
use super::limits;
use super::prices::price;

/// What was read: a list of organizations makes several deployments of it.
pub(super) struct Params {
    pub(super) common: DeploymentParams,
    pub(super) organizations: Vec<String>,
}

/// Reads the section of the deployment of `model_name`. What it does not say is as in `defaults`.
pub(super) fn params(
    section: &Cursor<'_>,
    model_name: &str,
    defaults: &DeploymentParams,
) -> Params {
    let params = read(section, model_name, defaults.clone());
    limits::check(section, &params.common.limits);
    if params.common.model.is_empty() && section.is_map() {
        section.require("model", "model: openai/gpt-4o");
    }
    params
}

/// Reads settings of all deployments that do not have their own.
pub(super) fn defaults(section: &Cursor<'_>) -> DeploymentParams {
    read(section, "every model", DeploymentParams::default()).common
}

fn read(section: &Cursor<'_>, model_name: &str, common: DeploymentParams) -> Params {
    let mut params = Params {
        common,
        organizations: Vec::new(),
    };
    let named = section.field("litellm_credential_name");
    let credential = named.and_then(|field| field.credential());
    for field in credential.iter().flat_map(Cursor::fields) {
        if is_credential(field.key()) {
            read_field(&field, model_name, &mut params);
        } else {
            known::PARAMS.report(&field);
        }
    }
    for field in section.fields() {
        if credential.is_some() && (field.is_null() || field.is_unset()) {
            // What it is laid over holds. That a variable is not set is told on the way.
            _ = field.resolve();
            continue;
        }
        read_field(&field, model_name, &mut params);
    }
    params
}

/// Whether a credential can say this. What nobody knows may be a secret under a wrong name, and is not sent to a
/// provider.
fn is_credential(key: &str) -> bool {
    key != "litellm_credential_name" && known::PARAMS.acted_on.contains(&key)
}

fn read_field(field: &Cursor<'_>, model_name: &str, params: &mut Params) {
    let Params {
        common,
        organizations,
    } = params;
    match field.key() {
        "model" => common.model = field.text("openai/gpt-4o").unwrap_or_default(),
        "custom_llm_provider" => common.provider = field.text("openai"),
        "api_key" => common.api_key = api_key(field, model_name),
        "api_base" => common.api_base = field.text("https://api.openai.com/v1"),
        "api_version" => common.api_version = field.text("2024-10-21"),
        "organization" if field.is_list() => {
            *organizations = field.texts("org-1").unwrap_or_default();
        }
        "organization" => common.organization = field.text("org-1"),
        "weight" => common.weight = field.number("a number, zero or more", "1"),
        "order" => common.order = field.whole(i128::from(i64::MIN), "1"),
        "timeout" => common.timeout = field.limit("600"),
        "stream_timeout" => common.stream_timeout = field.limit("60"),
        "max_parallel_requests" => common.max_parallel_requests = field.whole(1, "10"),
        "rpm" => common.rpm = field.whole(0, "600"),
        "tpm" => common.tpm = field.whole(0, "100000"),
        "num_retries" => common.num_retries = field.whole(0, "2"),
        "cooldown_time" => common.cooldown_time = field.seconds("30"),
        // LiteLLM's router does not let its clients retry either; and the credential was read before all others,
        // which are laid over it.
        "max_retries" | "litellm_credential_name" => {}
        "region_name" | "region" => common.region = field.text("eu"),
        "tags" => common.tags = field.texts("free").unwrap_or_default(),
        "drop_params" => common.drop_params = field.flag(),
        "additional_drop_params" => common.drop_fields = paths(field),
        "allowed_openai_params" => common.allowed_params = names(field),
        "merge_reasoning_content_in_choices" => common.merge_reasoning = field.flag(),
        "use_chat_completions_api" => common.use_chat_completions_api = field.flag(),
        "base_model" => common.base_model = field.text("azure/gpt-4o"),
        "extra_headers" => common.extra_headers.extend(headers(field)),
        // LiteLLM sends these too, under the extra ones.
        "headers" => {
            for (name, value) in headers(field) {
                common.extra_headers.entry(name).or_insert(value);
            }
        }
        _ if account(field, model_name, common) => {}
        _ if aws(field, &mut common.aws) => {}
        _ if answers(field, &mut common.answers) => {}
        _ if limits::limits(field, &mut common.limits) => {}
        key if known::is_price(key) => common.prices.extend(price(field)),
        "ssl_verify" => unverified(field),
        _ if known::PARAMS.is_litellms(field) => {}
        _ => {
            suspect(field);
            if let Some(value) = field.json() {
                common.default_params.insert(field.key().to_owned(), value);
            }
        }
    }
}

/// Reads who calls a deployment at Google's or on Azure, if that is what a field says.
fn account(field: &Cursor<'_>, model_name: &str, common: &mut DeploymentParams) -> bool {
    match field.key() {
        "vertex_project" | "vertex_ai_project" => {
            common.vertex_project = field.identifier("my-project");
        }
        "vertex_location" | "vertex_ai_location" => {
            common.vertex_location = field.text("europe-west4");
        }
        "vertex_credentials" | "vertex_ai_credentials" => {
            common.vertex_credentials = vertex_credentials(field, model_name);
        }
        "azure_ad_token" => common.azure.ad_token = azure_ad_token(field, model_name),
        "azure_scope" => {
            common.azure.scope = field.text("https://cognitiveservices.azure.com/.default");
        }
        "tenant_id" => common.azure.tenant_id = field.text("00000000-0000-…"),
        "client_id" => common.azure.client_id = field.text("00000000-0000-…"),
        "client_secret" => common.azure.client_secret = api_key(field, model_name),
        _ => return false,
    }
    true
}

/// Who may prove to be a provider. That anybody may is refused, and the rest is not acted on yet.
pub(super) fn unverified(field: &Cursor<'_>) {
    let text = field
        .json()
        .map(|value| value.to_string().to_ascii_lowercase());
    match text.as_deref().map(|text| text.trim_matches('"')) {
        None | Some("true") => {}
        Some("false") => field.warn(
            "the certificates of providers are verified all the same: without that, keys and prompts \
             would go to whoever answers",
            "remove this line, and call the provider by a name that its certificate is for",
        ),
        Some(_) => known::not_yet(field),
    }
}

/// Names of parameters.
pub(super) fn names(field: &Cursor<'_>) -> Vec<String> {
    field.texts("reasoning_effort").unwrap_or_default()
}

/// Paths of fields.
fn paths(field: &Cursor<'_>) -> Vec<FieldPath> {
    let items = field.items("additional_drop_params: [top_k, \"tools[*].strict\"]");
    let path = |item: &Cursor<'_>| {
        let text = item.name("tools[*].strict")?;
        let path = FieldPath::parse(&text);
        path.map_err(|right| item.mistyped(right, "- tools[*].strict"))
            .ok()
    };
    items.iter().filter_map(path).collect()
}

fn api_key(field: &Cursor<'_>, model_name: &str) -> Option<Secret> {
    let key = field.secret(|name| {
        field.warn(
            format!(
                "the environment variable `{name}` is not set or is empty; requests for \
                 `{model_name}` that reach this deployment will fail, unless its provider needs no key"
            ),
            format!("set `{name}`, or give it a value under `environment_variables`"),
        );
    });
    key.filter(|key| !key.expose().is_empty())
}

/// A path, or the file's JSON: in a text, or as it is.
fn vertex_credentials(field: &Cursor<'_>, model_name: &str) -> Option<Secret> {
    if field.is_map() {
        return field.json().map(|json| Secret::new(json.to_string()));
    }
    api_key(field, model_name)
}

/// A token of Entra ID, that somebody else has fetched.
fn azure_ad_token(field: &Cursor<'_>, model_name: &str) -> Option<Secret> {
    let token = api_key(field, model_name)?;
    if token.expose().starts_with("oidc/") {
        field.error(
            "tokens by `oidc/…` are not supported yet",
            "write `tenant_id`, `client_id` and `client_secret`, or run with a workload identity",
        );
        return None;
    }
    Some(token)
}

fn headers(section: &Cursor<'_>) -> BTreeMap<String, Secret> {
    let mut headers = BTreeMap::new();
    for field in section.fields() {
        let value = match field.resolve() {
            Resolved::Nothing => continue,
            Resolved::Text(text) => text.to_owned(),
            Resolved::Variable { value, .. } => value,
            Resolved::Whole(number) => number.to_string(),
            Resolved::Flag(flag) => flag.to_string(),
            Resolved::Number(_) | Resolved::List | Resolved::Map => {
                // What is found may be a secret.
                field.error(
                    "expected a text",
                    format!("write for example `{}: \"value\"`", field.key()),
                );
                continue;
            }
        };
        headers.insert(field.key().to_owned(), Secret::new(value));
    }
    headers
}

/// Any key can be a parameter that only the provider knows, but one that is nearly the name of a
/// setting is more likely to be misspelt.
fn suspect(field: &Cursor<'_>) {
    if known::REQUEST_PARAMETERS.contains(&field.key()) {
        return;
    }
    if let Some(meant) = known::PARAMS.nearest(field.key()) {
        field.warn(
            "unknown key, sent to the provider with every request",
            format!("did you mean `{meant}`?"),
        );
    }
}
