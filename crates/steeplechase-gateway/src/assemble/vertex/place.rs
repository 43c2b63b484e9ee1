use http::HeaderName;
use steeplechase::ApiKey;
use steeplechase::deployment::Auth;
use steeplechase::dialects::catalog::{self, Provider};

use super::Accounts;
use super::family::Family;
use crate::assemble::deployments::{Unusable, Upstream, about};
use crate::config::ModelEntry;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where LiteLLM looks for a model if nobody has said where.
const LOCATION: &str = "us-central1";

/// Whether a provider is Vertex AI.
pub(in crate::assemble) fn is_vertex(provider: &Provider) -> bool {
    provider.id().starts_with("vertex_ai")
}

/// Where a deployment on Vertex AI is, and how it is called.
pub(in crate::assemble) fn upstream(
    entry: &ModelEntry,
    (provider, model): (&Provider, &str),
    accounts: &mut Accounts,
    env: Env<'_>,
) -> Result<Upstream, Unusable> {
    let Some(family) = Family::of(model) else {
        let message = format!(
            "`{model}` has a dialect of its own on Vertex AI, so this deployment is left out"
        );
        let fix = "call it at its maker's, for example `model: mistral/NAME`";
        return Err(Unusable::Unsupported(about(entry, "model", message, fix)));
    };
    let location = location(entry, env)?;
    let (auth, own_project) = auth(entry, accounts, env)?;
    let project = named(
        entry.params.vertex_project.as_ref(),
        &["VERTEXAI_PROJECT", "GOOGLE_CLOUD_PROJECT"],
        env,
    );
    let base = match written_base(entry, provider, env)? {
        Some(base) => base,
        None => base(entry, provider, project.or(own_project), &location)?,
    };
    let base_url = format!("{}{}", base.trim_end_matches('/'), family.path);
    let base_url = catalog::base_url(&base_url).map_err(|_| {
        let message = "this is no project of Google's".to_owned();
        let fix = "write for example `vertex_project: my-project`";
        Unusable::Wrong(about(entry, "vertex_project", message, fix))
    })?;
    Ok(Upstream {
        dialect: family.dialect,
        platform: family.platform,
        model: family.model.to_owned(),
        base_model: None,
        base_url,
        key: None,
        auth: Some(auth),
    })
}

/// The location, which is a part of the name of a host to which a token is sent.
fn location(entry: &ModelEntry, env: Env<'_>) -> Result<String, Unusable> {
    let variables = ["VERTEXAI_LOCATION", "VERTEX_LOCATION"];
    let location = named(entry.params.vertex_location.as_ref(), &variables, env);
    let location = location.unwrap_or_else(|| LOCATION.to_owned());
    let is_inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let begins = location.starts_with(|c: char| c.is_ascii_lowercase());
    if begins && location.bytes().all(is_inside) {
        return Ok(location);
    }
    let message = "this is no location of Google's".to_owned();
    let fix = "write for example `vertex_location: europe-west4` or `vertex_location: global`";
    Err(Unusable::Wrong(about(
        entry,
        "vertex_location",
        message,
        fix,
    )))
}

/// How the deployment is called, and the project of who calls it.
fn auth(
    entry: &ModelEntry,
    accounts: &mut Accounts,
    env: Env<'_>,
) -> Result<(Auth, Option<String>), Unusable> {
    if let Some(key) = &entry.params.api_key {
        // As Google's express mode has it.
        let name = HeaderName::from_static("x-goog-api-key");
        return Ok((Auth::Header(name, ApiKey::new(key.expose())), None));
    }
    let written = entry.params.vertex_credentials.as_ref();
    accounts
        .get(written, &entry.model_name, env)
        .map_err(|message| {
            let message = format!("{message}, so this deployment is left out");
            let fix =
                "write the path of a service account's key, or set GOOGLE_APPLICATION_CREDENTIALS";
            Unusable::Unsupported(about(entry, "vertex_credentials", message, fix))
        })
}

/// The URL that is written, up to the location.
fn written_base(
    entry: &ModelEntry,
    provider: &Provider,
    env: Env<'_>,
) -> Result<Option<String>, Unusable> {
    let variables: Vec<_> = provider
        .base_url_variables()
        .iter()
        .map(String::as_str)
        .collect();
    let Some(url) = named(entry.params.api_base.as_ref(), &variables, env) else {
        return Ok(None);
    };
    let base = catalog::base_url(&url).map_err(|message| {
        let fix = "write it up to the location, for example `api_base: \
                   https://proxy.example.com/v1/projects/p/locations/l`";
        Unusable::Wrong(about(entry, "api_base", message, fix))
    })?;
    Ok(Some(base.to_string()))
}

/// Google's own URL, up to the location.
fn base(
    entry: &ModelEntry,
    provider: &Provider,
    project: Option<String>,
    location: &str,
) -> Result<String, Unusable> {
    let version = if provider.id().ends_with("_beta") {
        "v1beta1"
    } else {
        "v1"
    };
    match project {
        Some(project) => Ok(format!(
            "https://{}/{version}/projects/{project}/locations/{location}",
            host(location)
        )),
        // With a key there is a way without a project.
        None if entry.params.api_key.is_some() => {
            Ok(format!("https://{}/{version}", host("global")))
        }
        None => {
            let message = "nobody says which project it is".to_owned();
            let fix = "write for example `vertex_project: my-project`, or set VERTEXAI_PROJECT";
            Err(Unusable::Wrong(about(
                entry,
                "vertex_project",
                message,
                fix,
            )))
        }
    }
}

/// The host of a location: all of the world, a part of it, or a place.
fn host(location: &str) -> String {
    match location {
        "global" => "aiplatform.googleapis.com".to_owned(),
        "eu" | "us" => format!("aiplatform.{location}.rep.googleapis.com"),
        place => format!("{place}-aiplatform.googleapis.com"),
    }
}

/// What is written, or else the first of the variables that is set.
fn named(written: Option<&String>, variables: &[&str], env: Env<'_>) -> Option<String> {
    let variables = || {
        variables
            .iter()
            .find_map(|name| env(name).filter(|it| !it.trim().is_empty()))
    };
    let found = written.cloned().or_else(variables)?;
    Some(found.trim().to_owned())
}
