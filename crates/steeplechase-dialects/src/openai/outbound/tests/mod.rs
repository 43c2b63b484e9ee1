//! What providers of this dialect are told by callers who do not speak it, and what is made of their answers.

#![allow(
    clippy::needless_pass_by_value,
    reason = "values are written where they are used"
)]

mod calls;
mod properties;
mod writing;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use serde_json::{Value, json};
use steeplechase_core::call::Head;
use steeplechase_core::{Call, Deployment, Dialect, Error, Operation};

use super::context::AnswerContext;
use super::{Outbound, Written};
use crate::catalog;
use crate::chat::tests::chunks::{assert_grammar, frames};
use crate::chat::{ChatRequest, ChunkWriter, ReadAnswer, Translator};
use crate::translate::provider::{Allowed, Ask};

/// Writes a call in the neutral form, which is read from `OpenAI`'s dialect.
fn write(provider: &str, model: &str, call: &Value) -> Result<Written, Error> {
    let mut deployment = Deployment::builder("d", "m", Dialect::OpenAi)
        .provider(provider)
        .upstream_model(model);
    if let Some(known) = catalog::get(provider) {
        deployment = deployment.profile(Arc::clone(known.profile()));
    }
    let deployment = deployment.build();
    let raw = Bytes::from(call.to_string());
    let chat = ChatRequest::parse(&raw).unwrap();
    let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, Head::default());
    let ask = Ask {
        call: &call,
        deployment: &deployment,
        model,
        caller: &HeaderMap::new(),
        allowed: Allowed::default(),
    };
    Outbound::new(&deployment).write(&chat, &ask)
}

fn body(provider: &str, model: &str, call: &Value) -> Value {
    serde_json::from_slice(&write(provider, model, call).unwrap().body).unwrap()
}

/// A call of one message, with more fields.
fn call_with(fields: &Value) -> Value {
    let mut call = json!({"messages": [{"role": "user", "content": "hi"}]});
    let target = call.as_object_mut().unwrap();
    target.extend(fields.as_object().unwrap().clone());
    call
}

fn context(provider: &str, fields: &Value) -> AnswerContext {
    write(provider, "m", &call_with(fields)).unwrap().context
}

/// The chunks of a stream of events, and whether it has failed.
fn stream(context: &AnswerContext, events: &[String]) -> (Vec<Value>, Option<Error>) {
    let chunks = ChunkWriter::new(false);
    let mut translator = Translator::new(context.decoder(), Box::new(chunks));
    let mut out = BytesMut::new();
    let mut failure = None;
    for event in events {
        if let Err(error) = translator.on_event(None, event.as_bytes(), &mut out) {
            failure = Some(error);
            break;
        }
    }
    if failure.is_none() {
        failure = translator.on_eof(&mut out).err();
    }
    let frames = frames(&out);
    assert_grammar(&frames, false);
    (frames, failure)
}
