//! What a deployment on Azure needs to be told, as far as the provider's name and URL say it.

use http::{HeaderName, Uri};
use steeplechase_core::ApiKey;
use steeplechase_core::deployment::{Auth, Platform};

use crate::translate::wire;

/// The version of the API where nobody has said one: `LiteLLM`'s `AZURE_DEFAULT_API_VERSION`, which its
/// [documentation](https://docs.litellm.ai/docs/proxy/cli) names.
pub const DEFAULT_API_VERSION: &str = "2025-02-01-preview";

/// Hosts that have both OpenAI's paths and those of Foundry.
const FOUNDRY: &str = ".services.ai.azure.com";

/// The platform of the deployments of a provider: of `azure`, and of `azure_ai`, which is Foundry. `None` if
/// the provider is neither.
///
/// `azure` without a version has the [default](DEFAULT_API_VERSION).
pub fn platform(provider: &str, api_version: Option<&str>) -> Option<Platform> {
    let given = api_version.filter(|version| !version.is_empty());
    let version = match provider {
        "azure" => given.or(Some(DEFAULT_API_VERSION)),
        "azure_ai" => given,
        _ => return None,
    };
    Some(Platform::Azure {
        api_version: version.map(Box::from),
    })
}

/// What the paths are appended to: the base URL of an operator, with what it leaves out of Foundry's.
pub fn base_url(provider: &str, base: Uri) -> Uri {
    let is_foundry = base.host().is_some_and(|host| host.ends_with(FOUNDRY));
    let is_bare = base.path().trim_end_matches('/').is_empty();
    if provider == "azure_ai" && is_foundry && is_bare {
        return wire::with_path(&base, "/models").unwrap_or(base);
    }
    base
}

/// For what a token of Entra ID has to be, to be taken by a host: the scope of its cloud.
pub fn scope(base: &Uri) -> &'static str {
    let host = base.host().unwrap_or_default();
    if host.ends_with(".azure.us") {
        "https://cognitiveservices.azure.us/.default"
    } else if host.ends_with(".azure.cn") {
        "https://cognitiveservices.azure.cn/.default"
    } else {
        "https://cognitiveservices.azure.com/.default"
    }
}

/// Whether a model of Foundry's is one of Anthropic's, which speaks its own dialect there.
pub fn is_claude(model: &str) -> bool {
    model.to_ascii_lowercase().contains("claude")
}

/// The base URL of Anthropic's dialect on Foundry.
pub fn anthropic_base_url(base: Uri) -> Uri {
    let mut path = base.path().trim_end_matches('/');
    for end in ["/messages", "/v1", "/models", "/anthropic"] {
        path = path.strip_suffix(end).unwrap_or(path);
    }
    let path = format!("{path}/anthropic");
    wire::with_path(&base, &path).unwrap_or(base)
}

/// How a host is shown a key. Those of serverless deployments, and others that are not Azure's own, take
/// it as a bearer token.
pub fn auth(base: &Uri, key: ApiKey) -> Auth {
    const BEARER: [&str; 2] = [".models.ai.azure.com", ".inference.ai.azure.com"];
    let host = base.host().unwrap_or_default();
    if BEARER.iter().any(|end| host.ends_with(end)) {
        Auth::Bearer(key)
    } else {
        Auth::Header(HeaderName::from_static("api-key"), key)
    }
}
