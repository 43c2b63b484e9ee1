use http::Request;

/// Says about how many tokens a request has.
///
/// It is asked once for each attempt, when it begins, so it must be quick: the figure is used for an attempt
/// whose provider has not said what was used.
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
/// use steeplechase_core::{Deployment, Dialect};
/// use steeplechase_layers::observe::{ObserveLayer, Policy};
///
/// #[derive(Clone)]
/// struct BySize;
///
/// impl Policy<Full<Bytes>> for BySize {
///     fn prompt(&self, request: &Request<Full<Bytes>>) -> Option<u64> {
///         Some(request.body().size_hint().exact()? / 4)
///     }
/// }
///
/// let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi).build();
/// let layer = ObserveLayer::new(&deployment).policy(BySize);
/// # let _ = layer;
/// ```
pub trait Policy<ReqBody> {
    /// About how many tokens `request` has. `None` if nothing is to be estimated of the attempt.
    fn prompt(&self, request: &Request<ReqBody>) -> Option<u64>;

    /// The most tokens that the answer to `request` may have, if it says so. It is asked only where a budget counts.
    fn max_output(&self, request: &Request<ReqBody>) -> Option<u64> {
        _ = request;
        None
    }

    /// Whether the provider goes on working for `request`, and billing, though it was dropped. That is
    /// assumed where nobody knows.
    fn goes_on(&self, request: &Request<ReqBody>) -> bool {
        _ = request;
        true
    }
}

/// The default [`Policy`]: nothing is estimated, and an attempt has used what its provider has said.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AsReported;

impl<ReqBody> Policy<ReqBody> for AsReported {
    fn prompt(&self, _request: &Request<ReqBody>) -> Option<u64> {
        None
    }
}
