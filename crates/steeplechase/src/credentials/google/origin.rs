use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::CredentialsError;
use super::source::Source;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where credentials are from.
pub(super) enum Origin {
    /// A file, and what was in it at first.
    File(PathBuf, Source),
    Fixed(Source),
}

/// Where the metadata server is.
const METADATA_HOST: &str = "metadata.google.internal";

/// Where `gcloud` keeps a login, in the user's home and in its own folder.
const CONFIG_FOLDER: &str = ".config/gcloud";
const LOGIN_FILE: &str = "application_default_credentials.json";

// ===== impl Origin =====

impl Origin {
    pub(super) fn file(path: PathBuf) -> Result<Self, CredentialsError> {
        let source = Source::from_file(&path)?;
        Ok(Self::File(path, source))
    }

    pub(super) fn find(env: Env<'_>) -> Result<Self, CredentialsError> {
        let set = |name: &str| env(name).filter(|value| !value.trim().is_empty());
        if let Some(path) = set("GOOGLE_APPLICATION_CREDENTIALS") {
            return Self::file(path.trim().into());
        }
        let folder = set("CLOUDSDK_CONFIG").map(PathBuf::from);
        let home = || Some(Path::new(&set("HOME")?).join(CONFIG_FOLDER));
        let login = folder.or_else(home).map(|folder| folder.join(LOGIN_FILE));
        if let Some(login) = login.filter(|login| login.is_file()) {
            return Self::file(login);
        }
        let host = set("GCE_METADATA_HOST").unwrap_or_else(|| METADATA_HOST.to_owned());
        Ok(Self::Fixed(Source::Metadata {
            url: format!(
                "http://{host}/computeMetadata/v1/instance/service-accounts/default/token"
            ),
        }))
    }

    /// What the credentials were at first.
    pub(super) const fn first(&self) -> &Source {
        match self {
            Self::File(_, source) | Self::Fixed(source) => source,
        }
    }

    /// What they are now.
    pub(super) fn now(&self) -> Result<Cow<'_, Source>, CredentialsError> {
        match self {
            Self::File(path, _) => Source::from_file(path).map(Cow::Owned),
            Self::Fixed(source) => Ok(Cow::Borrowed(source)),
        }
    }
}
