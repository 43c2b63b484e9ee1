use std::borrow::Cow;

/// What vectors are for, in the provider's words. Others' words are translated, and the rest is passed
/// on in upper case.
pub(in crate::gemini) fn task_type(said: &str) -> Cow<'static, str> {
    match said {
        "search_document" | "document" | "passage" => "RETRIEVAL_DOCUMENT".into(),
        "search_query" | "query" => "RETRIEVAL_QUERY".into(),
        said => said.to_ascii_uppercase().into(),
    }
}
