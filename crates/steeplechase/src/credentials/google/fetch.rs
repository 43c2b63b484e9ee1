use std::time::{Duration, SystemTime};

use http::HeaderValue;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use steeplechase_core::Error;
use yup_oauth2::authenticator::{
    ApplicationDefaultCredentialsAuthenticator, ApplicationDefaultCredentialsTypes, Authenticator,
    AuthorizedUserAuthenticator, ExternalAccountAuthenticator, ServiceAccountAuthenticator,
};
use yup_oauth2::{AccessToken, ApplicationDefaultCredentialsFlowOpts, CustomHyperClientBuilder};

use super::CredentialsError;
use super::connect::Connector;
use super::source::Source;
use crate::credentials::Lease;
use crate::credentials::renewed::none;

/// What a request is sent with.
pub(super) struct Token {
    /// `Bearer …`.
    pub(super) bearer: HeaderValue,
    /// The project whose quota is used, where the token does not say.
    pub(super) quota_project: Option<HeaderValue>,
}

/// What the token is for: all of the cloud, of which the account's roles are a part.
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];

/// For how long a token is good that does not say.
const UNSAID: Duration = Duration::from_secs(600);

/// The most characters of a failure that go into a log.
const MAX_CHARS: usize = 300;

/// Gets a token.
///
/// A new one each time: whoever calls it keeps it.
///
/// # Errors
///
/// Why there is none, in the error's detail.
pub(super) async fn token(source: &Source, connector: Connector) -> Result<Lease<Token>, Error> {
    let failed = |why: &dyn std::error::Error| {
        let why: String = said(why).chars().take(MAX_CHARS).collect();
        let hint = match source {
            Source::Metadata { .. } => "no other credentials were found; ",
            _ => "",
        };
        none(format!("{hint}{source}: {why}"))
    };
    let authenticator = authenticator(source, connector).await;
    let authenticator = authenticator.map_err(|error| failed(&error))?;
    let token = authenticator.token(&SCOPES).await;
    let token = token.map_err(|error| failed(&error))?;
    let text = token.token().unwrap_or_default();
    let bearer = HeaderValue::from_str(&format!("Bearer {text}"));
    let Some(mut bearer) = bearer.ok().filter(|_| !text.is_empty()) else {
        return Err(failed(&CredentialsError::new(
            "the answer has no token that can be sent",
        )));
    };
    bearer.set_sensitive(true);
    let quota_project = source.quota_project().map(HeaderValue::from_str);
    let value = Token {
        bearer,
        quota_project: quota_project.and_then(Result::ok),
    };
    Ok(Lease::new(value, left(&token)))
}

/// What an error says, and what is behind it.
fn said(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut behind = error.source();
    while let Some(cause) = behind {
        let cause_said = cause.to_string();
        // Most of them have said it already.
        if !said.contains(&cause_said) {
            said.push_str(": ");
            said.push_str(&cause_said);
        }
        behind = cause.source();
    }
    said
}

async fn authenticator(
    source: &Source,
    connector: Connector,
) -> std::io::Result<Authenticator<Connector>> {
    let client = Client::builder(TokioExecutor::new())
        // There is a request an hour.
        .pool_max_idle_per_host(0)
        .build::<_, String>(connector);
    let client = CustomHyperClientBuilder::from(client);
    match source {
        Source::External(secret) => {
            let builder = ExternalAccountAuthenticator::with_client(secret.clone(), client);
            builder.build().await
        }
        Source::Metadata { url } => {
            let options = ApplicationDefaultCredentialsFlowOpts {
                metadata_url: Some(url.clone()),
            };
            let find = ApplicationDefaultCredentialsAuthenticator::with_client(options, client);
            match find.await {
                ApplicationDefaultCredentialsTypes::InstanceMetadata(builder) => {
                    builder.build().await
                }
                ApplicationDefaultCredentialsTypes::ServiceAccount(builder) => {
                    builder.build().await
                }
            }
        }
        Source::Service(key) => {
            let builder = ServiceAccountAuthenticator::with_client((**key).clone(), client);
            builder.build().await
        }
        Source::User { secret, .. } => {
            let builder = AuthorizedUserAuthenticator::with_client(secret.clone(), client);
            builder.build().await
        }
    }
}

/// For how long a token is good yet.
fn left(token: &AccessToken) -> Duration {
    let Some(end) = token.expiration_time() else {
        return UNSAID;
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let end = u64::try_from(end.unix_timestamp()).unwrap_or(0);
    Duration::from_secs(end).saturating_sub(now.unwrap_or_default())
}
