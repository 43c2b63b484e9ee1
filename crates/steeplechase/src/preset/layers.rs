//! The stack itself: what is put on what.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use steeplechase_core::{BoxError, Call, Chunk, Deployment, Error};
use steeplechase_dialects::embed::split::SplitLayer;
use steeplechase_dialects::intake::with_fields;
use steeplechase_dialects::translate::TranslateLayer;
use steeplechase_layers::admission::{AdmissionConfig, AdmissionLayer};
use steeplechase_layers::commit::CommitLayer;
use steeplechase_layers::continuation::ContinuationLayer;
use steeplechase_layers::cooldown::{CooldownLayer, Peers};
use steeplechase_layers::fallback::FallbackLayer;
use steeplechase_layers::hedge::{HedgeLayer, Repeatable};
use steeplechase_layers::keepalive::KeepaliveLayer;
use steeplechase_layers::limit::LimitLayer;
use steeplechase_layers::models::{Models, Table, TableBuilder, TableError};
use steeplechase_layers::observe::ObserveLayer;
use steeplechase_layers::race::{CallLanes, RaceLayer};
use steeplechase_layers::retry::RetryLayer;
use steeplechase_layers::route::{DescribeCall, RouteLayer};
use steeplechase_layers::timeout::TimeoutLayer;
use tower::{Service, ServiceBuilder, ServiceExt};

use super::erase::EraseLayer;
use super::signs::Signs;
use super::times::Times;
use super::{Affordable, ByFamily, CanContinue, Group, Joined, Preset, Stack};
use crate::begin::begin;
use crate::continuation::can_continue;
use crate::names;
use crate::providers::Providers;

/// The stack of one group, over an HTTP client. It is what a hand-made stack starts from.
pub fn group_stack<C, B>(
    group: &Group,
    preset: &Preset,
    client: C,
) -> impl Service<
    Request<Call>,
    Response = Response<impl Body<Data = Chunk, Error = Error> + Send + use<C, B>>,
    Error = Error,
    Future: Send,
> + Clone
+ Send
+ Sync
+ use<C, B>
where
    C: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Future: Send,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let (cooldown, times) = (preset.cooldown, Times::new(group, preset));
    let (peers, providers) = (
        Peers::of(&group.model, &group.deployments),
        preset.providers.clone(),
    );
    let repeatable = Repeatable::new().at_most(preset.hedge_max_cost, &group.deployments);
    let purses = Arc::clone(&preset.purses);
    let eligible = preset.eligibility.clone().purses(&purses);
    let eligible = eligible.of(&group.deployments, group.tags);
    // Without anybody who could go on, there is nothing to watch for.
    let continues = preset.continuation && group.deployments.iter().any(|one| can_continue(one));
    let eligible = Affordable::of(CanContinue::of(eligible).watched(continues));
    ServiceBuilder::new()
        .layer(line_of(group, preset))
        .layer(ContinuationLayer::new(continues.then_some(Joined)))
        .layer(
            HedgeLayer::with(preset.hedge)
                .policy(repeatable)
                .pool(group.deployments.iter().cloned())
                .group(Arc::clone(&group.model)),
        )
        .layer(RetryLayer::with(group.retry_or(preset.retry)))
        .layer(
            RouteLayer::new(
                group.deployments.iter().cloned(),
                Arc::clone(&group.routing),
                move |deployment: &Arc<Deployment>| {
                    (
                        // Erased here: what is moved through all the layers above is small then.
                        EraseLayer,
                        CooldownLayer::of(deployment, cooldown)
                            .peers(&peers, deployment.load())
                            .provider(providers.get(deployment)),
                        LimitLayer::tracking(deployment.limits()).policy(ByFamily::of(deployment)),
                        ObserveLayer::new(deployment)
                            .policy(ByFamily::of(deployment))
                            .purses(&purses),
                        TimeoutLayer::new().policy(times.of(deployment)),
                        CommitLayer::first_content(),
                        SplitLayer::to(deployment),
                        TranslateLayer::to(deployment),
                    )
                },
            )
            .eligible(Arc::new(eligible))
            .describe(DescribeCall),
        )
        .service(client)
}

