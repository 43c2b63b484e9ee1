//! Writes a call in a provider's shape.

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::json;
use steeplechase_core::Error;

use super::shape::{Items, Query, Shape};
use super::{Document, RerankRequest};
use crate::chat::notes::Notes;
use crate::json;

/// Writes a call, and names what was left out of it.
///
/// # Errors
///
/// A `400` that names what the provider cannot do.
pub(super) fn write(
    shape: &Shape,
    request: &RerankRequest,
    model: &str,
    drop_params: bool,
) -> Result<(Bytes, Vec<Box<str>>), Error> {
    let mut notes = Notes::new(drop_params);
    if request.max_chunks_per_doc.is_some() && !shape.takes_max_chunks {
        notes.refuse("max_chunks_per_doc", "the provider does not have it")?;
    }
    if request.max_tokens_per_doc.is_some() && !shape.takes_max_tokens {
        // It changes what of a long document counts, and not the answer's form.
        notes.note("max_tokens_per_doc");
    }
    if !shape.takes_others {
        for name in request.extra.keys() {
            notes.note(name);
        }
    }
    let body = Body {
        shape,
        request,
        model: &shape.model(model),
    };
    Ok((json::body(&body)?, notes.into_dropped()))
}

struct Body<'a> {
    shape: &'a Shape,
    request: &'a RerankRequest,
    model: &'a str,
}

/// The documents as the provider takes them.
struct Documents<'a>(&'a Body<'a>);

/// The query, once for each document.
struct Queries<'a>(&'a RerankRequest);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            shape,
            request,
            model,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", model)?;
        match shape.query {
            Query::Object => map.serialize_entry("query", &json!({"text": request.query}))?,
            Query::Repeated => map.serialize_entry("queries", &Queries(request))?,
            Query::Text => map.serialize_entry("query", &request.query)?,
        }
        map.serialize_entry(shape.documents, &Documents(self))?;
        if let (Some(top), Some(top_n)) = (shape.top, request.top_n) {
            map.serialize_entry(top, &top_n)?;
        }
        if let (Some(returns), Some(wanted)) = (shape.returns, request.return_documents) {
            map.serialize_entry(returns, &wanted)?;
        }
        if shape.takes_rank_fields && !request.rank_fields.is_empty() {
            map.serialize_entry("rank_fields", &request.rank_fields)?;
        }
        if let Some(max) = request
            .max_tokens_per_doc
            .filter(|_| shape.takes_max_tokens)
        {
            map.serialize_entry("max_tokens_per_doc", &max)?;
        }
        if let Some(max) = request
            .max_chunks_per_doc
            .filter(|_| shape.takes_max_chunks)
        {
            map.serialize_entry("max_chunks_per_doc", &max)?;
        }
        for (name, value) in request.extra.iter().filter(|_| shape.takes_others) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Documents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Body { shape, request, .. } = self.0;
        let is_chosen = !request.rank_fields.is_empty() && !shape.takes_rank_fields;
        let mut list = serializer.serialize_seq(Some(request.documents.len()))?;
        for document in &request.documents {
            match (shape.items, document) {
                (Items::AsTheyAre, Document::Fields(fields)) if !is_chosen => {
                    list.serialize_element(fields)?;
                }
                (Items::Objects, document) => {
                    let text = document.text(&request.rank_fields);
                    list.serialize_element(&json!({"text": text}))?;
                }
                (_, document) => list.serialize_element(&document.text(&request.rank_fields))?,
            }
        }
        list.end()
    }
}

impl Serialize for Queries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let queries = self.0.documents.iter().map(|_| &self.0.query);
        serializer.collect_seq(queries)
    }
}
