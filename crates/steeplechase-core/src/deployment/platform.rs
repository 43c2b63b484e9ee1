/// Whose servers a deployment is on, where the same dialect has other paths and bodies there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Platform {
    /// Those of whoever has made the dialect, or servers that are like them.
    #[default]
    Own,
    /// Microsoft Azure: OpenAI's dialect, with the deployment in the path and a version in the query.
    Azure {
        /// The `api-version`. Without one, the paths are those of the versionless API.
        api_version: Option<Box<str>>,
    },
    /// Google Vertex AI: Gemini's or Anthropic's dialect, with the model in the path. The base URL
    /// goes as far as the location.
    Vertex,
}
