use std::future::pending;
use std::path::Path;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use steeplechase::preset::Stack;
use steeplechase::{BoxError, Error};

use super::Plan;
use crate::assemble::from_config;
use crate::config::{Config, Diagnostic};

/// A configuration that can be served.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) plan: Plan,
    /// The stack, over providers that never answer.
    pub(crate) stack: Stack,
    /// What an operator is told at the start.
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Reads a configuration as for a start, all but the credentials that would have to be fetched.
///
/// # Errors
///
/// What keeps it from being served.
pub(crate) fn load(
    path: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let loaded = Config::read(path, env).map_err(|errors| errors.as_slice().to_vec())?;
    let variable = |name: &str| loaded.variable(name, env);
    let assembled = from_config(&loaded.config, &variable)?;
    let mut warnings = loaded.warnings;
    warnings.extend(assembled.warnings);
    let refused = |message: String| {
        vec![Diagnostic {
            source: path.display().to_string(),
            line: 0,
            key_path: String::new(),
            message,
            fix: None,
        }]
    };
    let plan = Plan::new(loaded.config, &assembled.deployments);
    let stack = assembled.preset.build(tower::service_fn(nobody));
    let stack = stack.map_err(|error| refused(error.to_string()))?;
    Ok(Loaded {
        plan,
        stack,
        warnings,
    })
}

async fn nobody(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, BoxError> {
    pending::<Result<_, Error>>().await.map_err(BoxError::from)
}
