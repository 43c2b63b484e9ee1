use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use steeplechase_core::attempts::BudgetConfig;
use steeplechase_core::purse::Purses;
use steeplechase_core::{Budget, Call, Chunk, Deployment, Error};
use steeplechase_layers::models::Table;
use tower::{Service, ServiceExt};

/// A stack whose type says no more than what it does. Cloning it clones two handles.
#[derive(Clone)]
pub struct Stack {
    inner: Arc<dyn Shared>,
    names: Arc<[Arc<str>]>,
    /// By all names that a caller may use.
    served: Arc<Table<Arc<[Arc<Deployment>]>>>,
    purses: Arc<Purses>,
}

/// The body of an answer: frames that say what they carry.
pub type AnswerBody = UnsyncBoxBody<Chunk, Error>;

/// The response future of a [`Stack`].
type Answer = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, Error>> + Send>>;

/// A service that is shared, and sends each call on a clone of its own.
trait Shared: Send + Sync {
    fn send(&self, request: Request<Call>) -> Answer;
}

impl<S> Shared for S
where
    S: Service<Request<Call>, Response = Response<AnswerBody>, Error = Error>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    fn send(&self, request: Request<Call>) -> Answer {
        Box::pin(self.clone().oneshot(request))
    }
}

// ===== impl Stack =====

impl Stack {
    pub(crate) fn new<S>(
        inner: S,
        names: Arc<[Arc<str>]>,
        served: Arc<Table<Arc<[Arc<Deployment>]>>>,
        purses: Arc<Purses>,
    ) -> Self
    where
        S: Service<Request<Call>, Response = Response<AnswerBody>, Error = Error>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        Self {
            inner: Arc::new(inner),
            names,
            served,
            purses,
        }
    }

    /// The models that callers are told of.
    pub fn models(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The deployments that serve a model, by any name that a caller may use. None, if there is no such
    /// model. For the id of a deployment it is that one; for another name that some of a group have, it is the
    /// group.
    pub fn deployments(&self, model: &str) -> &[Arc<Deployment>] {
        let model = self.served.known(model);
        let Some(deployments) = self.served.get(model) else {
            return &[];
        };
        let Some(&[key]) = self.served.only(model) else {
            return deployments;
        };
        let at = deployments.iter().position(|it| it.key() == key);
        at.map_or(deployments, |at| &deployments[at..=at])
    }

    /// What may be spent, by whom, and what was.
    pub fn purses(&self) -> &Purses {
        &self.purses
    }

    /// What a group may spend on extra attempts, and how many are in flight. `None` if there is no group of that
    /// name; an alias is none.
    pub fn budget(&self, group: &str) -> Option<&Budget> {
        self.served.budget(group)
    }

    /// What a group may spend on extra attempts: what is left of it in the stack that is replaced, if that
    /// had such a group with the same settings.
    pub(crate) fn budget_after(
        previous: Option<&Self>,
        group: &str,
        config: BudgetConfig,
    ) -> Budget {
        let left = previous.and_then(|stack| stack.budget(group));
        let left = left.filter(|budget| budget.has(config));
        left.cloned().unwrap_or_else(|| Budget::new(config))
    }
}

impl Service<Request<Call>> for Stack {
    type Response = Response<AnswerBody>;
    type Error = Error;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // The clone that a call is sent on is made ready for it.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Call>) -> Self::Future {
        self.inner.send(request)
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("models", &self.names)
            .finish_non_exhaustive()
    }
}
