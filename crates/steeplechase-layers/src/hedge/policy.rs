use http::Request;
use steeplechase_core::Call;

use super::Size;

/// Decides which requests may be sent twice.
///
/// It is asked once for each request, before the primary is sent, so that a request which may not is
/// not cloned. Any `Fn(&Request<B>) -> bool` is a policy.
///
/// # Example
///
/// ```
/// use http::Request;
/// use steeplechase_layers::hedge::{HedgeLayer, Policy};
///
/// // Leaves stored conversations alone.
/// let stateless = |request: &Request<()>| !request.uri().path().starts_with("/v1/threads");
/// assert!(stateless.may_hedge(&Request::new(())));
///
/// let layer = HedgeLayer::auto().policy(stateless);
/// # let _ = layer;
/// ```
pub trait Policy<ReqBody> {
    /// Whether it is safe, and worth it, to send `request` twice.
    fn may_hedge(&self, request: &Request<ReqBody>) -> bool;

    /// How much `request` is, for what it costs. Asked only of one that may be sent twice. `None` if nobody knows,
    /// and then a hedge may cost anything.
    fn size(&self, request: &Request<ReqBody>) -> Option<Size> {
        let _ = request;
        None
    }
}

/// The default [`Policy`]: any request may be sent twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyRequest;

/// A [`Policy`] for calls: those that ask for one answer may be sent twice.
///
/// A call that asks for several costs as many times more, and hedging it draws as little on the budget
/// as any other.
#[derive(Clone, Copy, Debug, Default)]
pub struct SingleAnswer;

impl<ReqBody> Policy<ReqBody> for AnyRequest {
    fn may_hedge(&self, _request: &Request<ReqBody>) -> bool {
        true
    }
}

impl Policy<Call> for SingleAnswer {
    fn may_hedge(&self, request: &Request<Call>) -> bool {
        request.body().head().n <= 1
    }
}

impl<ReqBody, F> Policy<ReqBody> for F
where
    F: Fn(&Request<ReqBody>) -> bool,
{
    fn may_hedge(&self, request: &Request<ReqBody>) -> bool {
        self(request)
    }
}
