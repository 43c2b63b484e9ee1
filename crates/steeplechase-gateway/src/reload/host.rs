use std::sync::Arc;

use http::HeaderName;
use metrics_exporter_prometheus::PrometheusHandle;
use steeplechase::{Deployment, HttpClient};
use tokio::task::JoinSet;

use super::changes::Changes;
use super::files::Files;
use super::source::{Next, Source};
use crate::app::{Parts, Passthrough};
use crate::assemble::{Previous, Upkeep};
use crate::config::{Config, Diagnostic};
use crate::decisions::Decisions;

/// What stays as it is when a configuration is replaced.
#[derive(Debug)]
pub(crate) struct Host {
    client: HttpClient,
    passthrough: Passthrough,
    metrics: PrometheusHandle,
}

/// A configuration that is served.
#[derive(Debug)]
pub(crate) struct Serving {
    /// What the service is made of.
    pub(crate) parts: Parts,
    /// The providers that are called, without repetition.
    pub(crate) providers: Vec<Arc<str>>,
    /// A model to try.
    pub(crate) example: Option<Arc<str>>,
    /// What was in the files when they were read last.
    pub(super) files: Files,
    config: Config,
    deployments: Vec<Arc<Deployment>>,
    /// Dropping it lets the credentials expire.
    _fresh: JoinSet<()>,
}

impl Host {
    /// What holds no configuration yet. The recorder of metrics is installed.
    pub(crate) fn new(metrics: PrometheusHandle) -> Self {
        Self {
            client: HttpClient::new(),
            passthrough: Passthrough::new([]),
            metrics,
        }
    }

    /// Reads a configuration, and makes a stack of it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, a line each.
    pub(crate) async fn start(&self, source: &Source) -> Result<Serving, String> {
        let (next, files) = source.read(Previous::default());
        self.serve(next?, files, None).await
    }

    /// Makes a stack of a configuration, which goes on where what was served `before` has left off.
    pub(super) async fn serve(
        &self,
        next: Next,
        files: Files,
        before: Option<&Parts>,
    ) -> Result<Serving, String> {
        let Next {
            assembled,
            master_key,
            config,
        } = next;
        warn(&assembled.warnings);
        let mut preset = assembled.preset;
        if let Some(before) = before {
            preset = preset.continue_from(&before.stack);
        }
        let stack = preset
            .build(self.client.clone())
            .map_err(|error| error.to_string())?;
        let kept = assembled.decisions.unwrap_or(Decisions::DEFAULT);
        let decisions = match before.and_then(|before| before.decisions.clone()) {
            Some(decisions) => decisions.resized(kept),
            None => Decisions::new(kept),
        };
        let passthrough = self.passthrough.to(assembled.deployments.iter().cloned());
        Ok(Serving {
            parts: Parts {
                stack,
                master_key,
                key_header: config.general.key_header.clone(),
                metrics: Some(self.metrics.clone()),
                intake: assembled.intake,
                passthrough: Some(passthrough),
                decisions,
                moderation_model: assembled.moderation_model,
            },
            providers: assembled.providers,
            example: assembled.example,
            files,
            config,
            deployments: assembled.deployments,
            _fresh: Upkeep::start(assembled.upkeep).await,
        })
    }
}

impl Serving {
    /// Whether callers have to show a key.
    pub(crate) fn is_keyed(&self) -> bool {
        self.parts.master_key.is_some()
    }

    /// The header that callers show their key in, if they have to.
    pub(crate) fn key_shown_in(&self) -> Option<&str> {
        let header = self.parts.key_header.as_ref();
        self.is_keyed()
            .then(|| header.map_or("authorization", HeaderName::as_str))
    }

    /// What the configuration that replaces it may go on with.
    pub(super) fn previous(&self) -> Previous {
        Previous::of(&self.config, &self.deployments)
    }

    /// What is another in the configuration that replaces it.
    pub(super) fn changes(&self, next: &Self) -> Changes {
        Changes::between(&self.deployments, &next.deployments)
    }
}

fn warn(warnings: &[Diagnostic]) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}
