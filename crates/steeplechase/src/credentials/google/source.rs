use std::fmt;
use std::path::Path;

use serde_json::Value;
use yup_oauth2::ServiceAccountKey;
use yup_oauth2::authorized_user::AuthorizedUserSecret;
use yup_oauth2::external_account::ExternalAccountSecret;

use super::CredentialsError;

/// Who hands out tokens, and what it wants to see.
#[derive(Clone)]
pub(super) enum Source {
    External(ExternalAccountSecret),
    /// The server that every machine of Google's has.
    Metadata {
        url: String,
    },
    Service(Box<ServiceAccountKey>),
    User {
        secret: AuthorizedUserSecret,
        /// The project whose quota is used.
        quota_project: Option<String>,
    },
}

// ===== impl Source =====

impl Source {
    pub(super) fn from_json(json: &str) -> Result<Self, CredentialsError> {
        let value: Value = serde_json::from_str(json).map_err(|error| {
            // Not with what was found there: it may be a key.
            let (line, column) = (error.line(), error.column());
            CredentialsError::new(format!("this is no JSON: line {line}, column {column}"))
        })?;
        let kind = value.get("type").and_then(Value::as_str).unwrap_or("");
        match kind {
            "service_account" => {
                let mut key: ServiceAccountKey =
                    typed(&value, "client_email, private_key, token_uri")?;
                // Somebody has escaped it twice.
                key.private_key = key.private_key.replace("\\n", "\n");
                Ok(Self::Service(Box::new(key)))
            }
            "authorized_user" => Ok(Self::User {
                secret: typed(&value, "client_id, client_secret, refresh_token")?,
                quota_project: text(&value, "quota_project_id"),
            }),
            "external_account" => {
                let wanted = "audience, subject_token_type, token_url, credential_source";
                Ok(Self::External(typed(&value, wanted)?))
            }
            "" => Err(CredentialsError::new("the field `type` is missing")),
            other => Err(CredentialsError::new(format!(
                "credentials of the type `{other}` are not supported; use those of a service account"
            ))),
        }
    }

    pub(super) fn from_file(path: &Path) -> Result<Self, CredentialsError> {
        let wrong =
            |why: &dyn fmt::Display| CredentialsError::new(format!("{}: {why}", path.display()));
        let json = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        Self::from_json(&json).map_err(|error| wrong(&error))
    }

    /// The project that the credentials are of, if they say so.
    pub(super) fn project(&self) -> Option<&str> {
        match self {
            Self::Service(key) => key.project_id.as_deref(),
            Self::User { quota_project, .. } => quota_project.as_deref(),
            Self::External(_) | Self::Metadata { .. } => None,
        }
    }

    /// The project that is to be named in each request.
    pub(super) fn quota_project(&self) -> Option<&str> {
        match self {
            Self::User { quota_project, .. } => quota_project.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::External(_) => f.write_str("an external account"),
            Self::Metadata { .. } => f.write_str("the metadata server"),
            Self::Service(key) => write!(f, "the service account {}", key.client_email),
            Self::User { .. } => f.write_str("a user's login"),
        }
    }
}

fn typed<T: serde::de::DeserializeOwned>(
    value: &Value,
    wanted: &str,
) -> Result<T, CredentialsError> {
    // The library's own words may quote what it has found.
    let wrong = |_| CredentialsError::new(format!("these fields have to be texts: {wanted}"));
    T::deserialize(value).map_err(wrong)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}
