use std::path::PathBuf;
use std::sync::Arc;

use super::files::{Files, Reader};
use crate::assemble::{Assembled, Previous, from_config_after, from_environment};
use crate::config::{Config, Diagnostic};

/// What is said when there is nothing to serve.
const NOBODY: &str = "there is nobody to call: give a configuration with --config FILE, or set a \
                      provider's key, for example OPENAI_API_KEY; or run `steeplechase demo`";

/// Where a configuration is from: a file, or else the environment.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    path: Option<PathBuf>,
}

/// A configuration that can be served.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) assembled: Assembled,
    pub(crate) master_key: Option<Arc<str>>,
    /// What it was made of.
    pub(super) config: Config,
}

impl Source {
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self { path }
    }

    /// Whether it can be read again.
    pub(crate) fn is_file(&self) -> bool {
        self.path.is_some()
    }

    /// Reads it, and says what was in the files. This blocks.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, a line each; and what was in the files all the same.
    pub(super) fn read(&self, previous: Previous) -> (Result<Next, String>, Files) {
        let reader = Reader::default();
        let next = self.next(previous, &reader);
        (next, reader.into_files())
    }

    fn next(&self, previous: Previous, reader: &Reader) -> Result<Next, String> {
        let env = |name: &str| std::env::var(name).ok();
        let Some(path) = &self.path else {
            let assembled = from_environment(&env);
            if assembled.providers.is_empty() {
                return Err(NOBODY.to_owned());
            }
            let key = env("LITELLM_MASTER_KEY").filter(|key| !key.is_empty());
            return Ok(Next {
                assembled,
                master_key: key.map(Arc::from),
                config: Config::default(),
            });
        };
        let loaded = Config::read_by(path, &|path| reader.read(path), &env)
            .map_err(|errors| errors.to_string())?;
        let variable = |name: &str| loaded.variable(name, env);
        let mut assembled = from_config_after(previous, &loaded.config, &variable)
            .map_err(|errors| lines(&errors))?;
        assembled.warnings.splice(0..0, loaded.warnings);
        let key = loaded.config.general.master_key.as_ref();
        Ok(Next {
            assembled,
            master_key: key.map(|key| Arc::from(key.expose())),
            config: loaded.config,
        })
    }
}

fn lines(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
