use steeplechase_core::deployment::Need;

/// Says how much a request is expected to need.
///
/// It is asked once for each attempt, when it begins, and only where tokens are counted. It must be quick.
///
/// # Example
///
/// A policy that takes four bytes for a token:
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use http_body::Body;
/// use http_body_util::Full;
/// use steeplechase_core::deployment::Need;
/// use steeplechase_core::Limits;
/// use steeplechase_layers::limit::{LimitLayer, Policy};
///
/// #[derive(Clone)]
/// struct BySize;
///
/// impl Policy<Request<Full<Bytes>>> for BySize {
///     fn need(&self, request: &Request<Full<Bytes>>) -> Need {
///         let bytes = request.body().size_hint().exact().unwrap_or(0);
///         Need::new(bytes / 4, None)
///     }
/// }
///
/// let limits = Limits::new(None).with_tokens_per_minute(100_000);
/// let layer = LimitLayer::tracking(&limits.into()).policy(BySize);
/// # let _ = layer;
/// ```
pub trait Policy<R> {
    /// How much `request` is expected to need.
    fn need(&self, request: &R) -> Need;
}

/// The default [`Policy`]: nothing is expected, and a token counts when it is reported.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Unmeasured;

impl<R> Policy<R> for Unmeasured {
    fn need(&self, _request: &R) -> Need {
        Need::NONE
    }
}
