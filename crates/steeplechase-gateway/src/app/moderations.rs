//! Moderations, which need not say by which model.
//!
//! ```text
//!  a model ──────────────────────► the stack, as any call
//!  custom_llm_provider ──────────► passed on to the provider, whose own default counts
//!  neither ──────────────────────► the stack, with the configured model; without one, a 400
//! ```

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body as PageBody;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use serde_json::{Map, Value};
use steeplechase::dialects::intake::error_response;
use steeplechase::{BoxError, Class, Dialect, Error};
use tower::{Service, ServiceExt};

use super::counting;
use super::passthrough::{Passthrough, names_provider};

/// Answers calls for a moderation.
///
/// Dropping the response future drops all that was started for the call.
#[derive(Clone, Debug)]
pub(super) struct Moderations<C> {
    calls: C,
    passed: Option<Passthrough>,
    /// For calls that name none.
    model: Option<Arc<str>>,
}

/// Where a call goes.
enum Way {
    Stack(Bytes),
    Provider(Bytes),
}

/// Whether a path, which is one of calls, is that of moderations.
pub(super) fn is_moderation(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.ends_with("/moderations")
}

// ===== impl Moderations =====

impl<C> Moderations<C> {
    pub(super) const fn new(
        calls: C,
        passed: Option<Passthrough>,
        model: Option<Arc<str>>,
    ) -> Self {
        Self {
            calls,
            passed,
            model,
        }
    }

    fn way(&self, request: &Request<()>, body: Bytes) -> Result<Way, Error> {
        // What is wrong with it is told where all calls are read.
        let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(&body) else {
            return Ok(Way::Stack(body));
        };
        if fields.get("model").is_some_and(|model| !model.is_null()) {
            return Ok(Way::Stack(body));
        }
        let in_body = fields
            .get("custom_llm_provider")
            .is_some_and(Value::is_string);
        if self.passed.is_some() && (in_body || names_provider(request.uri(), request.headers())) {
            return Ok(Way::Provider(body));
        }
        let model = self.model.as_deref().ok_or_else(nobody)?;
        fields.insert("model".to_owned(), model.into());
        Ok(Way::Stack(Value::Object(fields).to_string().into()))
    }
}

impl<C, B, ResBody> Service<Request<B>> for Moderations<C>
where
    C: Service<Request<PageBody>, Response = Response<ResBody>, Error = Infallible>,
    C: Clone + Send + 'static,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
    ResBody: Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<PageBody>;
    type Error = Infallible;
    // Boxed: a moderation is a call beside the one that somebody waits for.
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The clone that a call is sent on is made ready for it.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        let request = request.map(PageBody::new);
        Box::pin(async move {
            if request.method() != Method::POST {
                return Ok(service.calls.oneshot(request).await?.map(PageBody::new));
            }
            let (parts, body) = request.into_parts();
            let head = Request::from_parts(parts, ());
            let way = match counting::read(body).await {
                Ok(body) => service.way(&head, body),
                Err(error) => Err(error),
            };
            match way {
                Ok(Way::Stack(body)) => {
                    let request = head.map(|()| PageBody::from(body));
                    Ok(service.calls.oneshot(request).await?.map(PageBody::new))
                }
                Ok(Way::Provider(body)) => match service.passed {
                    Some(passed) => passed.oneshot(head.map(|()| PageBody::from(body))).await,
                    None => Ok(refusal(&nobody())),
                },
                Err(error) => Ok(refusal(&error)),
            }
        })
    }
}

fn refusal(error: &Error) -> Response<PageBody> {
    error_response(Dialect::OpenAi, error).map(PageBody::from)
}

/// That nobody knows by which model.
fn nobody() -> Error {
    let message = "`model` must be the name of a model, or `custom_llm_provider` that of a provider: \
                   no deployment is known to do moderations; `general_settings.moderation_model` names \
                   one for calls without a model";
    Error::new(Class::InvalidRequest, message)
        .with_param("model")
        .with_code("missing_required_parameter")
}
