use std::sync::Arc;

use steeplechase::credentials::azure::{AzureToken, Identity};
use steeplechase::deployment::Auth;
use steeplechase::{ApiKey, HttpClient, HttpClientConfig};

use crate::assemble::upkeep::Upkeep;

/// The tokens of a configuration: one for all deployments with the same identity.
#[derive(Default)]
pub(in crate::assemble) struct Tokens(Vec<Known>);

struct Known {
    who: Who,
    token: Arc<AzureToken>,
}

/// An identity, and for what it asks for tokens.
#[derive(Clone, Default, Eq, PartialEq)]
pub(super) struct Who {
    /// `None` of a machine.
    pub(super) tenant_id: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) secret: Option<String>,
    pub(super) token_file: Option<String>,
    pub(super) scope: String,
}

// ===== impl Tokens =====

impl Tokens {
    /// Has all of them renewed.
    pub(in crate::assemble) fn keep_up(&self, upkeep: &mut Upkeep) {
        for Known { who, token } in &self.0 {
            let client = who.client_id.as_deref().unwrap_or("managed identity");
            upkeep.renew(&format!("azure: {client}"), token.renewed());
        }
    }

    /// How it is shown that somebody calls.
    pub(super) fn of(&mut self, who: Who) -> Auth {
        if let Some(known) = self.0.iter().find(|known| known.who == who) {
            return Auth::Each(Arc::clone(&known.token) as _);
        }
        let client = HttpClient::with(HttpClientConfig::new().pools(1));
        let token = AzureToken::new(who.identity(), &*who.scope, client);
        let token = Arc::new(token);
        let auth = Auth::Each(Arc::clone(&token) as _);
        self.0.push(Known { who, token });
        auth
    }
}

// ===== impl Who =====

impl Who {
    fn identity(&self) -> Identity {
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
