use http::{HeaderMap, Uri};
use steeplechase_core::Error;

use super::{Ranking, RerankRequest, native, upstream};
use crate::translate::provider::{Answering, Ask, Outgoing};
use crate::translate::wire;

/// How a provider wants to be asked.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a field that is there or not, not a state"
)]
pub(crate) struct Shape {
    providers: &'static [&'static str],
    place: Place,
    pub(super) query: Query,
    /// The field of the documents.
    pub(super) documents: &'static str,
    pub(super) items: Items,
    /// The field that says how many are wanted. Without one, what is too much is cut off.
    pub(super) top: Option<&'static str>,
    /// The field that says whether documents are returned.
    pub(super) returns: Option<&'static str>,
    pub(super) takes_rank_fields: bool,
    pub(super) takes_max_tokens: bool,
    pub(super) takes_max_chunks: bool,
    /// Whether it is told what nobody here knows.
    pub(super) takes_others: bool,
}

/// Where it is, after the base URL.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At the model: `/inference/{model}`, beside the paths of `OpenAI`'s dialect.
    Inference,
    /// `/rerank`.
    Plain,
    /// At the model, unless its name begins with `ranking/`: `/v1/retrieval/{model}/reranking`.
    Retrieval,
    /// `/v1/rerank`, whether or not the base URL says the version.
    Versioned,
}

/// What becomes of the query.
#[derive(Clone, Copy, Debug)]
pub(super) enum Query {
    /// `query: {"text": …}`
    Object,
    /// `queries`, one for each document.
    Repeated,
    /// `query`
    Text,
}

/// What becomes of a document.
#[derive(Clone, Copy, Debug)]
pub(super) enum Items {
    /// What it is.
    AsTheyAre,
    /// `{"text": …}`
    Objects,
    /// A text.
    Texts,
}

/// Where NVIDIA's own servers chat, and where they put documents in order.
const NVIDIA_CHAT: &str = "integrate.api.nvidia.com";
const NVIDIA_RERANK: &str = "https://ai.api.nvidia.com";

/// What most take: Cohere's first version, as far as all have it.
const USUAL: Shape = Shape {
    providers: &[],
    place: Place::Plain,
    query: Query::Text,
    documents: "documents",
    items: Items::Texts,
    top: Some("top_n"),
    returns: Some("return_documents"),
    takes_rank_fields: false,
    takes_max_tokens: false,
    takes_max_chunks: false,
    takes_others: true,
};

/// Cohere's second version.
pub(crate) const COHERE: Shape = Shape {
    providers: &["cohere", "cohere_chat"],
    returns: None,
    takes_max_tokens: true,
    takes_others: false,
    ..USUAL
};

/// The others.
static SHAPES: [Shape; 9] = [
    Shape {
        providers: &["azure_ai"],
        place: Place::Versioned,
        items: Items::AsTheyAre,
        takes_rank_fields: true,
        takes_max_chunks: true,
        takes_others: false,
        ..USUAL
    },
    Shape {
        providers: &["deepinfra"],
        place: Place::Inference,
        query: Query::Repeated,
        top: None,
        returns: None,
        ..USUAL
    },
    Shape {
        providers: &["hosted_vllm"],
        takes_max_tokens: true,
        ..USUAL
    },
    Shape {
        providers: &["huggingface"],
        documents: "texts",
        top: None,
        returns: Some("return_text"),
        ..USUAL
    },
    Shape {
        providers: &["infinity"],
        place: Place::Versioned,
        ..USUAL
    },
    Shape {
        providers: &["jina_ai"],
        items: Items::AsTheyAre,
        ..USUAL
    },
    Shape {
        providers: &["nvidia_nim"],
        place: Place::Retrieval,
        query: Query::Object,
        documents: "passages",
        items: Items::Objects,
        top: Some("top_k"),
        returns: None,
        ..USUAL
    },
    Shape {
        providers: &["together_ai"],
        items: Items::AsTheyAre,
        takes_rank_fields: true,
        ..USUAL
    },
    Shape {
        providers: &["voyage"],
        top: Some("top_k"),
        ..USUAL
    },
];

