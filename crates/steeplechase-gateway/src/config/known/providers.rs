//! What can be written of a provider.

/// A field of a provider: what it has to be, and an example.
pub(in crate::config) struct Field {
    pub(in crate::config) key: &'static str,
    pub(in crate::config) expected: &'static str,
    pub(in crate::config) example: &'static str,
}

const fn field(key: &'static str, expected: &'static str, example: &'static str) -> Field {
    Field {
        key,
        expected,
        example,
    }
}

const PARAMETERS: &str = "a list of names of parameters";

pub(in crate::config) const PROVIDER: [Field; 23] = [
    field("name", "a text", "\"The house\""),
    field("aliases", "a list of names", "[home]"),
    field("docs", "a URL", "\"https://llm.example.com/docs\""),
    field("dialect", "`openai` or `anthropic`", "openai"),
    field(
        "base_url",
        "a URL that begins with http:// or https://",
        "\"https://llm.example.com/v1\"",
    ),
    field(
        "base_url_env",
        "a list of names of environment variables",
        "[HOUSE_URL]",
    ),
    field(
        "key_env",
        "a list of names of environment variables",
        "[HOUSE_KEY]",
    ),
    field("key_optional", "`true` or `false`", "true"),
    field(
        "auth",
        "`bearer`, `basic`, `none`, the name of a header, `scheme NAME` or `query NAME`",
        "\"scheme Token\"",
    ),
    field(
        "headers",
        "a map of headers to texts",
        "{x-team: \"{TEAM}\"}",
    ),
    field(
        "endpoints",
        "a map of `chat`, `embeddings`, `completions`, `responses`, `rerank` or `messages` to a path, \
         `true` or `false`",
        "{chat: /v1/chat/completions, embeddings: false}",
    ),
    field(
        "model_names",
        "`same`, `prefix TEXT`, `host last` or `dotted TEXT`",
        "\"prefix models/\"",
    ),
    field(
        "renames",
        "a map of parameters to the provider's names for them",
        "{max_completion_tokens: max_tokens}",
    ),
    field("drops", PARAMETERS, "[logit_bias]"),
    field("ignored", PARAMETERS, "[user]"),
    field(
        "limits",
        "a map of parameters to `min`, `max`, `min_for_many`, `max_items`, `only` and `clamp`",
        "{temperature: {max: 1}}",
    ),
    field(
        "values",
        "a map of parameters to maps of values to the provider's words for them",
        "{tool_choice: {required: any}}",
    ),
    field(
        "messages",
        "`texts` (`all` or `results`), `call_ids` (`any` or `nine`) and `thoughts`",
        "{texts: all}",
    ),
    field(
        "models",
        "a list of maps with `match`, and with `renames`, `drops`, `ignored`, `limits`, `values` or `messages`",
        "[{match: [\"o1*\"], drops: [top_p]}]",
    ),
    field(
        "embedding_params",
        "a map of `renames`, `drops`, `ignored`, `limits` or `values`",
        "{ignored: [user]}",
    ),
    field("reasoning", "the name of a field", "reasoning_content"),
    field(
        "stream_usage",
        "`asked`, `always`, `x_groq` or `never`",
        "always",
    ),
    field("stops_at_cancel", "true or false", "true"),
];
