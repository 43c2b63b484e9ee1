use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use steeplechase_core::{BoxError, Call, Class, Error, Retry, Scope};
use tower::Service;
use tower::util::Oneshot;

use super::metrics;

/// How many characters of an unknown name are repeated to the caller.
const NAME_SHOWN: usize = 100;

/// The name of the group that has answered a call, found in the extensions of the response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ModelGroup(pub Arc<str>);

pin_project! {
    /// The response future of [`Models`](super::Models).
    ///
    /// Dropping it drops the call in its group.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S>
    where
        S: Service<Request<Call>>,
    {
        #[pin]
        state: State<S>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S>
    where
        S: Service<Request<Call>>,
    {
        // Sent, or waiting for its service to become ready.
        Sent {
            #[pin]
            call: Oneshot<S, Request<Call>>,
            // Handed on to the response.
            group: Option<ModelGroup>,
        },
        // No group has the model.
        Unknown { error: Option<Error> },
        // Has answered.
        Done,
    }
}

impl<S> ResponseFuture<S>
where
    S: Service<Request<Call>>,
{
    pub(super) fn sent(call: Oneshot<S, Request<Call>>, group: Arc<str>) -> Self {
        let group = Some(ModelGroup(group));
        Self {
            state: State::Sent { call, group },
        }
    }

    pub(super) fn unknown(model: &str) -> Self {
        metrics::unknown();
        let error = Some(unknown(model));
        Self {
            state: State::Unknown { error },
        }
    }
}

impl<S, ResBody> Future for ResponseFuture<S>
where
    S: Service<Request<Call>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
{
    type Output = Result<Response<ResBody>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let result = match this.state.as_mut().project() {
            StateProj::Sent { call, group } => match ready!(call.poll(cx)) {
                Ok(mut response) => {
                    let group = group.take().expect("taken once, here");
                    response.extensions_mut().insert(group);
                    Ok(response)
                }
                Err(error) => Err(Error::from(error.into())),
            },
            StateProj::Unknown { error } => Err(error.take().expect("taken once, here")),
            StateProj::Done => panic!("`ResponseFuture` polled after completion"),
        };
        this.state.set(State::Done);
        Poll::Ready(result)
    }
}

impl<S> fmt::Debug for ResponseFuture<S>
where
    S: Service<Request<Call>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

fn unknown(model: &str) -> Error {
    if model.is_empty() {
        return Error::new(
            Class::InvalidRequest,
            "the call does not say which `model` it is for",
        )
        .with_param("model");
    }
    // What a caller has sent goes into logs and terminals, too.
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = model.chars().take(NAME_SHOWN).map(clean).collect();
    if model.chars().nth(NAME_SHOWN).is_some() {
        shown.push('…');
    }
    // Not the caller's fault as a bad call is: a fallback may name a model that has gone.
    Error::new(
        Class::NotFound,
        format!("the model `{shown}` does not exist"),
    )
    .with_scope(Scope::Gateway)
    .with_retry(Retry::OtherModel)
    .with_code("model_not_found")
    .with_param("model")
}
