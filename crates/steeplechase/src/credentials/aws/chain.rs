//! Asks AWS's own libraries for credentials.

use std::error::Error as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider};
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use steeplechase_core::Error;

use super::config::{AwsConfig, Keys};
use super::http::Connector;
use crate::credentials::Lease;
use crate::credentials::renewed::none;

/// How long credentials count that do not say. They may be in a file that somebody else renews.
const UNSAID: Duration = Duration::from_secs(3600);

/// How the session of a role is called, if nobody has named it.
const SESSION_NAME: &str = "steeplechase";

/// Gets credentials. All that they come from is read anew.
pub(super) async fn fetch(
    config: AwsConfig,
    connector: Connector,
) -> Result<Lease<Credentials>, Error> {
    let credentials = match (&config.web_identity, &config.role) {
        (Some(file), Some(role)) => identify(file, role, &config, connector).await,
        (Some(_), None) => return Err(none("a web identity takes a role, `aws_role_name`")),
        (None, Some(role)) => assume(role, &config, connector).await,
        (None, None) => from_chain(&config, connector).await,
    };
    credentials
        .map(lease)
        .map_err(|error| failed(&config, &error))
}

/// Those that are written down.
pub(super) fn written(keys: &Keys) -> Credentials {
    let token = keys.session_token.as_ref();
    Credentials::new(
        keys.id.clone(),
        keys.secret.expose(),
        token.map(|token| token.expose().to_owned()),
        None,
        "configuration",
    )
}

/// Assumes a role with a token from a file.
async fn identify(
    file: &Path,
    role: &str,
    config: &AwsConfig,
    connector: Connector,
) -> Result<Credentials, CredentialsError> {
    let identity = StaticConfiguration {
        web_identity_token_file: file.to_owned(),
        role_arn: role.to_owned(),
        session_name: session_name(config),
    };
    let provider = WebIdentityTokenCredentialsProvider::builder()
        .configure(&provider_config(config, connector))
        .static_configuration(identity)
        .build();
    provider.provide_credentials().await
}

async fn assume(
    role: &str,
    config: &AwsConfig,
    connector: Connector,
) -> Result<Credentials, CredentialsError> {
    let mut loader = loader(config, connector.clone());
    if let Some(keys) = &config.keys {
        loader = loader.credentials_provider(written(keys));
    } else if let Some(profile) = &config.profile {
        let base = of_profile(profile, config, connector.clone()).await?;
        loader = loader.credentials_provider(base);
    }
    if let Some(endpoint) = &config.sts_endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    let mut provider = AssumeRoleProvider::builder(role)
        .session_name(session_name(config))
        .configure(&loader.load().await);
    if let Some(id) = &config.external_id {
        provider = provider.external_id(id);
    }
    provider.build().await.provide_credentials().await
}

async fn from_chain(
    config: &AwsConfig,
    connector: Connector,
) -> Result<Credentials, CredentialsError> {
    if let Some(profile) = &config.profile {
        return of_profile(profile, config, connector).await;
    }
    let loaded = loader(config, connector).load().await;
    let provider = loaded.credentials_provider();
    let provider = provider.ok_or_else(|| CredentialsError::not_loaded("there is no chain"))?;
    provider.provide_credentials().await
}

/// Those of a profile, and of nothing else: whoever has named it does not mean those of the machine.
async fn of_profile(
    profile: &str,
    config: &AwsConfig,
    connector: Connector,
) -> Result<Credentials, CredentialsError> {
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&provider_config(config, connector))
        .profile_name(profile)
        .build();
    provider.provide_credentials().await
}

fn provider_config(config: &AwsConfig, connector: Connector) -> ProviderConfig {
    ProviderConfig::without_region()
        .with_region(Some(Region::new(config.region.clone())))
        .with_http_client(connector)
}

fn loader(config: &AwsConfig, connector: Connector) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(config.region.clone()))
        .http_client(connector)
}

fn session_name(config: &AwsConfig) -> String {
    let name = config.session_name.as_deref();
    name.unwrap_or(SESSION_NAME).to_owned()
}

fn lease(credentials: Credentials) -> Lease<Credentials> {
    let left = credentials.expiry().map(|expiry| {
        let left = expiry.duration_since(SystemTime::now());
        left.unwrap_or_default()
    });
    Lease::new(credentials, left.unwrap_or(UNSAID))
}

/// What the library says, with all its reasons, for the log.
fn failed(config: &AwsConfig, error: &CredentialsError) -> Error {
    let mut text = match (&config.web_identity, &config.profile) {
        (Some(file), _) => format!("with the token in {}: {error}", file.display()),
        (None, Some(profile)) => format!("with the profile `{profile}`: {error}"),
        (None, None) => error.to_string(),
    };
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    none(text)
}
