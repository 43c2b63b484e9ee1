use steeplechase::deployment::Auth;

use crate::assemble::Upkeep;
use crate::config::Secret;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The accounts of Google's that deployments are called with. Those of the same account share a token.
#[derive(Default)]
pub(in crate::assemble) struct Accounts {
    /// By what is written: the JSON, a path, or nothing for what is found.
    #[cfg(feature = "google")]
    known: std::collections::BTreeMap<String, Account>,
}

#[cfg(feature = "google")]
struct Account {
    credentials: steeplechase::credentials::GoogleCredentials,
    /// Who needs it.
    deployments: Vec<String>,
}

#[cfg(feature = "google")]
impl Accounts {
    /// The account that is written, or the one that is found, and its project.
    ///
    /// # Errors
    ///
    /// Why it cannot be used, for people.
    pub(super) fn get(
        &mut self,
        written: Option<&Secret>,
        deployment: &str,
        env: Env<'_>,
    ) -> Result<(Auth, Option<String>), String> {
        use std::collections::btree_map::Entry;
        use std::sync::Arc;

        use steeplechase::credentials::GoogleCredentials;

        let from_env = || env("VERTEXAI_CREDENTIALS");
        let written = written
            .map(|secret| secret.expose().to_owned())
            .or_else(from_env);
        let written = written
            .map(|text| text.trim().to_owned())
            .unwrap_or_default();
        let account = match self.known.entry(written) {
            Entry::Occupied(account) => account.into_mut(),
            Entry::Vacant(place) => {
                let credentials = match place.key().as_str() {
                    "" => GoogleCredentials::find(env),
                    json if json.starts_with('{') => GoogleCredentials::from_json(json),
                    path => GoogleCredentials::from_file(path),
                };
                place.insert(Account {
                    credentials: credentials.map_err(|error| error.to_string())?,
                    deployments: Vec::new(),
                })
            }
        };
        account.deployments.push(deployment.to_owned());
        let project = account.credentials.project().map(str::to_owned);
        Ok((Auth::Each(Arc::new(account.credentials.clone())), project))
    }

    /// What it takes to keep the tokens fresh.
    pub(in crate::assemble) fn into_upkeep(self) -> Vec<Upkeep> {
        let accounts = self.known.into_values();
        let upkeep = |account: Account| {
            let Account {
                credentials,
                deployments,
            } = account;
            let keep = credentials.keep_fresh(Upkeep::warn(&deployments));
            let first = async move { credentials.renew().await };
            Upkeep::new(deployments, first, keep)
        };
        accounts.map(upkeep).collect()
    }
}

#[cfg(not(feature = "google"))]
impl Accounts {
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::unused_self,
        reason = "it is the same function with the feature"
    )]
    pub(super) fn get(
        &mut self,
        _: Option<&Secret>,
        _: &str,
        _: Env<'_>,
    ) -> Result<(Auth, Option<String>), String> {
        Err("this program was built without the feature `google`".to_owned())
    }

    #[allow(
        clippy::unused_self,
        reason = "it is the same function with the feature"
    )]
    pub(in crate::assemble) fn into_upkeep(self) -> Vec<Upkeep> {
        Vec::new()
    }
}
