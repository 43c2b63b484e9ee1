use bytes::BytesMut;
use steeplechase_core::Error;

use super::chunk::{self, Top};
use super::context::AnswerContext;
use super::decoder::Decoder;
use crate::chat::{Answer, Gather, Sink, ids};

/// Reads a whole answer into the neutral form. It is read like a stream of one event.
///
/// # Errors
///
/// [`Class::Server`](steeplechase_core::Class) if it is no answer; that of the error if it is an error after
/// all; [`Class::Truncated`](steeplechase_core::Class) if it ends before its end.
pub(super) fn read_answer(body: &[u8], context: &AnswerContext) -> Result<Answer, Error> {
    let mut gather = Gather::default();
    let mut nowhere = BytesMut::new();
    let mut decoder = Decoder::new(context.clone());
    decoder.whole(body, &mut Sink::new(&mut gather, &mut nowhere))?;
    let mut answer = gather.into_answer();
    if answer.id.is_empty() {
        answer.id = ids::mint("chatcmpl-");
    }
    answer.created = ids::now();
    if let Ok(top) = serde_json::from_slice::<Top<'_>>(body) {
        answer.created = chunk::number(top.created).unwrap_or(answer.created);
        answer.service_tier = top.service_tier.said().map(str::to_owned);
    }
    Ok(answer)
}
