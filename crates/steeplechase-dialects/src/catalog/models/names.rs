//! The names under which a model may be in the table, in the order of LiteLLM.

use std::borrow::Cow;

/// The beginnings of the names of Bedrock's inference profiles.
const PROFILES: [&str; 7] = ["global.", "us.", "eu.", "apac.", "jp.", "au.", "us-gov."];

/// The names to look for, the most likely first.
pub(super) fn candidates<'n>(provider: &str, model: &'n str) -> [Cow<'n, str>; 5] {
    let bare = model
        .strip_prefix(provider)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(model);
    let plain = plain(provider, bare);
    [
        Cow::Owned(format!("{provider}/{bare}")),
        Cow::Borrowed(model),
        Cow::Borrowed(unrouted(provider, bare)),
        Cow::Owned(format!("{provider}/{plain}")),
        plain,
    ]
}

/// The name that LiteLLM gives to a provider, where it has several for its kinds of models.
pub(super) fn provider(name: &str) -> &str {
    match name {
        "bedrock_converse" => "bedrock",
        "cohere_chat" => "cohere",
        "fireworks_ai-embedding-models" => "fireworks_ai",
        "text-completion-codestral" => "codestral",
        "text-completion-openai" => "openai",
        "azure_text" => "azure",
        name if name.starts_with("vertex_ai") => "vertex_ai",
        name => name,
    }
}

/// Whether a model of `owner` may stand for one of `wanted`.
pub(super) fn serves(owner: &str, wanted: &str) -> bool {
    // What Azure's newer service has not listed costs as it does at the older one, or at OpenAI.
    owner == wanted || (wanted == "azure_ai" && matches!(owner, "azure" | "openai"))
}

/// A model of Bedrock without the way to it: `us-east-1/…`, `converse/…`, `arn:aws:bedrock:…/…`.
fn unrouted<'n>(provider: &str, model: &'n str) -> &'n str {
    if provider == "bedrock" {
        model.rsplit('/').next().unwrap_or(model)
    } else {
        model
    }
}

/// A model without its region, version, date, or the names that somebody has given it.
fn plain<'n>(provider: &str, model: &'n str) -> Cow<'n, str> {
    let plain = match provider {
        "bedrock" => {
            let model = without_throughput(unrouted(provider, model));
            let profiles = PROFILES.iter();
            let in_region = profiles.filter_map(|profile| model.strip_prefix(profile));
            in_region.min_by_key(|rest| rest.len()).unwrap_or(model)
        }
        "databricks" | "gemini" | "vertex_ai" => without_version(model),
        _ if model.contains("ft:") => without_owner(model),
        _ => without_date(model),
    };
    Cow::Borrowed(plain)
}

/// `model-v1:0:51k` is `model-v1:0` with room for 51 000 tokens a minute.
fn without_throughput(model: &str) -> &str {
    let Some((rest, last)) = model.rsplit_once(':') else {
        return model;
    };
    match last.strip_suffix('k') {
        Some(size) if is_number(size) => rest,
        _ => model,
    }
}

fn without_version(model: &str) -> &str {
    match model.rsplit_once('-') {
        Some((rest, version)) if is_number(version) => rest,
        _ => model,
    }
}

/// `ft:gpt-4o:organization:name:id` is a `ft:gpt-4o`.
fn without_owner(model: &str) -> &str {
    match model.match_indices(':').rev().nth(2) {
        Some((at, _)) => &model[..at],
        None => model,
    }
}

fn without_date(model: &str) -> &str {
    let parts: Vec<&str> = model.rsplitn(4, '-').collect();
    match parts[..] {
        [day, month, year, rest]
            if day.len() == 2
                && month.len() == 2
                && year.len() == 4
                && [day, month, year].into_iter().all(is_number) =>
        {
            rest
        }
        _ => model,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
