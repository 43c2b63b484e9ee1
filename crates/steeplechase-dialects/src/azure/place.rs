//! Where things are.

use http::Uri;
use steeplechase_core::Error;

use crate::translate::wire;

/// Where a deployment's endpoints are.
#[derive(Debug)]
pub(super) struct Place {
    /// What comes before the endpoint, or before the deployment. Its query has the version, if there is one.
    base: Uri,
    /// Whether the deployment comes between.
    has_deployment: bool,
    /// The version, if it is that of the deployments.
    version: Option<Box<str>>,
}

/// The ends of paths that people write into a base URL, the longer ones first.
const ENDPOINTS: [&str; 5] = [
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/responses",
    "/rerank",
];

/// The version of Foundry's API.
const FOUNDRY_VERSION: &str = "2024-05-01-preview";

/// Hosts of one model, which is in no path.
const SERVERLESS: [&str; 2] = [".models.ai.azure.com", ".inference.ai.azure.com"];

/// What is known of a base URL.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Family {
    /// It has a deployment.
    Deployment,
    /// It has deployments, of which one is to be named.
    Deployments,
    Models,
    V1,
}

// ===== impl Place =====

impl Place {
    /// # Errors
    ///
    /// If there is no such URL.
    pub(super) fn new(base: &Uri, api_version: Option<&str>) -> Result<Self, Error> {
        let mut path = base.path().trim_end_matches('/');
        for end in ENDPOINTS {
            path = path.strip_suffix(end).unwrap_or(path);
        }
        let host = base.host().unwrap_or_default();
        let family = family(host, path, api_version);
        let openai = if path.ends_with("/openai") {
            ""
        } else {
            "/openai"
        };
        let path = match family {
            Family::Deployment | Family::Models => path.to_owned(),
            Family::Deployments => format!("{path}{openai}/deployments"),
            Family::V1 if path.ends_with("/openai/v1") => path.to_owned(),
            Family::V1 => format!("{path}{openai}/v1"),
        };
        let version = match family {
            Family::Deployment | Family::Deployments => api_version,
            // Those of one model may speak OpenAI's own version.
            Family::Models if path.ends_with("/v1") => api_version,
            Family::Models => api_version.or(Some(FOUNDRY_VERSION)),
            // It has no dates.
            Family::V1 => api_version.filter(|version| matches!(*version, "preview" | "latest")),
        };
        let base = wire::with_path(base, &path)?;
        let is_dated = matches!(family, Family::Deployment | Family::Deployments);
        let known = version_in(base.query());
        Ok(Self {
            version: known.or(version).filter(|_| is_dated).map(Box::from),
            base: match (known, version) {
                (None, Some(version)) => with_version(&base, version)?,
                _ => base,
            },
            has_deployment: family == Family::Deployments,
        })
    }

    /// Where an endpoint of the dialect is, such as `/chat/completions`, for a deployment.
    ///
    /// # Errors
    ///
    /// If there is no such URL.
    pub(super) fn uri(&self, endpoint: &str, deployment: &str) -> Result<Uri, Error> {
        // A response is not of a deployment there, but of the resource.
        if self.has_deployment && endpoint == "/responses" {
            let path = self.base.path().trim_end_matches("/deployments");
            let base = wire::with_path(&self.base, path)?;
            return wire::join(&base, endpoint);
        }
        if self.has_deployment {
            let deployment = wire::segment(deployment);
            return wire::join(&self.base, &format!("/{deployment}{endpoint}"));
        }
        wire::join(&self.base, endpoint)
    }

    /// Whether the version of the API is an earlier one than this: a date.
    pub(super) fn is_before(&self, date: &str) -> bool {
        let version = self.version.as_deref().and_then(|it| it.get(..date.len()));
        let digits = |version: &str| version.starts_with(|c: char| c.is_ascii_digit());
        version.is_some_and(|version| digits(version) && version < date)
    }
}

/// The endpoint of the dialect at the end of a path, if there is one.
pub(super) fn endpoint(path: &str) -> Option<&'static str> {
    ENDPOINTS.into_iter().find(|end| path.ends_with(end))
}

fn family(host: &str, path: &str, api_version: Option<&str>) -> Family {
    let is_serverless = SERVERLESS.iter().any(|end| host.ends_with(end));
    if path.contains("/openai/deployments/") {
        return Family::Deployment;
    }
    if path.ends_with("/openai/v1") {
        return Family::V1;
    }
    if path.ends_with("/models") || is_serverless {
        return Family::Models;
    }
    match api_version {
        None | Some("v1" | "preview" | "latest") => Family::V1,
        Some(_) => Family::Deployments,
    }
}

/// The version that is in a query already.
fn version_in(query: Option<&str>) -> Option<&str> {
    let mut pairs = query?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("api-version="))
}

fn with_version(base: &Uri, version: &str) -> Result<Uri, Error> {
    let version = wire::segment(version);
    let query = match base.query() {
        Some(query) if !query.is_empty() => format!("{query}&api-version={version}"),
        _ => format!("api-version={version}"),
    };
    let mut parts = base.clone().into_parts();
    let whole = format!("{}?{query}", base.path());
    parts.path_and_query = whole.parse().ok();
    Uri::from_parts(parts)
        .map_err(|_| wire::misconfigured(format!("there is no URL with the query {query}")))
}
