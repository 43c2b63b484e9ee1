use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use steeplechase_core::{Call, Chunk, Deployment, Error};
use steeplechase_layers::models::Table;
use tower::Service;
use tower::util::BoxCloneSyncService;

/// A stack whose type says no more than what it does. Cloning it clones a few handles.
#[derive(Clone)]
pub struct Stack {
    pub(crate) inner: BoxCloneSyncService<Request<Call>, Response<AnswerBody>, Error>,
    pub(crate) names: Arc<[Arc<str>]>,
    /// By all names that a caller may use.
    pub(crate) served: Arc<Table<Arc<[Arc<Deployment>]>>>,
}

/// The body of an answer: frames that say what they carry.
pub type AnswerBody = UnsyncBoxBody<Chunk, Error>;

impl Stack {
    /// The models that callers are told of.
    pub fn models(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The deployments that serve a model, by any name that a caller may use. None, if there is no such
    /// model.
    pub fn deployments(&self, model: &str) -> &[Arc<Deployment>] {
        let deployments = self.served.get(model);
        deployments.map_or(&[], |deployments| deployments)
    }
}

impl Service<Request<Call>> for Stack {
    type Response = Response<AnswerBody>;
    type Error = Error;
    type Future = <BoxCloneSyncService<Request<Call>, Self::Response, Error> as Service<
        Request<Call>,
    >>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Call>) -> Self::Future {
        self.inner.call(request)
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("models", &self.names)
            .finish_non_exhaustive()
    }
}
