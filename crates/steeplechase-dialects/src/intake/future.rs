use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::LengthLimitError;
use pin_project_lite::pin_project;
use steeplechase_core::call::{Forward, Head};
use steeplechase_core::{Attempts, BoxError, Call, Chunk, Class, Dialect, Error, Operation};
use tokio::time::{self, Instant, Sleep};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::amend;
use super::controls::{self, Fields, fields_of_body, fields_of_form};
use super::form::scan_form;
use super::path::forwarded;
use super::service::too_large;
use super::{IntakeConfig, ResponseBody, Rest, error_response, scan};
use crate::collect::Collect;

pin_project! {
    /// The response future of [`Intake`](super::Intake).
    ///
    /// Dropping it drops everything that was started for the call.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, ReqBody>
    where
        S: Service<Request<Call>>,
    {
        #[pin]
        state: State<S, ReqBody>,
        dialect: Dialect,
        attempts: Attempts,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody>
    where
        S: Service<Request<Call>>,
    {
        // Waits for the rest of the body.
        Collect {
            #[pin]
            body: ReqBody,
            collected: Collect,
            patience: Patience,
            config: IntakeConfig,
            operation: Operation,
            // Taken when the body is there.
            next: Option<(S, Parts)>,
        },
        // Waits for the answer.
        Call {
            streamed: bool,
            #[pin]
            call: Oneshot<S, Request<Call>>,
        },
        // Waits for the rest of a request that is refused by its head.
        Rest {
            #[pin]
            rest: Rest<ReqBody>,
            // Taken when it is there.
            error: Option<Error>,
        },
        // Knows already that it fails.
        Refused { error: Error, closes: bool },
    }
}

/// Waits for a caller who pauses, but not for ever.
struct Patience {
    limit: Duration,
    // Armed at the first pause: most calls come in one piece.
    sleep: Option<Pin<Box<Sleep>>>,
    // How much had come when it was armed.
    seen: usize,
}

// ===== impl ResponseFuture =====

impl<S, ReqBody> ResponseFuture<S, ReqBody>
where
    S: Service<Request<Call>>,
{
    pub(super) fn refused(
        error: Error,
        body: ReqBody,
        dialect: Dialect,
        attempts: Attempts,
    ) -> Self {
        Self {
            state: State::Rest {
                rest: Rest::of(body),
                error: Some(error),
            },
            dialect,
            attempts,
        }
    }

    pub(super) fn collect(
        service: S,
        parts: Parts,
        body: ReqBody,
        operation: Operation,
        dialect: Dialect,
        config: IntakeConfig,
        attempts: Attempts,
    ) -> Self {
        Self {
            state: State::Collect {
                body,
                collected: Collect::new(config.max_body),
                patience: Patience::new(config.max_pause),
                config,
                operation,
                next: Some((service, parts)),
            },
            dialect,
            attempts,
        }
    }
}

impl<S, ReqBody, ResBody> Future for ResponseFuture<S, ReqBody>
where
    S: Service<Request<Call>, Response = Response<ResBody>, Error = Error>,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Chunk, Error = Error>,
{
    type Output = Result<Response<ResponseBody<ResBody>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Collect {
                    body,
                    collected,
                    patience,
                    config,
                    operation,
                    next,
                } => {
                    let result = match collected.poll(body, cx) {
                        Poll::Ready(outcome) => {
                            let (_, parts) = next.as_ref().expect("the body ends once");
                            let outcome = outcome.map_err(Into::into);
                            let raw = read(outcome, collected, config.max_body);
                            let taker = Taker {
                                operation: *operation,
                                dialect: *this.dialect,
                                config,
                                attempts: this.attempts,
                            };
                            raw.and_then(|raw| taker.call_of(raw, parts))
                        }
                        Poll::Pending => {
                            ready!(patience.poll(collected.len(), cx));
                            Err(too_slow())
                        }
                    };
                    match result {
                        // Some of the body may not have been read.
                        Err(error) => {
                            let closes = error.status() != StatusCode::BAD_REQUEST;
                            State::Refused { error, closes }
                        }
                        Ok(call) => {
                            let (service, parts) = next.take().expect("the body ends once");
                            let streamed = call.head().stream;
                            let request = Request::from_parts(parts, call);
                            State::Call {
                                streamed,
                                call: service.oneshot(request),
                            }
                        }
                    }
                }
                StateProj::Call { streamed, call } => match ready!(call.poll(cx)) {
                    Err(error) => State::Refused {
                        error,
                        closes: false,
                    },
                    Ok(response) => {
                        let (dialect, streamed) = (*this.dialect, *streamed);
                        let mut response =
                            response.map(|body| ResponseBody::answer(body, dialect, streamed));
                        response.extensions_mut().insert(this.attempts.clone());
                        return Poll::Ready(Ok(response));
                    }
                },
                StateProj::Rest { rest, error } => {
                    let closes = !ready!(rest.poll(cx));
                    let error = error.take().expect("the body ends once");
                    State::Refused { error, closes }
                }
                StateProj::Refused { error, closes } => {
                    let mut response = error_response(*this.dialect, error).map(ResponseBody::from);
                    if *closes {
                        let close = HeaderValue::from_static("close");
                        response.headers_mut().insert(CONNECTION, close);
                    }
                    response.extensions_mut().insert(this.attempts.clone());
                    response.extensions_mut().insert(error.clone());
                    return Poll::Ready(Ok(response));
                }
            };
            // What was started is dropped here, before the failure is told.
            this.state.set(next);
        }
    }
}

