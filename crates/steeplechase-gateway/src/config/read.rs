//! The way from a file to a [`Config`].

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::checks;
use super::credentials::Credentials;
use super::diagnostic::{At, ConfigErrors, Diagnostic, Place, Report};
use super::environment::{self, Environment};
use super::include::{Assembler, ReadFile};
use super::known;
use super::model::Config;
use super::node::{Context, Cursor};
use super::secret::Secret;
use super::sections;
use super::yaml::{Node, Value};

/// The largest file that is read. Real ones have some kilobytes.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// A configuration, and what is worth knowing about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// What the configuration says.
    pub config: Config,
    /// What in it has no effect, or another effect than it seems; by file and line.
    pub warnings: Vec<Diagnostic>,
    /// `environment_variables`: what is laid over the environment of the process.
    pub variables: BTreeMap<String, Secret>,
}

impl Loaded {
    /// Looks up an environment variable as the configuration sees it: `environment_variables` goes
    /// before `env`, which looks one up in the environment of the process.
    pub fn variable(&self, name: &str, env: impl FnOnce(&str) -> Option<String>) -> Option<String> {
        match self.variables.get(name) {
            Some(value) => Some(value.expose().to_owned()),
            None => env(name),
        }
    }
}

impl Config {
    /// Reads the file at `path`, and those it includes.
    ///
    /// `env` looks up environment variables; in a program it is `|name| std::env::var(name).ok()`.
    /// It is asked only for what the configuration names, and for `LITELLM_MASTER_KEY`,
    /// `LITELLM_MODEL_COST_MAP_URL` and `LITELLM_LOCAL_MODEL_COST_MAP`.
    ///
    /// This blocks while the files are read, so do it before anything is served, or on a thread for
    /// such work.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the configuration: files that cannot be read, that are not YAML,
    /// or that hold values that make no sense. Only an error in the YAML itself, or in an `include`,
    /// hides others behind it.
    pub fn read(path: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Loaded, ConfigErrors> {
        Self::read_by(path, &read_file, &env)
    }

    /// As [`read`](Self::read), with files that `read` reads.
    pub(crate) fn read_by(
        path: &Path,
        read: ReadFile<'_>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Loaded, ConfigErrors> {
        let text = read(path).map_err(|why| {
            let report = Report::default();
            let at = At {
                place: Place {
                    source: path.display().to_string().into(),
                    line: 0,
                },
                path: String::new(),
            };
            report.error(&at, format!("cannot read the configuration: {why}"), "");
            report.refuse()
        })?;
        load(&text, path, read, env)
    }

    /// Reads `text`, which diagnostics call `source_name`.
    ///
    /// As [`read`](Self::read), but no files are opened, so `include` is an error.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn parse(
        text: &str,
        source_name: &str,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Loaded, ConfigErrors> {
        let no_files = |_: &Path| Err("only a configuration in a file can include others".into());
        load(text, Path::new(source_name), &no_files, &env)
    }
}

pub(super) fn load(
    text: &str,
    path: &Path,
    read: ReadFile<'_>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, ConfigErrors> {
    let report = Report::default();
    let mut environment = Environment::new(env);
    let root = Assembler::new(read, &report, &environment).assemble(text, path);
    let Some(root) = root.filter(|_| !report.has_errors()) else {
        return Err(report.refuse());
    };
    // What `environment_variables` says holds for every other section, so it is read first.
    let variables = {
        let context = Context {
            credentials: None,
            report: &report,
            environment: &environment,
        };
        let section = Cursor::root(&root, context).field("environment_variables");
        section.as_ref().map(environment::variables)
    };
    environment.lay_over(variables.unwrap_or_default());

    let config = read_sections(&root, &report, &environment);
    let warnings = report.finish()?;
    Ok(Loaded {
        config,
        warnings,
        variables: environment.into_overlay(),
    })
}

fn read_sections(root: &Node, report: &Report, environment: &Environment<'_>) -> Config {
    let mut context = Context {
        report,
        environment,
        credentials: None,
    };
    let credentials = Cursor::root(root, context).field("credential_list");
    let credentials = credentials.map(|section| Credentials::read(&section));
    let credentials = credentials.unwrap_or_default();
    context.credentials = Some(&credentials);
    let cursor = Cursor::root(root, context);
    for field in cursor.fields() {
        if !known::TOP_LEVEL.acted_on.contains(&field.key()) {
            known::TOP_LEVEL.report(&field);
        }
    }
    let section = |name: &str| cursor.field(name);
    let router = section("router_settings").map(|section| sections::router(&section));
    let router = router.unwrap_or_default();
    let models = if matches!(root.value, Value::Map(_) | Value::Null) {
        let defaults = &router.settings.default_litellm_params;
        sections::models(section("model_list").as_ref(), &cursor, defaults)
    } else {
        Vec::new()
    };
    credentials.report_unused(&cursor);
    let litellm = section("litellm_settings").map(|section| sections::litellm(&section));
    let mut litellm = litellm.unwrap_or_default();
    let price_map = litellm.price_map.take();
    let azure_managed_identity = litellm.azure_managed_identity;
    let price_map = price_map.or_else(|| sections::price_map_of_environment(&cursor, environment));
    let router = router.inherit(litellm);
    let providers = section("providers").map(|section| sections::providers(&section));
    let general = sections::general(section("general_settings").as_ref(), environment);
    if !report.has_errors() {
        checks::run(&models, &router, report);
    }
    Config {
        models: models.into_iter().map(|model| model.value).collect(),
        router: router.settings,
        general,
        providers: providers.unwrap_or_default(),
        azure_managed_identity,
        price_map,
    }
}

/// Reads a file of a configuration. The error is a text for the operator.
pub(crate) fn read_file(path: &Path) -> Result<String, String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!(
            "it is larger than {} MiB",
            MAX_BYTES / (1024 * 1024)
        ));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}
