use std::fmt;
use std::sync::Arc;

use http::Request;
use steeplechase_core::{Class, Deployment, Error};

/// Says which deployments of a group can take a request at all, however well they are: into which of them a
/// prompt fits, which of them can do what is asked for.
///
/// It is asked once of each deployment that is looked at, for each attempt, on the request's path, and must not
/// wait. Of a large group only a few are looked at, see [`Sampling`](super::Sampling).
///
/// # Example
///
/// ```
/// use std::sync::Arc;
///
/// use http::Request;
/// use steeplechase_core::{Call, Class, Deployment, Error};
/// use steeplechase_layers::route::Eligible;
///
/// /// A prompt has to fit.
/// struct Fits;
///
/// impl Eligible<Call> for Fits {
///     fn is_eligible(&self, request: &Request<Call>, deployment: &Deployment) -> bool {
///         let tokens = request.body().head().prompt.tokens();
///         let most = deployment.model_info().max_input_tokens;
///         most.is_none_or(|most| tokens <= most)
///     }
///
///     fn refusal(&self, _: &Request<Call>, _: &[Arc<Deployment>]) -> Error {
///         Error::new(Class::ContextWindow, "the prompt is too long for the model")
///     }
/// }
/// ```
pub trait Eligible<ReqBody> {
    /// Whether any deployment may be found not to take `request`. If not, none is asked about. It is asked once
    /// for each attempt; the default is that one may.
    fn may_exclude(&self, request: &Request<ReqBody>) -> bool {
        let _ = request;
        true
    }

    /// Whether `deployment` can take `request`.
    fn is_eligible(&self, request: &Request<ReqBody>, deployment: &Deployment) -> bool;

    /// What keeps a deployment from a request that it cannot take, in a word: for who wants to know why.
    fn excluded_by(&self, request: &Request<ReqBody>, deployment: &Deployment) -> &'static str {
        let _ = (request, deployment);
        "rule"
    }

    /// The failure of a request that none of `deployments` can take. They are at least one.
    fn refusal(&self, request: &Request<ReqBody>, deployments: &[Arc<Deployment>]) -> Error;
}

/// The default: every deployment can take every request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Every;

// ===== impl Eligible =====

impl<B> Eligible<B> for Every {
    fn may_exclude(&self, _request: &Request<B>) -> bool {
        false
    }

    fn is_eligible(&self, _request: &Request<B>, _deployment: &Deployment) -> bool {
        true
    }

    fn refusal(&self, _request: &Request<B>, _deployments: &[Arc<Deployment>]) -> Error {
        Error::new(Class::Unavailable, "no deployment can take the request")
    }
}

impl<B, P: Eligible<B> + ?Sized> Eligible<B> for Arc<P> {
    fn may_exclude(&self, request: &Request<B>) -> bool {
        (**self).may_exclude(request)
    }

    fn is_eligible(&self, request: &Request<B>, deployment: &Deployment) -> bool {
        (**self).is_eligible(request, deployment)
    }

    fn excluded_by(&self, request: &Request<B>, deployment: &Deployment) -> &'static str {
        (**self).excluded_by(request, deployment)
    }

    fn refusal(&self, request: &Request<B>, deployments: &[Arc<Deployment>]) -> Error {
        (**self).refusal(request, deployments)
    }
}

/// Without one, every deployment can take every request.
impl<B, P: Eligible<B>> Eligible<B> for Option<P> {
    fn may_exclude(&self, request: &Request<B>) -> bool {
        self.as_ref().is_some_and(|it| it.may_exclude(request))
    }

    fn is_eligible(&self, request: &Request<B>, deployment: &Deployment) -> bool {
        let eligible = self.as_ref();
        eligible.is_none_or(|it| it.is_eligible(request, deployment))
    }

    fn excluded_by(&self, request: &Request<B>, deployment: &Deployment) -> &'static str {
        let eligible = self.as_ref();
        eligible.map_or("rule", |it| it.excluded_by(request, deployment))
    }

    fn refusal(&self, request: &Request<B>, deployments: &[Arc<Deployment>]) -> Error {
        match self {
            Some(eligible) => eligible.refusal(request, deployments),
            None => Every.refusal(request, deployments),
        }
    }
}

impl<B> fmt::Debug for dyn Eligible<B> + Send + Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Eligible").finish_non_exhaustive()
    }
}
