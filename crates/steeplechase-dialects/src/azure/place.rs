//! Where things are.

use http::Uri;
use steeplechase_core::Error;

use crate::translate::wire;

/// Where a deployment's endpoints are.
#[derive(Debug)]
pub(super) struct Place {
    /// What comes before the endpoint, or before the deployment. Its query has the version, if there is one.
    base: Uri,
    family: Family,
    /// What comes before an endpoint of the resource, which names no deployment.
    resource: Uri,
    /// The same in the versionless API.
    v1: Uri,
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

/// The endpoints that a deployment has. All others are of the resource: files, batches, responses.
const OF_DEPLOYMENT: [&str; 9] = [
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/rerank",
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
    "/images/edits",
    "/images/generations",
];

/// What no version with a date has, of all that `OpenAI` has.
const NOWHERE: [&str; 2] = ["/images/variations", "/moderations"];

/// What only younger versions have, and since when, or what none has. It is also where there are no
/// versions.
const SINCE: [(&str, Option<&str>); 2] =
    [("/responses", Some("2025-03-01")), ("/containers", None)];

/// The version of Foundry's API.
const FOUNDRY_VERSION: &str = "2024-05-01-preview";

/// Hosts of one model, which is in no path.
const SERVERLESS: [&str; 2] = [".models.ai.azure.com", ".inference.ai.azure.com"];

/// What is known of a base URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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
        let above = above(path);
        let (path, resource) = match family {
            Family::Deployment => (path.to_owned(), format!("{above}/openai")),
            Family::Models => (path.to_owned(), path.to_owned()),
            Family::Deployments => {
                let resource = format!("{above}/openai");
                (format!("{resource}/deployments"), resource)
            }
            Family::V1 => (format!("{above}/openai/v1"), format!("{above}/openai/v1")),
        };
        let version = match family {
            Family::Deployment | Family::Deployments => api_version,
            // Those of one model may speak OpenAI's own version.
            Family::Models if path.ends_with("/v1") => api_version,
            Family::Models => api_version.or(Some(FOUNDRY_VERSION)),
            // It has no dates.
            Family::V1 => api_version.filter(|version| matches!(*version, "preview" | "latest")),
        };
        let is_dated = matches!(family, Family::Deployment | Family::Deployments);
        let known = version_in(base.query());
        let at = |path: &str| {
            let base = wire::with_path(base, path)?;
            match (known, version) {
                (None, Some(version)) => with_version(&base, version),
                _ => Ok(base),
            }
        };
        Ok(Self {
            version: known.or(version).filter(|_| is_dated).map(Box::from),
            base: at(&path)?,
            resource: at(&resource)?,
            v1: without_version(&wire::with_path(base, &format!("{above}/openai/v1"))?)?,
            family,
        })
    }

    /// Where an endpoint of the dialect is, such as `/chat/completions`, for a deployment.
    ///
    /// # Errors
    ///
    /// If there is no such URL.
    pub(super) fn uri(&self, endpoint: &str, deployment: &str) -> Result<Uri, Error> {
        let is_of_deployment = OF_DEPLOYMENT.contains(&endpoint);
        match self.family {
            Family::Deployments if is_of_deployment => {
                let deployment = wire::segment(deployment);
                wire::join(&self.base, &format!("/{deployment}{endpoint}"))
            }
            Family::Deployment | Family::Deployments if !is_of_deployment => {
                let base = if self.is_too_old_for(endpoint) {
                    &self.v1
                } else {
                    &self.resource
                };
                wire::join(base, endpoint)
            }
            _ => wire::join(&self.base, endpoint),
        }
    }

    /// Whether there is such an endpoint, as far as that is known. Foundry's models only chat, and make
    /// vectors and orders.
    pub(super) fn has(&self, endpoint: &str) -> bool {
        match self.family {
            Family::Deployment | Family::Deployments => !NOWHERE.contains(&endpoint),
            Family::Models => {
                !self.base.path().ends_with("/models") || ENDPOINTS.contains(&endpoint)
            }
            Family::V1 => true,
        }
    }

    /// Whether the version of the API is an earlier one than this: a date.
    pub(super) fn is_before(&self, date: &str) -> bool {
        let version = self.version.as_deref().and_then(|it| it.get(..date.len()));
        let digits = |version: &str| version.starts_with(|c: char| c.is_ascii_digit());
        version.is_some_and(|version| digits(version) && version < date)
    }

    /// Whether the version of the API does not have an endpoint of the resource yet.
    fn is_too_old_for(&self, endpoint: &str) -> bool {
        let mut young = SINCE.iter().filter(|(young, _)| {
            let rest = endpoint.strip_prefix(young);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        young.any(|(_, since)| since.is_none_or(|since| self.is_before(since)))
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

/// What of a path is not Azure's own: a front's.
fn above(path: &str) -> &str {
    if let Some(at) = path.rfind("/openai/deployments/") {
        return &path[..at];
    }
    let path = match path.strip_suffix("/v1") {
        Some(openai) if openai.ends_with("/openai") => openai,
        _ => path,
    };
    path.strip_suffix("/openai").unwrap_or(path)
}

/// The version that is in a query already.
fn version_in(query: Option<&str>) -> Option<&str> {
    let mut pairs = query?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("api-version="))
}

fn without_version(uri: &Uri) -> Result<Uri, Error> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let kept: Vec<_> = pairs
        .filter(|pair| !pair.is_empty() && !pair.starts_with("api-version="))
        .collect();
    let mut parts = uri.clone().into_parts();
    let query = kept.join("&");
    let separator = if query.is_empty() { "" } else { "?" };
    parts.path_and_query = format!("{}{separator}{query}", uri.path()).parse().ok();
    Uri::from_parts(parts)
        .map_err(|_| wire::misconfigured(format!("there is no URL with the query {query}")))
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
