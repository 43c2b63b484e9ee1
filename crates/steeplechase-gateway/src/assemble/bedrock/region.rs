use std::borrow::Cow;

use steeplechase::deployment::Auth;
use steeplechase::dialects::bedrock::Model;
use steeplechase::{Deployment, Dialect};

use crate::assemble::deployments::{Unusable, about};
use crate::config::{AwsParams, Diagnostic, ModelEntry};

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where LiteLLM calls if nobody has said where.
const REGION: &str = "us-west-2";

/// Those who may say where, after the entry and the name of the model.
const VARIABLES: [&str; 3] = ["AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"];

/// The region of a deployment, which is a part of a host's name and of each signature.
pub(super) fn region(entry: &ModelEntry, model: &str, env: Env<'_>) -> Result<String, Unusable> {
    let own = entry.params.aws.region.as_deref();
    let of_model = Model::parse(model).region();
    if let (Some(own), Some(of_model)) = (own, of_model)
        && own != of_model
    {
        let message = format!("the model is in {of_model}, and this says {own}");
        let fix = format!("write `aws_region_name: {of_model}`, or leave it out");
        return Err(wrong(entry, message, &fix));
    }
    let said = own.or(of_model).map(Cow::Borrowed);
    let region = said.or_else(|| of_environment(env).map(Cow::Owned));
    let region = region.unwrap_or(Cow::Borrowed(REGION));
    let is_inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if region.bytes().all(is_inside) {
        return Ok(region.into_owned());
    }
    let message = "this is no region of AWS's".to_owned();
    Err(wrong(
        entry,
        message,
        "write for example `aws_region_name: eu-west-1`",
    ))
}

/// What an operator should know about the settings for AWS of a deployment.
pub(in crate::assemble) fn warnings(
    entry: &ModelEntry,
    deployment: &Deployment,
    env: Env<'_>,
) -> Option<Diagnostic> {
    if deployment.dialect() != Dialect::Bedrock {
        let is_set = entry.params.aws != AwsParams::default();
        return is_set.then(|| {
            let message = "`aws_…` and `model_id` have no effect for this provider".to_owned();
            Diagnostic {
                fix: None,
                ..about(entry, "model", message, "")
            }
        });
    }
    let is_placed = entry.params.aws.region.is_some()
        || Model::parse(deployment.upstream_model()).region().is_some()
        || of_environment(env).is_some();
    // With a key, and a URL of one's own, the region is a part of nothing.
    let is_signed = matches!(deployment.auth(), Auth::Each(_));
    let host = deployment.base_url().host().unwrap_or_default();
    let is_needed = is_signed || host.contains(REGION);
    (is_needed && !is_placed).then(|| {
        let message = format!("nobody says in which region it is, so it is {REGION}");
        let fix = "write for example `aws_region_name: eu-west-1`, or set AWS_REGION";
        about(entry, "aws_region_name", message, fix)
    })
}

fn of_environment(env: Env<'_>) -> Option<String> {
    let set = |name: &&str| env(name).map(|value| value.trim().to_owned());
    VARIABLES
        .iter()
        .filter_map(set)
        .find(|value| !value.is_empty())
}

fn wrong(entry: &ModelEntry, message: String, fix: &str) -> Unusable {
    Unusable::Wrong(about(entry, "aws_region_name", message, fix))
}
