use steeplechase::deployment::Auth;

#[cfg(feature = "aws")]
use super::credentials;
use crate::assemble::Upkeep;
use crate::assemble::deployments::Unusable;
#[cfg(not(feature = "aws"))]
use crate::assemble::deployments::about;
use crate::config::ModelEntry;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Those who sign requests. Deployments with the same credentials in the same region share one.
#[derive(Default)]
pub(in crate::assemble) struct Signers {
    #[cfg(feature = "aws")]
    all: Vec<Shared>,
    /// What credentials are fetched with, if any are.
    #[cfg(feature = "aws")]
    client: Option<steeplechase::HttpClient>,
}

#[cfg(feature = "aws")]
struct Shared {
    config: steeplechase::credentials::aws::AwsConfig,
    signer: std::sync::Arc<steeplechase::credentials::aws::AwsSigner>,
    /// Who needs it.
    deployments: Vec<String>,
}

// ===== impl Signers =====

#[cfg(feature = "aws")]
impl Signers {
    /// A signature with the credentials of an entry, or else with those that AWS's own tools find.
    ///
    /// # Errors
    ///
    /// What is missing in the entry.
    pub(super) fn auth(
        &mut self,
        entry: &ModelEntry,
        region: &str,
        env: Env<'_>,
    ) -> Result<Auth, Unusable> {
        use std::sync::Arc;

        use steeplechase::HttpClient;
        use steeplechase::credentials::aws::AwsSigner;

        let config = credentials::of(entry, region, env)?;
        let deployment = entry.model_name.clone();
        if let Some(known) = self.all.iter_mut().find(|known| known.config == config) {
            known.deployments.push(deployment);
            return Ok(Auth::Each(Arc::clone(&known.signer) as _));
        }
        let client = self.client.get_or_insert_with(HttpClient::new).clone();
        let signer = Arc::new(AwsSigner::bedrock(config.clone(), client));
        self.all.push(Shared {
            config,
            signer: Arc::clone(&signer),
            deployments: vec![deployment],
        });
        Ok(Auth::Each(signer))
    }

    /// What it takes to keep the credentials fresh.
    pub(in crate::assemble) fn into_upkeep(self) -> Vec<Upkeep> {
        let upkeep = |known: Shared| {
            let Shared {
                signer,
                deployments,
                ..
            } = known;
            let first = std::sync::Arc::clone(&signer);
            let first = async move { first.renew().await };
            let keep = signer.keep_fresh(Upkeep::warn(&deployments));
            Upkeep::new(deployments, first, keep)
        };
        self.all.into_iter().map(upkeep).collect()
    }
}

#[cfg(not(feature = "aws"))]
impl Signers {
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::unused_self,
        reason = "it is the same function with the feature"
    )]
    pub(super) fn auth(
        &mut self,
        entry: &ModelEntry,
        _: &str,
        _: Env<'_>,
    ) -> Result<Auth, Unusable> {
        let message =
            "this program was built without the feature `aws`, so this deployment is left out";
        let fix = "write `api_key`, or set AWS_BEARER_TOKEN_BEDROCK";
        let message = message.to_owned();
        Err(Unusable::Unsupported(about(entry, "model", message, fix)))
    }

    #[allow(
        clippy::unused_self,
        reason = "it is the same function with the feature"
    )]
    pub(in crate::assemble) fn into_upkeep(self) -> Vec<Upkeep> {
        Vec::new()
    }
}
