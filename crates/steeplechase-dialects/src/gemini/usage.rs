use crate::json::Text;
use serde::Deserialize;
use steeplechase_core::Usage;

/// Tokens as the provider counts them: thoughts apart from the rest, as a rule.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts<'a> {
    prompt_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
    total_token_count: Option<u64>,
    #[serde(borrow)]
    prompt_tokens_details: Option<Vec<OfKind<'a>>>,
    #[serde(borrow)]
    candidates_tokens_details: Option<Vec<OfKind<'a>>>,
}

/// The tokens of one kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfKind<'a> {
    #[serde(borrow)]
    modality: Option<Text<'a>>,
    token_count: Option<u64>,
}

// ===== impl Counts =====

impl Counts<'_> {
    /// The same, as everybody else counts.
    pub(super) fn usage(&self) -> Usage {
        let tools = self.tool_use_prompt_token_count.unwrap_or(0);
        let prompt = self.prompt_token_count.unwrap_or(0).saturating_add(tools);
        let said = self.candidates_token_count.unwrap_or(0);
        let thoughts = self.thoughts_token_count.unwrap_or(0);
        // Some models count their thoughts among what they say, which only the sum tells.
        let all = prompt.saturating_add(said);
        let is_inclusive = said >= thoughts && self.total_token_count == Some(all);
        let completion = if is_inclusive {
            said
        } else {
            said.saturating_add(thoughts)
        };
        Usage {
            prompt,
            completion,
            cache_read: self.cached_content_token_count.unwrap_or(0),
            reasoning: thoughts,
            audio_in: of_kind(self.prompt_tokens_details.as_deref(), "AUDIO"),
            audio_out: of_kind(self.candidates_tokens_details.as_deref(), "AUDIO"),
            image_in: of_kind(self.prompt_tokens_details.as_deref(), "IMAGE"),
            image_out: of_kind(self.candidates_tokens_details.as_deref(), "IMAGE"),
            ..Usage::default()
        }
    }
}

/// How many of the tokens are of a kind.
fn of_kind(details: Option<&[OfKind<'_>]>, kind: &str) -> u64 {
    let details = details.into_iter().flatten();
    details
        .filter(|it| it.modality.as_deref() == Some(kind))
        .filter_map(|it| it.token_count)
        .fold(0, u64::saturating_add)
}
