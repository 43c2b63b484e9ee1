use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use steeplechase::dialects::translate::take_provider;
use steeplechase::{BoxError, Class, Error};

/// A body on its way to a provider.
pub type PassBody = UnsyncBoxBody<Bytes, BoxError>;

/// The bytes of a body in which is looked for what is for the gateway.
pub(super) const PEEK: usize = 64 * 1024;

/// How long the first bytes of a body may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body of which the first bytes have been read.
struct Peeked<B> {
    first: Bytes,
    rest: Pin<Box<B>>,
}

/// Looks at the first bytes of a body for the provider, and puts the body together again.
pub(super) async fn look<B>(
    body: B,
    content_type: Option<&HeaderValue>,
) -> Result<(Option<String>, PassBody), Error>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut rest = Box::pin(body);
    let peeked = tokio::time::timeout(PATIENCE, peek(&mut rest)).await;
    let (first, is_whole) = peeked.map_err(|_| too_slow())??;
    let (provider, first) = take_provider(first, content_type, is_whole);
    Ok((provider, Peeked { first, rest }.boxed_unsync()))
}

fn too_slow() -> Error {
    Error::new(
        Class::InvalidRequest,
        "the request body did not come in time",
    )
    .with_status(StatusCode::REQUEST_TIMEOUT)
    .with_code("request_timeout")
}

/// The first bytes of a body, and whether they are all.
async fn peek<B>(body: &mut Pin<Box<B>>) -> Result<(Bytes, bool), Error>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut first = BytesMut::new();
    while first.len() < PEEK {
        match body.frame().await {
            None => return Ok((first.freeze(), true)),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    first.extend_from_slice(&data);
                }
            }
            Some(Err(error)) => {
                let message = "the request body broke off";
                return Err(Error::new(Class::InvalidRequest, message).with_source(error.into()));
            }
        }
    }
    Ok((first.freeze(), body.is_end_stream()))
}

// ===== impl Peeked =====

impl<B> Body for Peeked<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let next = self.rest.as_mut().poll_frame(cx);
        next.map(|next| next.map(|next| next.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let more = self.first.len() as u64;
        let mut hint = self.rest.size_hint();
        let upper = hint.upper();
        hint.set_lower(0);
        if let Some(upper) = upper {
            hint.set_upper(upper.saturating_add(more));
        }
        hint.set_lower(self.rest.size_hint().lower().saturating_add(more));
        hint
    }
}
