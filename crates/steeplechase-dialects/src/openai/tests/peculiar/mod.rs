//! What is peculiar to a provider: other names for parameters, and parameters that it refuses.

mod messages;
mod models;
mod property;
mod refusals;
mod renames;

use bytes::Bytes;
use steeplechase_core::call::{Call, Dialect, Operation};
use steeplechase_core::deployment::{
    Deployment, DeploymentBuilder, Endpoint, Limit, ModelNames, ModelRules, ParamRules, Profile,
};
use steeplechase_core::{Class, Error};

use crate::intake::scan;
use crate::openai::{Rewrite, Rewritten};

fn call(raw: impl Into<Bytes>) -> Call {
    let raw = raw.into();
    let head = scan(&raw).unwrap();
    Call::new(Operation::Chat, Dialect::OpenAi, raw, head)
}

/// Calls `max_completion_tokens` by another name, refuses `logit_bias` and `logprobs`, and has no use for
/// `store`.
fn rules() -> ParamRules {
    let mut rules = ParamRules::default();
    rules.renames = [
        ("max_completion_tokens", "max_tokens"),
        ("seed", "random_seed"),
    ]
    .map(|(from, to)| (from.into(), to.into()))
    .into();
    rules.drops = vec!["logit_bias".into(), "logprobs".into(), "n".into()];
    rules.ignored = vec!["store".into()];
    rules
}

fn limit(param: &str, min: Option<f64>, max: Option<f64>) -> Limit {
    let mut limit = Limit::default();
    limit.param = param.into();
    (limit.min, limit.max) = (min, max);
    limit
}

fn builder(params: ParamRules) -> DeploymentBuilder {
    let mut profile = Profile::default();
    profile.params = params;
    Deployment::builder("d", "fast", Dialect::OpenAi)
        .provider("acme")
        .upstream_model("m")
        .profile(profile)
}

fn rewritten(builder: DeploymentBuilder, raw: &str) -> Result<Rewritten, Error> {
    Rewrite::new(&builder.build()).rewrite(&call(raw.to_owned()))
}

/// What is sent, and what is not.
fn sent(builder: DeploymentBuilder, raw: &str) -> (String, String) {
    let rewritten = rewritten(builder, raw).unwrap();
    let body = String::from_utf8(rewritten.body.into()).unwrap();
    (body, rewritten.dropped.join(", "))
}
