use http::Request;
use steeplechase_core::Call;

use super::Timeouts;

/// Says how long the answer to a request may take.
///
/// It is asked once for each request.
///
/// # Example
///
/// A policy that gives a long time to what is not urgent:
///
/// ```
/// use std::time::Duration;
///
/// use http::Request;
/// use steeplechase_layers::timeout::{Policy, TimeoutLayer, Timeouts};
///
/// #[derive(Clone)]
/// struct ByPriority;
///
/// impl<ReqBody> Policy<ReqBody> for ByPriority {
///     fn timeouts(&self, request: &Request<ReqBody>) -> Timeouts {
///         let is_batch = request.headers().contains_key("x-batch");
///         let seconds = if is_batch { 3600 } else { 60 };
///         Timeouts::new().total(Duration::from_secs(seconds))
///     }
/// }
///
/// let layer = TimeoutLayer::new().policy(ByPriority);
/// # let _ = layer;
/// ```
pub trait Policy<ReqBody> {
    /// How long the answer to `request` may take.
    fn timeouts(&self, request: &Request<ReqBody>) -> Timeouts;
}

/// The default [`Policy`]: the same for every request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Fixed(pub Timeouts);

/// A [`Policy`] that goes by whether the caller asks for a stream.
///
/// A whole answer takes as long as all of its tokens, and shows nothing until the last one; of a
/// streamed one something is heard all the time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ByStream {
    /// For an answer in one piece.
    pub whole: Timeouts,
    /// For a streamed answer.
    pub stream: Timeouts,
}

impl<ReqBody> Policy<ReqBody> for Fixed {
    fn timeouts(&self, _request: &Request<ReqBody>) -> Timeouts {
        self.0
    }
}

impl Policy<Call> for ByStream {
    fn timeouts(&self, request: &Request<Call>) -> Timeouts {
        if request.body().head().stream {
            self.stream
        } else {
            self.whole
        }
    }
}
