use http::HeaderMap;

use crate::anthropic::{BETA_HEADER, merge_betas};

/// The betas that are known there. One that is not is refused with all of the request.
const KNOWN: [&str; 13] = [
    "compact-2026-01-12",
    "compact-2026-09-04",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "dangerous-tool-use-2026-09-03",
    "interleaved-thinking-2025-05-14",
    "per-turn-control-2026-07-01",
    "thinking-binding-controls-2026-08-01",
    "thinking-display-updates-2026-08-18",
    "tool-search-tool-2025-10-19",
    WEB_SEARCH,
];

/// A beta for what is none at Anthropic's.
pub(super) const WEB_SEARCH: &str = "web-search-2025-03-05";

/// Those that have another name there.
const RENAMED: [(&str, &str); 1] = [(
    "advanced-tool-use-2025-11-20",
    "tool-search-tool-2025-10-19",
)];

/// Keeps the betas of a request that are known there or that its operator has written, and adds `more`.
/// Says which were left out.
pub(super) fn adapt(
    headers: &mut HeaderMap,
    operators: &HeaderMap,
    more: Option<&'static str>,
) -> Vec<Box<str>> {
    let mut dropped: Vec<Box<str>> = Vec::new();
    let mut kept = Vec::new();
    for beta in list(headers) {
        let renamed = RENAMED.iter().find(|(theirs, _)| *theirs == beta);
        let beta = renamed.map_or(beta, |(_, here)| here);
        if KNOWN.contains(&beta) || list(operators).any(|own| own == beta) {
            kept.push(beta);
        } else {
            dropped.push(beta.into());
        }
    }
    kept.extend(more);
    match merge_betas([], &kept) {
        Some(betas) => drop(headers.insert(BETA_HEADER, betas)),
        None => drop(headers.remove(BETA_HEADER)),
    }
    dropped
}

fn list(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(BETA_HEADER).iter();
    let lists = values.filter_map(|value| value.to_str().ok());
    let betas = lists.flat_map(|list| list.split(',')).map(str::trim);
    betas.filter(|beta| !beta.is_empty())
}