impl Shape {
    /// That of a provider, if it puts documents in order.
    pub(crate) fn of(provider: &str) -> Option<&'static Self> {
        let mut shapes = SHAPES.iter();
        shapes.find(|shape| shape.providers.contains(&provider))
    }

    /// That of a server that nobody knows, and that is said to put documents in order.
    pub(crate) const fn usual() -> &'static Self {
        &USUAL
    }

    /// Where it is asked for a model.
    ///
    /// # Errors
    ///
    /// If there is no such URL.
    pub(crate) fn uri(&self, base: &Uri, model: &str) -> Result<Uri, Error> {
        let path = base.path().trim_end_matches('/');
        match self.place {
            _ if path.ends_with("/rerank") => wire::join(base, ""),
            Place::Plain => wire::join(base, "/rerank"),
            Place::Versioned if path.ends_with("/v1") => wire::join(base, "/rerank"),
            Place::Versioned => wire::join(base, "/v1/rerank"),
            Place::Inference => {
                let path = path.strip_suffix("/openai").unwrap_or(path);
                let base = wire::with_path(base, path)?;
                wire::join(&base, &format!("/inference/{}", segments(model)))
            }
            Place::Retrieval if path.contains("/retrieval/") => wire::join(base, ""),
            Place::Retrieval => {
                let path = path.strip_suffix("/v1").unwrap_or(path);
                let base = if base.host() == Some(NVIDIA_CHAT) {
                    Uri::from_static(NVIDIA_RERANK)
                } else {
                    wire::with_path(base, path)?
                };
                if model.starts_with("ranking/") {
                    return wire::join(&base, "/v1/ranking");
                }
                let path = format!("/v1/retrieval/{}/reranking", segments(model));
                wire::join(&base, &path)
            }
        }
    }

    /// The provider's name for a model, as it is in a body.
    pub(super) fn model(&self, model: &str) -> String {
        match self.place {
            // In a path it has underscores for dots.
            Place::Retrieval => {
                let name = model.strip_prefix("ranking/").unwrap_or(model);
                name.replace('_', ".")
            }
            _ => model.to_owned(),
        }
    }

    /// Writes a call, and says how its answer is read.
    ///
    /// # Errors
    ///
    /// A `400` that names what the provider cannot do.
    pub(crate) fn outgoing(
        &'static self,
        request: RerankRequest,
        ask: &Ask<'_>,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Outgoing, Error> {
        let drop_params = ask.deployment.drop_params();
        let (body, dropped) = upstream::write(self, &request, ask.model, drop_params)?;
        Ok(Outgoing {
            uri: uri.clone(),
            headers: headers.clone(),
            body,
            dropped,
            answer: Answering::Whole(Box::new(move |body| {
                let ranking = native::read(body, request.documents.len())?;
                Ok(self.answer(ranking, &request).into_chunk())
            })),
        })
    }

    /// What of an answer the caller has asked for.
    fn answer(&self, mut ranking: Ranking, request: &RerankRequest) -> Ranking {
        if let Some(top_n) = request.top_n.filter(|_| self.top.is_none()) {
            let top_n = usize::try_from(top_n).unwrap_or(usize::MAX);
            ranking.results.truncate(top_n);
        }
        for result in &mut ranking.results {
            match request.return_documents {
                None => {}
                Some(false) => result.document = None,
                // The caller's own, which the provider may have seen a part of.
                Some(true) => {
                    let document = request.documents.get(result.index).cloned();
                    result.document = document.map(super::Document::into_fields);
                }
            }
        }
        ranking
    }
}

/// A model's name as segments of a path.
fn segments(model: &str) -> String {
    let parts: Vec<_> = model.split('/').map(wire::segment).collect();
    parts.join("/")
}
