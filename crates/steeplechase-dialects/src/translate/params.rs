//! Which fields of a call a provider is sent, whatever is known of it.
//!
//! ```text
//!  left out    additional_drop_params ── cut from the caller's bytes before anything is made of them
//!  passed on   allowed_openai_params ─── what is refused otherwise is put into the provider's bytes as it is
//! ```

use std::sync::Arc;

use steeplechase_core::{Call, Controls, Deployment, Dialect, Error, FieldPath};

use super::provider::{Ask, Outgoing};
use crate::chat::ChatRequest;
use crate::intake::{Fields, Left, without_fields};
use crate::json::{self, value_of};

/// A request that was written from the neutral form, and the chat that it was written from.
pub(super) type Translated = (Outgoing, Option<Arc<ChatRequest>>);

/// The field of Bedrock's calls in which all is that its dialect does not know.
const BEDROCK: &str = "additionalModelRequestFields";

/// A call without the fields that the operator or the caller has said to leave out, and their names. `None` if it has
/// none of them.
pub(super) fn left_out(
    call: &Call,
    deployment: &Deployment,
    controls: Option<&Controls>,
) -> Result<Option<Left>, Error> {
    let asked = controls.map_or(&[][..], |controls| &controls.drop_fields);
    if deployment.drop_fields().is_empty() && asked.is_empty() {
        return Ok(None);
    }
    without_fields(call, deployment.drop_fields().iter().chain(asked))
}

/// Leaves out of a chat that was translated into `OpenAI`'s dialect what has a name only there.
pub(super) fn leave_out(
    outgoing: &mut Outgoing,
    deployment: &Deployment,
    controls: Option<&Controls>,
) {
    let asked = controls.map_or(&[][..], |controls| &controls.drop_fields);
    let paths = deployment.drop_fields().iter().chain(asked);
    if deployment.dialect() == Dialect::OpenAi
        && let Some((body, led)) = json::without(&outgoing.body, paths)
    {
        outgoing.body = body.into();
        let led = led.into_iter().map(|path| path.as_str().into());
        outgoing.dropped.extend(led);
    }
}

/// Translates a call, and puts those of the caller's parameters into the request that are allowed though `translate`
/// leaves them out or refuses them.
pub(super) fn passing(
    ask: &Ask<'_>,
    translate: impl Fn(&Ask<'_>) -> Result<Translated, Error>,
) -> Result<Translated, Error> {
    // Callers of other dialects have other names for them.
    if ask.allowed.is_empty() || ask.call.dialect() != Dialect::OpenAi {
        return translate(ask);
    }
    let mut passed: Vec<Box<str>> = Vec::new();
    let mut left: Option<Call> = None;
    loop {
        let call = left.as_ref().unwrap_or(ask.call);
        let error = match translate(&Ask { call, ..*ask }) {
            Ok((mut outgoing, chat)) => {
                let dropped = outgoing.dropped.iter();
                passed.extend(dropped.filter(|name| ask.allowed.has(name)).cloned());
                put(&passed, ask, &mut outgoing);
                return Ok((outgoing, chat));
            }
            Err(error) => error,
        };
        // It is there no longer when it is tried again, so this ends.
        let refused = error.param().filter(|name| ask.allowed.has(name));
        let path = refused.and_then(|name| FieldPath::parse(name).ok());
        let Some((without, mut name)) = path.and_then(|path| without_fields(call, [&path]).ok()?)
        else {
            return Err(error);
        };
        passed.append(&mut name);
        left = Some(without);
    }
}

/// Puts parameters of the call into the request as they are.
fn put(passed: &[Box<str>], ask: &Ask<'_>, outgoing: &mut Outgoing) {
    let is_bedrock = ask.deployment.dialect() == Dialect::Bedrock;
    let place = if is_bedrock {
        value_of(&outgoing.body, BEDROCK).unwrap_or("{}").as_bytes()
    } else {
        &outgoing.body[..]
    };
    let fields = passed.iter().filter_map(|name| {
        let value = value_of(ask.call.raw(), name).filter(|value| *value != "null")?;
        let is_free = value_of(place, name).is_none();
        is_free.then(|| (name.to_string(), value))
    });
    let fields: Vec<_> = fields.collect();
    if fields.is_empty() {
        return;
    }
    let names: Vec<_> = fields.iter().map(|(name, _)| name.clone()).collect();
    let filled = Fields(fields).splice_into(place).ok();
    let body = filled.and_then(|filled| {
        if !is_bedrock {
            return Some(filled);
        }
        let nested = str::from_utf8(&filled).ok()?;
        let nested = Fields(vec![(BEDROCK.to_owned(), nested)]);
        nested.splice_into(&outgoing.body).ok()
    });
    if let Some(body) = body {
        outgoing.body = body;
        let is_passed = |dropped: &str| names.iter().any(|name| name == dropped);
        outgoing.dropped.retain(|dropped| !is_passed(dropped));
    }
}