/// The line for the places of a group, if there is a number of them.
fn line_of(group: &Group, preset: &Preset) -> AdmissionLayer {
    let places = group.deployments.iter().try_fold(0_u32, |sum, deployment| {
        let max = deployment.limits().max_in_flight()?;
        Some(sum.saturating_add(max))
    });
    let (Some(max_wait), Some(places @ 1..)) = (preset.queue, places) else {
        return AdmissionLayer::off();
    };
    let config = AdmissionConfig::new(places)
        .max_wait(max_wait)
        .default_priority(preset.priority);
    AdmissionLayer::with(config).name(Arc::clone(&group.model))
}

/// Makes of the name of a model the one by which it is known, before anybody looks for what is said of it.
fn by_known_name<T>(request: &mut Request<Call>, table: &Table<T>) {
    let model = request.body().model();
    let known = table.known(model);
    if known.len() != model.len() {
        let call = request.body().with_model(known);
        *request.body_mut() = call;
    }
}

// ===== impl Preset =====

impl Preset {
    /// The stack, over an HTTP client.
    ///
    /// # Errors
    ///
    /// A model has two groups, or an alias has none.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "as with every service that is wrapped, it is given away"
    )]
    pub fn build<C, B>(mut self, client: C) -> Result<Stack, TableError>
    where
        C: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        C::Future: Send,
        C::Error: Into<BoxError>,
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        self.providers = Providers::of(&self.groups);
        if let Some(previous) = &self.previous {
            self.purses = Arc::new(self.purses.continue_from(previous.purses()));
        }
        let mut table: TableBuilder<_> = Models::builder();
        let mut served: TableBuilder<Arc<[_]>> = Table::builder();
        for group in &self.groups {
            let deployments = group.deployments.iter().cloned().collect();
            let budget = Stack::budget_after(self.previous.as_ref(), &group.model, self.budget);
            budget.go_by(group.deployments.iter().cloned());
            served = served.group(Arc::clone(&group.model), deployments, budget.clone());
            let stack = group_stack(group, &self, client.clone());
            table = table.group(Arc::clone(&group.model), stack, budget);
            if group.hidden {
                table = table.hide(Arc::clone(&group.model));
            }
        }
        for (alias, model, hidden) in &self.aliases {
            table = table.alias(Arc::clone(alias), Arc::clone(model));
            served = served.alias(Arc::clone(alias), Arc::clone(model));
            if *hidden {
                table = table.hide(Arc::clone(alias));
            }
        }
        for part in names::parts(&self.groups, self.upstream_names) {
            table = part.add_to(table);
            served = part.add_to(served);
        }
        let (table, served) = (table.build()?, Arc::new(served.build()?));
        let names = table.names().into();

        let (max_attempts, deadline) = (self.max_attempts, self.deadline);
        let known = Arc::clone(&served);
        let keepalive = KeepaliveLayer::off().policy(Signs::of(&self)?);
        let admission = self
            .admission
            .map_or(AdmissionLayer::off(), AdmissionLayer::with);
        let stack = ServiceBuilder::new()
            .layer(keepalive)
            .map_request(move |mut request: Request<Call>| {
                by_known_name(&mut request, &known);
                begin(request, max_attempts, deadline)
            })
            .layer(admission)
            .layer(FallbackLayer::new(self.fallbacks).patch(with_fields))
            .layer(RaceLayer::new(self.race).policy(CallLanes { width: self.race }))
            .service(Models::new(table));
        let inner = stack.map_response(|response| response.map(BodyExt::boxed_unsync));
        Ok(Stack::new(inner, names, served, self.purses))
    }
}
