use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::Request;
use serde_json::json;
use steeplechase::attempts::{Pick, Trace};
use steeplechase::controls::Controls;
use steeplechase::dialects::intake::scan;
use steeplechase::preset::Stack;
use steeplechase::{Attempts, Call, Dialect, Error, Operation};
use tower::Service;

use crate::cli::Explain;

/// The most tokens that a prompt is made of, to be counted.
const MOST: u64 = 4_000_000;

/// What has become of a call down to the router, on a stack whose providers never answer.
#[derive(Debug)]
pub(super) struct DryRun {
    /// The first look of a router, if it came so far.
    pub(super) pick: Option<Pick>,
    /// The group that is asked next, as nobody of the first can take the call.
    pub(super) next: Option<String>,
    /// How it has failed, if it has.
    pub(super) error: Option<Error>,
}

impl DryRun {
    /// Sends a call down a stack.
    pub(super) fn of(stack: &Stack, options: &Explain) -> Result<Self, String> {
        let call = call(options)?;
        let mut controls = Controls::default();
        controls.tags = options.tags.iter().map(|tag| tag.as_str().into()).collect();
        controls.region = options.region.as_deref().map(Arc::from);
        let trace = Arc::new(Trace::new(0));
        let attempts = Attempts::traced(Arc::clone(&trace));
        attempts.control(controls);
        let mut request = Request::new(call);
        request.extensions_mut().insert(attempts);

        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| error.to_string())?;
        let mut stack = stack.clone();
        let error = runtime.block_on(async move {
            let mut answer = pin!(stack.call(request));
            // All that is decided beforehand is decided in the first poll; then nobody answers.
            poll_fn(|cx| match answer.as_mut().poll(cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Some(error)),
                Poll::Ready(Ok(_)) | Poll::Pending => Poll::Ready(None),
            })
            .await
        });
        let mut picks = trace.picks().into_iter();
        let pick = picks.next();
        let next = picks
            .next()
            .filter(|_| pick.as_ref().is_some_and(|it| it.picked.is_none()));
        let next = next.and_then(|next| Some(next.deployments.first()?.model().to_owned()));
        Ok(Self { pick, next, error })
    }
}

/// A call for a chat, with a prompt of about so many tokens.
fn call(options: &Explain) -> Result<Call, String> {
    let tokens = options.prompt_tokens.unwrap_or(1).clamp(1, MOST);
    let words = usize::try_from(tokens).unwrap_or(usize::MAX);
    let mut body = json!({
        "model": options.model,
        "stream": options.stream,
        "messages": [{"role": "user", "content": vec!["word"; words].join(" ")}],
    });
    if let Some(most) = options.max_tokens {
        body["max_tokens"] = most.into();
    }
    let raw = Bytes::from(body.to_string());
    let head = scan(&raw).map_err(|error| error.message().to_owned())?;
    Ok(Call::new(Operation::Chat, Dialect::OpenAi, raw, head))
}
