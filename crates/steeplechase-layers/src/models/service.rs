use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use http::{Request, Response};
use steeplechase_core::{Attempts, BoxError, Call, Error};
use tower::{Service, ServiceExt};

use super::table::Found;
use super::{ResponseFuture, Table, TableBuilder};

/// Sends each call down the stack of the group that serves its model.
///
/// See the [module documentation](super) for an example. Cloning it clones a handle: all clones have the
/// same table.
///
/// # Requirements on the inner services
///
/// They must be [`Clone`], as each call is sent on a clone of its own. This service is always ready; a
/// call waits until its clone is.
#[must_use]
pub struct Models<S> {
    table: Arc<ArcSwap<Table<S>>>,
}

impl<S> Models<S> {
    /// Serves the models of a table.
    pub fn new(table: Table<S>) -> Self {
        Self {
            table: Arc::new(ArcSwap::from_pointee(table)),
        }
    }

    /// Starts a table, as [`Table::builder`].
    pub fn builder() -> TableBuilder<S> {
        Table::builder()
    }

    /// Puts another table in place, for all clones. Calls that have begun end as they would have.
    pub fn replace(&self, table: Table<S>) {
        self.table.store(Arc::new(table));
    }

    /// The table that is in place now.
    pub fn table(&self) -> Arc<Table<S>> {
        self.table.load_full()
    }

    /// The names that callers are told now. See [`Table::names`].
    pub fn names(&self) -> Vec<Arc<str>> {
        self.table.load().names().to_vec()
    }
}

impl<S, ResBody> Service<Request<Call>> for Models<S>
where
    S: Service<Request<Call>, Response = Response<ResBody>> + Clone,
    S::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = Error;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Call>) -> Self::Future {
        let table = self.table.load();
        let Some(found) = table.find(request.body().model()) else {
            return ResponseFuture::unknown(request.body().model());
        };
        let Found {
            group,
            is_alias,
            only,
        } = found;
        if let Some(only) = only {
            request.extensions_mut().insert(only.clone());
        }
        if is_alias {
            let call = request.body().with_model(Arc::clone(&group.name));
            *request.body_mut() = call;
        }
        if let Some(budget) = &group.budget {
            Attempts::of(request.extensions_mut()).enter(budget);
        }
        let call = group.served_by.clone().oneshot(request);
        ResponseFuture::sent(call, Arc::clone(&group.name))
    }
}

impl<S> Clone for Models<S> {
    fn clone(&self) -> Self {
        Self {
            table: Arc::clone(&self.table),
        }
    }
}

impl<S> fmt::Debug for Models<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Models")
            .field("table", &*self.table.load())
            .finish()
    }
}
