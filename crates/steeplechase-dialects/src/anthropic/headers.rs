use http::HeaderName;
use http::HeaderValue;

/// The header that says which version of the API is spoken. The provider insists on it.
pub const VERSION_HEADER: HeaderName = HeaderName::from_static("anthropic-version");

/// The version that is spoken here.
pub const VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// The header that turns on what is not in the version yet.
pub const BETA_HEADER: HeaderName = HeaderName::from_static("anthropic-beta");

/// One header for the betas of the caller, and those that a request needs, each once and in order.
///
/// `callers` are the values of the caller's headers, each of which may be a list. `None` if there are
/// no betas at all. What cannot be in a header is left out.
///
/// ```
/// use steeplechase_dialects::anthropic::merge_betas;
///
/// let merged = merge_betas(["x-1, y-2", "z-3"], &["y-2", "w-4"]);
/// assert_eq!(merged.unwrap(), "x-1,y-2,z-3,w-4");
/// assert_eq!(merge_betas([], &[]), None);
/// ```
pub fn merge_betas<'b>(
    callers: impl IntoIterator<Item = &'b str>,
    ours: &[&'b str],
) -> Option<HeaderValue> {
    let mut merged: Vec<&str> = Vec::new();
    let callers = callers.into_iter().flat_map(|list| list.split(','));
    for beta in callers.chain(ours.iter().copied()).map(str::trim) {
        let is_legal = !beta.is_empty() && beta.bytes().all(|b| b.is_ascii_graphic());
        if is_legal && !merged.contains(&beta) {
            merged.push(beta);
        }
    }
    if merged.is_empty() {
        return None;
    }
    HeaderValue::from_str(&merged.join(",")).ok()
}
