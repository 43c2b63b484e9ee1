use std::sync::Arc;

use http::StatusCode;
use steeplechase_core::{Class, Deployment, Error, Retry};

use super::rule::{Asked, Rule, shown};

/// A call goes only to where it may.
///
/// It may name a region as the provider does, `eu-west-1`, or the part of the world that it is in: `eu`, `us`.
/// Where nobody knows where a deployment is, it is not there.
#[derive(Debug)]
pub(super) struct Region;

/// How regions are named that do not begin with their part of the world, or spell it out.
const PARTS: [(&str, &[&str]); 2] = [
    (
        "eu",
        &[
            "europe",
            "westeurope",
            "northeurope",
            "swedencentral",
            "swedensouth",
            "francecentral",
            "francesouth",
            "germanynorth",
            "germanywestcentral",
            "italynorth",
            "polandcentral",
            "spaincentral",
        ],
    ),
    (
        "us",
        &[
            "eastus",
            "westus",
            "centralus",
            "northcentralus",
            "southcentralus",
            "westcentralus",
        ],
    ),
];

impl Rule for Region {
    fn name(&self) -> &'static str {
        "region"
    }

    fn concerns(&self, asked: &Asked<'_>) -> bool {
        asked.region().is_some()
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        asked.region().is_none_or(|allowed| {
            let region = deployment.region();
            region.is_some_and(|region| is_in(region, allowed))
        })
    }

    fn refusal(&self, asked: &Asked<'_>, _: &[Arc<Deployment>]) -> Error {
        let region = shown(asked.region().unwrap_or_default());
        let message = format!("the model is not known to be served in the region `{region}`");
        Error::new(Class::Unsupported, message)
            .with_status(StatusCode::FORBIDDEN)
            .with_retry(Retry::OtherModel)
            .with_code("region_not_allowed")
            .with_param("allowed_model_region")
    }
}

/// Whether a region is the one that is allowed, or is in it.
fn is_in(region: &str, allowed: &str) -> bool {
    let (region, allowed) = (region.to_ascii_lowercase(), allowed.to_ascii_lowercase());
    let begins = |with: &str| {
        let rest = region.strip_prefix(with);
        // `westus` is also `westus3`, and `europe` is `europe-west4`.
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-') || is_number(rest))
    };
    region == allowed || region.starts_with(&format!("{allowed}-")) || {
        let part = PARTS.iter().find(|(part, _)| *part == allowed);
        part.is_some_and(|(_, names)| names.iter().any(|name| begins(name)))
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_in_its_part_of_the_world_by_whatever_name_a_provider_has_for_it() {
        for (region, allowed, expected) in [
            ("eu", "eu", true),
            ("EU", "eu", true),
            ("eu-west-1", "eu", true),
            ("eu-west-1", "eu-west-1", true),
            ("eu-west-1", "eu-west-2", false),
            ("eu-west-10", "eu-west-1", false),
            ("europe-west4", "eu", true),
            ("westeurope", "eu", true),
            ("swedencentral", "eu", true),
            ("uksouth", "eu", false),
            ("us-east-1", "eu", false),
            ("us-east-1", "us", true),
            ("us-gov-west-1", "us", true),
            ("eastus2", "us", true),
            ("australiaeast", "us", false),
            ("global", "us", false),
            ("", "us", false),
        ] {
            assert_eq!(is_in(region, allowed), expected, "{region} in {allowed}");
        }
    }
}
