//! Chat completions.

use super::{Form, check, stream, whole};
use crate::dialect::Asked;
use crate::plan::Frames;
use crate::refusal::{Refusal, Why};
use crate::reply::Finish;

/// Answers a chat completion, whole or streamed.
pub(crate) fn chat(asked: &Asked<'_>, form: &Form<'_>) -> Result<Frames, Refusal> {
    let ask = check::chat(asked.body, form)?;
    let reply = asked.reply(&ask);
    if reply.finish == Finish::Blocked {
        return Err(form.dialect.refusal(&Why::Blocked));
    }
    if ask.stream && asked.may_stream() {
        return Ok(stream::chat(asked.sim, form, &ask, &reply));
    }
    let body = whole::completion(asked.sim, form, &ask, &reply).to_string();
    Ok(Frames::whole(body, reply.tokens()))
}
