use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use steeplechase_core::{Chunk, Class, Error, Tally};

use super::error;
use super::look::look;
use super::reason;
use crate::tokens::Weights;

/// Reads a whole answer, of chat or of embeddings, and says what it carries. The bytes stay as they
/// are, but for an empty reason of the end of a choice that calls tools.
///
/// It is one pass without a tree. An answer without a word, a tool call or anything else in it is a
/// [`Chunk::end`] and no [`Chunk::whole`]; one that ended for another reason than `stop` has that for
/// an answer.
///
/// # Errors
///
/// * The provider's own error, classified, if it sent one with a status of success.
/// * [`Class::Truncated`] if the bytes end before the JSON does.
/// * [`Class::Server`] if they are no JSON, or JSON without an answer.
pub fn read_answer(body: Bytes) -> Result<Chunk, Error> {
    weigh_answer(body, <&Weights>::default())
}

/// The same, where the words of the model are weighed by `weights` if the answer reports no usage.
pub(crate) fn weigh_answer(body: Bytes, weights: &'static Weights) -> Result<Chunk, Error> {
    let seen = match look(&body, None) {
        Ok(seen) => seen,
        Err(error) if error.is_eof() => {
            let message = "the provider's answer ended before its end";
            return Err(Error::new(Class::Truncated, message).with_detail(error.to_string()));
        }
        Err(error) => {
            let message = "the provider's answer is not JSON";
            return Err(Error::new(Class::Server, message).with_detail(error.to_string()));
        }
    };
    if seen.has_error || !seen.has_answer {
        return Err(error::classify(StatusCode::OK, &HeaderMap::new(), &body));
    }
    let has_content = seen.has_content || seen.is_reason_an_answer();
    let usage = seen.usage;
    let said = match usage {
        Some(usage) if !usage.is_blank() => Tally::ZERO,
        // It was JSON a moment ago.
        _ => look(&body, Some(weights)).map_or(Tally::ZERO, |seen| seen.words.said()),
    };
    let body = if seen.has_empty_reason {
        reason::filled(body)
    } else {
        body
    };
    let chunk = if has_content {
        Chunk::whole(body)
    } else {
        Chunk::end(body)
    };
    let chunk = chunk.and_said(said);
    Ok(match usage {
        Some(usage) => chunk.and_usage(usage),
        None => chunk,
    })
}
