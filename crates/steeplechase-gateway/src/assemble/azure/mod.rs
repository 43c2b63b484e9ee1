//! Deployments on Microsoft Azure.
//!
//! ```text
//!  azure/DEPLOYMENT     ──► OpenAI's dialect, on Azure's paths
//!  azure_ai/MODEL       ──► the same, on Foundry's
//!  azure_ai/claude-…    ──► Anthropic's dialect, on Foundry
//! ```
//!
//! Who calls is shown by the first of these that is there: the entry's `api_key`, `azure_ad_token`, or
//! application (`tenant_id`, `client_id`, `client_secret`); the provider's key in the environment,
//! `AZURE_AD_TOKEN`, an application in the environment, a workload identity; and last, if the configuration
//! says so, the identity of the machine.

mod account;
mod caller;
mod place;

#[cfg(test)]
mod tests;

pub(super) use self::account::Accounts;
pub(super) use self::place::{is_azure, upstream};
