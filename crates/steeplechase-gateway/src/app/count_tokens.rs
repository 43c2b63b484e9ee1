//! Counts of tokens for Anthropic's Messages, where no provider of the model counts.
//!
//! ```text
//!  a call to count ──► the stack ─┬─► the provider's own count
//!                                 └─► none of them does that ──► counted here
//!  any other call ───► the stack
//! ```

use std::task::{Context, Poll};

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase::dialects::tokens::count_answer;
use steeplechase::preset::{AnswerBody, Stack};
use steeplechase::{Call, Chunk, Class, Error, Operation};
use tower::Service;

use super::counting::Counting;

/// How many tokens were counted here, and whether that is an estimate.
const TOKENS: HeaderName = HeaderName::from_static("x-steeplechase-tokens");

/// The stack, and who counts for providers that do not.
#[derive(Clone, Debug)]
pub(super) struct CountTokens {
    stack: Stack,
    counting: Counting,
}

// ===== impl CountTokens =====

impl CountTokens {
    pub(super) const fn new(stack: Stack, counting: Counting) -> Self {
        Self { stack, counting }
    }
}

impl Service<Request<Call>> for CountTokens {
    type Response = Response<AnswerBody>;
    type Error = Error;
    type Future = <Stack as Service<Request<Call>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.stack.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Call>) -> Self::Future {
        if request.body().operation() != Operation::CountTokens {
            return self.stack.call(request);
        }
        let call = request.body().clone();
        let answer = self.stack.call(request);
        let counting = self.counting.clone();
        Box::pin(async move {
            match answer.await {
                Err(error) if is_not_done(&error) => here(&counting, call).await,
                outcome => outcome,
            }
        })
    }
}

/// Whether nobody counts, who was asked. That a model may not be called is something else.
fn is_not_done(error: &Error) -> bool {
    error.class() == Class::Unsupported && error.code() != Some("model_not_priced")
}

/// The answer with a count of our own.
async fn here(counting: &Counting, call: Call) -> Result<Response<AnswerBody>, Error> {
    let count = counting.call(call).await?;
    let body = Full::new(Chunk::whole(count_answer(count)));
    let mut response = Response::new(body.map_err(|never| match never {}).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let estimated = if count.is_exact { "" } else { "; estimated" };
    if let Ok(value) = HeaderValue::from_str(&format!("{}{estimated}", count.tokens)) {
        headers.insert(TOKENS, value);
    }
    Ok(response)
}
