use http::HeaderMap;
use http::Uri;

/// Where a request goes.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Place<'a> {
    /// The path after the version.
    pub(super) path: &'a str,
    /// The query, without what is for the gateway.
    pub(super) query: String,
    /// Whose it is, if that is said.
    pub(super) provider: Option<String>,
}

/// What belongs to a provider and to no model.
const FAMILIES: [&str; 9] = [
    "assistants",
    "batches",
    "containers",
    "files",
    "fine_tuning",
    // Those that name a model are calls.
    "moderations",
    "threads",
    "uploads",
    "vector_stores",
];

const PROVIDER: &str = "custom_llm_provider";
const PROVIDER_HEADER: &str = "custom-llm-provider";

/// Whether requests at a path are passed on.
pub(in crate::app) fn is_passed(path: &str) -> bool {
    split(path).is_some()
}

/// Whether the head of a request says which provider it is for.
pub(in crate::app) fn names_provider(uri: &Uri, headers: &HeaderMap) -> bool {
    Place::of(uri, headers).is_some_and(|place| place.provider.is_some())
}

/// The provider that a path names, and the path after the version: `/openai/v1/files` is OpenAI's, and
/// `/v1/files` is anybody's.
fn split(path: &str) -> Option<(Option<&str>, &str)> {
    let rest = path.strip_prefix('/')?;
    let (first, after) = rest.split_once('/').unwrap_or((rest, ""));
    if first == "v1" || is_family(rest) {
        let path = if first == "v1" {
            &path["/v1".len()..]
        } else {
            path
        };
        return is_family(path.strip_prefix('/')?).then_some((None, path));
    }
    let inner = after.strip_prefix("v1/")?;
    let start = path.len() - inner.len() - 1;
    is_family(inner).then_some((Some(first), &path[start..]))
}

/// Whether a path, without its first slash, is of a family. What is kept of a response is one of its
/// own: the response itself is a call.
fn is_family(path: &str) -> bool {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    // Nothing that somebody on the way could read as another path.
    let is_plain = path.split('/').all(|part| {
        let mut bytes = part.bytes();
        part != ".." && bytes.all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    });
    is_plain && (FAMILIES.contains(&first) || (first == "responses" && !rest.is_empty()))
}

// ===== impl Place =====

impl<'a> Place<'a> {
    /// Where a request goes. `None` if it is not passed on.
    pub(super) fn of(uri: &'a Uri, headers: &HeaderMap) -> Option<Self> {
        let (in_path, path) = split(uri.path())?;
        let mut provider = None;
        let pairs = uri.query().unwrap_or("").split('&');
        let kept = pairs.filter(|pair| {
            let Some((PROVIDER, value)) = pair.split_once('=') else {
                return !pair.is_empty();
            };
            provider = Some(value.to_owned());
            false
        });
        let query = kept.collect::<Vec<_>>().join("&");
        let header = headers.get(PROVIDER_HEADER);
        let header = header.and_then(|value| value.to_str().ok());
        let provider = provider.or(header.map(str::to_owned));
        Some(Self {
            path,
            query,
            provider: provider.or(in_path.map(str::to_owned)),
        })
    }
}
