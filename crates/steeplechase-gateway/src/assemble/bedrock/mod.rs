//! Deployments on Amazon Bedrock: where they are, and whose credentials their requests are signed with.
//!
//! ```text
//!  region     aws_region_name ──► the model's name ──► AWS_REGION_NAME, AWS_REGION, AWS_DEFAULT_REGION
//!  URL        api_base ──► aws_bedrock_runtime_endpoint ──► the provider's, in the region
//!  key        api_key ──► AWS_BEARER_TOKEN_BEDROCK, if the entry has no credentials of its own
//!  signature  keys, profile, role of the entry ──► AWS's chain
//! ```

#[cfg(feature = "aws")]
mod credentials;
mod place;
mod region;
mod signers;

pub(super) use self::place::{is_bedrock, upstream};
pub(super) use self::region::warnings;
pub(super) use self::signers::Signers;