impl<S, ReqBody> fmt::Debug for ResponseFuture<S, ReqBody>
where
    S: Service<Request<Call>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

// ===== impl Patience =====

impl Patience {
    const fn new(limit: Duration) -> Self {
        Self {
            limit,
            sleep: None,
            seen: 0,
        }
    }

    /// Is ready when nothing has come for too long since so many bytes were there.
    fn poll(&mut self, len: usize, cx: &mut Context<'_>) -> Poll<()> {
        let limit = self.limit;
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                if len != self.seen {
                    sleep.as_mut().reset(Instant::now() + limit);
                }
                sleep
            }
            slot => slot.insert(Box::pin(time::sleep(limit))),
        };
        self.seen = len;
        sleep.as_mut().poll(cx)
    }
}

/// What was collected, if it is all of the body.
fn read(
    outcome: Result<(), BoxError>,
    collected: &mut Collect,
    max: usize,
) -> Result<Bytes, Error> {
    outcome.map_err(broken_off)?;
    if collected.is_cut() {
        return Err(too_large(max));
    }
    Ok(collected.take())
}

/// Makes calls of bytes.
struct Taker<'a> {
    operation: Operation,
    dialect: Dialect,
    config: &'a IntakeConfig,
    attempts: &'a Attempts,
}

// ===== impl Taker =====

impl Taker<'_> {
    fn call_of(&self, raw: Bytes, parts: &Parts) -> Result<Call, Error> {
        let (operation, dialect) = (self.operation, self.dialect);
        let path = forwarded(parts.uri.path()).filter(|_| operation == Operation::Forward);
        let Some(path) = path else {
            let (raw, mut head) = amend::scanned(raw, operation, dialect, self.config)?;
            self.control(|head| fields_of_body(&raw, head), &mut head, parts)?;
            let call = Call::new(operation, dialect, raw, head);
            let model = self.config.model_of(operation);
            return Ok(match model.filter(|_| self.config.always_names) {
                Some(model) => call.with_model(Arc::clone(model)),
                None => call,
            });
        };
        let json = HeaderValue::from_static("application/json");
        let content_type = parts.headers.get(CONTENT_TYPE).cloned().unwrap_or(json);
        let forward = Forward::new(path, content_type);
        let head = if forward.is_form() {
            let content_type = forward.content_type();
            let mut head = scan_form(&raw, content_type)?;
            self.control(|_| fields_of_form(&raw, content_type), &mut head, parts)?;
            head
        } else {
            let mut head = scan(&raw)?;
            self.control(|head| fields_of_body(&raw, head), &mut head, parts)?;
            head
        };
        Ok(Call::forwarded(forward, dialect, raw, head))
    }

    /// Notes what the call asks of the gateway itself.
    fn control(
        &self,
        fields: impl FnOnce(&Head) -> Fields,
        head: &mut Head,
        parts: &Parts,
    ) -> Result<(), Error> {
        let mut controls = controls::read(fields, head, &parts.headers, self.config.overrides)?;
        let program = (parts.headers.get(USER_AGENT)).filter(|_| self.config.programs);
        if let Some(program) = program {
            let program = String::from_utf8_lossy(program.as_bytes());
            controls.get_or_insert_default().program = Some(program.into());
        }
        if let Some(controls) = controls {
            self.attempts.control(controls);
        }
        Ok(())
    }
}

/// A body that failed. A stock layer above may have given it up, and says so with an error of its own.
fn broken_off(error: BoxError) -> Error {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
    while let Some(cause) = source {
        if cause.is::<LengthLimitError>() {
            return Error::new(Class::TooLarge, "the request body is too large");
        }
        if is_timeout(cause) {
            return too_slow().with_source(error);
        }
        source = cause.source();
    }
    Error::new(Class::InvalidRequest, "the request body broke off").with_source(error)
}

fn too_slow() -> Error {
    let message = "the request body did not come in time";
    Error::new(Class::InvalidRequest, message)
        .with_status(StatusCode::REQUEST_TIMEOUT)
        .with_code("request_timeout")
}

/// Whether a body has paused for too long. The error of `tower-http` is known by what it says: for its
/// type alone the whole of it would be needed here.
fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    let kind = error.downcast_ref().map(io::Error::kind);
    kind == Some(io::ErrorKind::TimedOut)
        || error.is::<time::error::Elapsed>()
        || error.to_string() == "data was not received within the designated timeout"
}
