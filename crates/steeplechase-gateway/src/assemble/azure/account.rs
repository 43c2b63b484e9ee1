use steeplechase::deployment::Auth;

use crate::assemble::Upkeep;
use crate::config::Config;

/// The identities with which deployments are called. Those of the same one share a token.
pub(in crate::assemble) struct Accounts {
    /// Whether the identity of the machine may be used.
    pub(super) has_machine: bool,
    #[cfg(feature = "azure")]
    known: Vec<Account>,
}

#[cfg(feature = "azure")]
struct Account {
    who: Who,
    token: std::sync::Arc<steeplechase::credentials::azure::AzureToken>,
    /// Who needs it.
    deployments: Vec<String>,
}

/// An identity, and for what it asks for tokens.
#[derive(Clone, Default, Eq, PartialEq)]
#[cfg_attr(
    not(feature = "azure"),
    allow(dead_code, reason = "who asks for tokens is a feature")
)]
pub(super) struct Who {
    /// `None` of a machine.
    pub(super) tenant_id: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) token_file: Option<String>,
    pub(super) scope: String,
}

impl Accounts {
    pub(in crate::assemble) fn new(config: &Config) -> Self {
        Self {
            has_machine: config.azure_managed_identity,
            #[cfg(feature = "azure")]
            known: Vec::new(),
        }
    }
}

#[cfg(feature = "azure")]
impl Accounts {
    /// How it is shown that somebody calls a deployment.
    ///
    /// # Errors
    ///
    /// Why it cannot be shown, for people.
    #[allow(
        clippy::unnecessary_wraps,
        reason = "it is the same function without the feature"
    )]
    pub(super) fn get(&mut self, who: Who, deployment: &str) -> Result<Auth, String> {
        use std::sync::Arc;

        use steeplechase::credentials::azure::AzureToken;
        use steeplechase::{HttpClient, HttpClientConfig};

        let place = self.known.iter().position(|account| account.who == who);
        let place = place.unwrap_or_else(|| {
            let client = HttpClient::with(HttpClientConfig::new().pools(1));
            let token = AzureToken::new(who.identity(), &*who.scope, client);
            self.known.push(Account {
                who,
                token: Arc::new(token),
                deployments: Vec::new(),
            });
            self.known.len() - 1
        });
        let account = &mut self.known[place];
        account.deployments.push(deployment.to_owned());
        Ok(Auth::Each(Arc::clone(&account.token) as _))
    }

    /// What it takes to keep the tokens fresh.
    pub(in crate::assemble) fn into_upkeep(self) -> Vec<Upkeep> {
        let upkeep = |account: Account| {
            let Account {
                token, deployments, ..
            } = account;
            let first = std::sync::Arc::clone(token.renewed());
            let keep = std::sync::Arc::clone(token.renewed());
            let keep = keep.keep_fresh(Upkeep::warn(&deployments));
            Upkeep::new(deployments, async move { first.renew().await }, keep)
        };
        self.known.into_iter().map(upkeep).collect()
    }
}

#[cfg(not(feature = "azure"))]
impl Accounts {
    #[allow(
        clippy::needless_pass_by_ref_mut,
        clippy::needless_pass_by_value,
        clippy::unused_self,
        reason = "it is the same function with the feature"
    )]
    pub(super) fn get(&mut self, _: Who, _: &str) -> Result<Auth, String> {
        Err("this program was built without the feature `azure`".to_owned())
    }

    #[allow(
        clippy::unused_self,
        reason = "it is the same function with the feature"
    )]
    pub(in crate::assemble) fn into_upkeep(self) -> Vec<Upkeep> {
        Vec::new()
    }
}

#[cfg(feature = "azure")]
impl Who {
    fn identity(&self) -> steeplechase::credentials::azure::Identity {
        use steeplechase::ApiKey;
        use steeplechase::credentials::azure::Identity;

        let client_id = self.client_id.clone();
        let tenant_id = self.tenant_id.clone().unwrap_or_default();
        match (&self.secret, &self.token_file) {
            (Some(secret), _) => Identity::Secret {
                tenant_id,
                client_id: client_id.unwrap_or_default(),
                secret: ApiKey::new(&**secret),
            },
            (None, Some(file)) => Identity::Workload {
                tenant_id,
                client_id: client_id.unwrap_or_default(),
                token_file: file.into(),
            },
            (None, None) => Identity::Managed { client_id },
        }
    }
}
