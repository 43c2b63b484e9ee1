use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use steeplechase_core::controls::Mock;
use steeplechase_core::{Call, Chunk, Class, Dialect, Error, Operation, Scope, Usage};
use tokio::time::{self, Sleep};

use super::Chunks;
use super::caller::{self, Caller};
use crate::chat::{Answer, Choice};

/// What a call gets in place of an answer of a provider.
pub(super) struct Mocked {
    delay: Option<Pin<Box<Sleep>>>,
    /// Taken when the delay is over.
    outcome: Option<Result<Response<Chunk>, Error>>,
}

/// Who wants an answer that nobody is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum WantedBy {
    Call,
    Deployment,
}

// ===== impl Mocked =====

impl Mocked {
    pub(super) fn new(
        mock: &Mock,
        wanted_by: WantedBy,
        call: &Call,
        blame: impl FnOnce(Error) -> Error,
    ) -> Self {
        let outcome = match &mock.answer {
            Ok(_) if call.operation() != Operation::Chat => Err(chats_only(wanted_by)),
            Ok(text) => answer(text, call),
            Err(class) => Err(failure(*class, wanted_by)),
        };
        Self {
            delay: mock.delay.map(|delay| Box::pin(time::sleep(delay))),
            outcome: Some(outcome.map_err(blame)),
        }
    }
}

impl Mocked {
    pub(super) fn poll<B>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<Chunks<B>>, Error>> {
        let this = self.get_mut();
        if let Some(delay) = &mut this.delay {
            ready!(delay.as_mut().poll(cx));
        }
        let outcome = this.outcome.take().expect("a mock answers once");
        Poll::Ready(outcome.map(|response| response.map(Chunks::whole)))
    }
}

/// The failure that was asked for. One that the call has asked for is its own, and says nothing of the deployment; one
/// that the deployment has is as good as real.
fn failure(class: Class, wanted_by: WantedBy) -> Error {
    let kind = class.as_str().replace('_', " ");
    let error = |message| Error::new(class, message).with_code("mock_response");
    match wanted_by {
        WantedBy::Call => {
            error(format!("the call has asked for this failure: {kind}")).with_scope(Scope::Request)
        }
        WantedBy::Deployment => error(format!("the deployment always fails so: {kind}")),
    }
}

fn chats_only(wanted_by: WantedBy) -> Error {
    match wanted_by {
        WantedBy::Call => {
            let message = "`mock_response` is for chats only";
            Error::new(Class::InvalidRequest, message).with_param("mock_response")
        }
        WantedBy::Deployment => {
            let message = "the deployment has a `mock_response`, and so it answers chats only";
            Error::new(Class::Unsupported, message).with_code("mock_response")
        }
    }
}

/// The answer that was asked for, in the caller's dialect. Nobody has worked for it, so nothing was used.
fn answer(text: &str, call: &Call) -> Result<Response<Chunk>, Error> {
    let caller = Caller {
        merges: false,
        dialect: call.dialect(),
        chat: caller::chat(call)?,
        provider: Dialect::OpenAi,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let answer = Answer {
        id: "chatcmpl-mock".to_owned(),
        model: call.model().to_owned(),
        created: now.map_or(0, |since| since.as_secs()),
        choices: vec![Choice {
            content: Some(text.to_owned()),
            ..Choice::default()
        }],
        ..Answer::default()
    };
    let (chunk, content_type) = if call.head().stream {
        (caller.streamed(&answer), "text/event-stream")
    } else {
        (caller.whole(answer), "application/json")
    };
    let mut response = Response::new(chunk.and_usage(Usage::ZERO));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(response)
}
