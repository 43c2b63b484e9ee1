use http::Request;

use super::KeepaliveConfig;

/// Says whether the caller of a stream gets signs of life, and when.
///
/// It is asked once for each call for a stream, before the call is sent.
///
/// # Example
///
/// A policy for callers who sit behind a load balancer:
///
/// ```
/// use http::Request;
/// use steeplechase_layers::keepalive::{KeepaliveConfig, KeepaliveLayer, Policy};
///
/// #[derive(Clone)]
/// struct BehindAProxy;
///
/// impl<ReqBody> Policy<ReqBody> for BehindAProxy {
///     fn keepalive(&self, request: &Request<ReqBody>) -> Option<KeepaliveConfig> {
///         let is_far = request.headers().contains_key("x-forwarded-for");
///         is_far.then(KeepaliveConfig::new)
///     }
/// }
///
/// let layer = KeepaliveLayer::off().policy(BehindAProxy);
/// # let _ = layer;
/// ```
pub trait Policy<ReqBody> {
    /// When the caller of `request` gets signs of life. `None` for never.
    fn keepalive(&self, request: &Request<ReqBody>) -> Option<KeepaliveConfig>;
}

/// The default [`Policy`]: the same for every call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fixed(pub Option<KeepaliveConfig>);

impl<ReqBody> Policy<ReqBody> for Fixed {
    fn keepalive(&self, _request: &Request<ReqBody>) -> Option<KeepaliveConfig> {
        self.0.clone()
    }
}
