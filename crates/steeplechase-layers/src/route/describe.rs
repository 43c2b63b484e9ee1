use std::sync::Arc;

use http::Request;

/// Says what there is to know of a request, for a strategy that goes by it.
///
/// Each is asked only by a strategy that wants to know, at most a few times for an attempt, on the request's
/// path. It must not wait.
///
/// # Example
///
/// Requests of one session go to the same deployment:
///
/// ```
/// use std::hash::{DefaultHasher, Hasher};
///
/// use http::Request;
/// use steeplechase_layers::route::Describe;
///
/// #[derive(Clone)]
/// struct BySession;
///
/// impl<B> Describe<B> for BySession {
///     fn affinity(&self, request: &Request<B>) -> Option<u64> {
///         let mut hash = DefaultHasher::new();
///         hash.write(request.headers().get("x-session")?.as_bytes());
///         Some(hash.finish())
///     }
/// }
/// ```
pub trait Describe<ReqBody> {
    /// Whether the answer is to be streamed.
    fn is_stream(&self, request: &Request<ReqBody>) -> Option<bool> {
        let _ = request;
        None
    }

    /// About how many tokens the prompt has.
    fn prompt(&self, request: &Request<ReqBody>) -> Option<u64> {
        let _ = request;
        None
    }

    /// The most tokens that the answer may have.
    fn max_tokens(&self, request: &Request<ReqBody>) -> Option<u64> {
        let _ = request;
        None
    }

    /// The same number for requests that had best go to the same deployment, spread evenly over all numbers.
    fn affinity(&self, request: &Request<ReqBody>) -> Option<u64> {
        let _ = request;
        None
    }
}

/// The default: nothing is known.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Undescribed;

// ===== impl Describe =====

impl<B> Describe<B> for Undescribed {}

impl<B, D: Describe<B> + ?Sized> Describe<B> for Arc<D> {
    fn is_stream(&self, request: &Request<B>) -> Option<bool> {
        (**self).is_stream(request)
    }

    fn prompt(&self, request: &Request<B>) -> Option<u64> {
        (**self).prompt(request)
    }

    fn max_tokens(&self, request: &Request<B>) -> Option<u64> {
        (**self).max_tokens(request)
    }

    fn affinity(&self, request: &Request<B>) -> Option<u64> {
        (**self).affinity(request)
    }
}
