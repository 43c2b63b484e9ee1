use std::sync::Arc;

use http::Request;
use steeplechase_core::{Call, Class, Deployment, Error, Operation};
use steeplechase_dialects::tokens::{self, Count, Tokenizer};
use steeplechase_layers::route::Eligible;

/// Keeps prompts away from deployments into which they do not fit, so that nobody is called in vain.
///
/// A deployment whose [`max_input_tokens`](steeplechase_core::ModelInfo::max_input_tokens) are fewer than the
/// tokens of a chat's prompt is not eligible. If that is so of all deployments of a group, the call fails with
/// [`Class::ContextWindow`], as if a provider had refused it.
///
/// ```text
///  the scan's estimate is below half of the limit ──► fits               nearly all calls: nanoseconds
///  else the call is parsed, once:
///      the estimate of its texts is within 20 % of the limit,
///      and the model is OpenAI's ───────────────────► its own encoding   with the feature `tokens`
///      else ────────────────────────────────────────► the estimate
/// ```
///
/// An estimate is wrong by 10 % on average and by 40 % at the worst, see [`tokens`]. So a prompt near the limit
/// of a model that is not OpenAI's may be kept away although it fits, or be sent although it does not.
#[derive(Clone, Copy, Debug)]
pub struct FitsContext {
    count: Counter,
}

/// Counts the tokens of a call by the model's own encoding.
pub type Counter = fn(Tokenizer, &Call) -> Result<Count, Error>;

/// What is certainly within a limit: the scan's estimate times this.
const MARGIN: u64 = 2;

// ===== impl FitsContext =====

impl FitsContext {
    /// Counts where it is asked. That may take milliseconds for a long prompt of a model of OpenAI's.
    pub fn new() -> Self {
        Self {
            count: tokens::count_call,
        }
    }

    /// Counts by `count`, for who knows of a place where nobody waits for it.
    #[must_use]
    pub fn counter(mut self, count: Counter) -> Self {
        self.count = count;
        self
    }

    /// How many tokens a prompt has for a deployment, so far as it has to be known for this limit. `None` if it
    /// cannot be known, or fits for certain.
    fn tokens(self, call: &Call, deployment: &Deployment, most: u64) -> Option<u64> {
        let rough = call.head().prompt.tokens();
        if rough > 0 && rough.saturating_mul(MARGIN) <= most {
            return None;
        }
        let model = deployment.upstream_model();
        let model = if model.contains('*') {
            call.model()
        } else {
            model
        };
        let tokenizer = Tokenizer::of(model);
        // What is wrong with the call, whoever gets it says better.
        let estimate = tokens::estimate_call(tokenizer, call).ok()?.tokens;
        let is_near = estimate.abs_diff(most) <= most / 5;
        if is_near && tokenizer.is_exact() {
            return (self.count)(tokenizer, call).ok().map(|count| count.tokens);
        }
        Some(estimate)
    }
}

impl Eligible<Call> for FitsContext {
    fn is_eligible(&self, request: &Request<Call>, deployment: &Deployment) -> bool {
        let call = request.body();
        let (Some(most), Operation::Chat) =
            (deployment.model_info().max_input_tokens, call.operation())
        else {
            return true;
        };
        let tokens = self.tokens(call, deployment, most);
        tokens.is_none_or(|tokens| tokens <= most)
    }

    fn refusal(&self, request: &Request<Call>, deployments: &[Arc<Deployment>]) -> Error {
        let limit = |it: &Arc<Deployment>| it.model_info().max_input_tokens;
        let largest = deployments.iter().max_by_key(|it| limit(it));
        let said = largest.and_then(|largest| {
            let most = limit(largest)?;
            Some((self.tokens(request.body(), largest, most)?, most))
        });
        let message = match said {
            Some((tokens, most)) => format!(
                "the prompt has about {tokens} tokens, and the maximum context length of the model is {most}"
            ),
            None => "the prompt is too long for the model".to_owned(),
        };
        Error::new(Class::ContextWindow, message).with_param("messages")
    }
}

impl Default for FitsContext {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "tokens")]
    use std::sync::atomic::{AtomicU32, Ordering};

    use bytes::Bytes;
    use steeplechase_core::{Dialect, ModelInfo};
    use steeplechase_dialects::intake::scan;

    use super::*;

    const WORDS: &str = "And then the horse went over the hedge, and the next one too. ";

    fn request(times: usize) -> Request<Call> {
        let text = WORDS.repeat(times);
        let raw =
            format!(r#"{{"model":"fast","messages":[{{"role":"user","content":"{text}"}}]}}"#);
        let raw = Bytes::from(raw);
        let head = scan(&raw).unwrap();
        Request::new(Call::new(Operation::Chat, Dialect::OpenAi, raw, head))
    }

    fn deployment(model: &str, most: Option<u64>) -> Arc<Deployment> {
        Deployment::builder("eu-1", "fast", Dialect::OpenAi)
            .upstream_model(model)
            .model_info(ModelInfo {
                max_input_tokens: most,
                ..ModelInfo::default()
            })
            .build()
    }

    #[test]
    fn a_prompt_fits_into_what_is_larger_and_into_what_nobody_has_measured() {
        // About 1 500 tokens.
        let request = request(100);
        for model in ["gpt-4o", "claude-sonnet-4-5", "llama-3.1-8b"] {
            for (most, fits) in [
                (Some(100), false),
                (Some(1_000), false),
                (Some(2_400), true),
                (Some(1_000_000), true),
                (None, true),
            ] {
                let deployment = deployment(model, most);
                let is_eligible = FitsContext::new().is_eligible(&request, &deployment);
                assert_eq!(is_eligible, fits, "{model} {most:?}");
            }
        }
    }

    #[cfg(feature = "tokens")]
    #[test]
    fn only_a_prompt_near_the_limit_of_a_model_of_openais_is_counted() {
        static COUNTED: AtomicU32 = AtomicU32::new(0);

        let fits = FitsContext::new().counter(|_, _| {
            COUNTED.fetch_add(1, Ordering::Relaxed);
            Ok(Count::exact(1_450))
        });
        let request = request(100);
        for (model, most, fits_in, counted) in [
            ("gpt-4o", 1_449, false, true),
            ("gpt-4o", 1_450, true, true),
            ("gpt-4o", 4_000, true, false),
            ("gpt-4o", 500, false, false),
            ("claude-sonnet-4-5", 1_100, false, false),
        ] {
            let before = COUNTED.load(Ordering::Relaxed);
            let is_eligible = fits.is_eligible(&request, &deployment(model, Some(most)));
            assert_eq!(is_eligible, fits_in, "{model} {most}");
            let after = COUNTED.load(Ordering::Relaxed);
            assert_eq!(after > before, counted, "{model} {most}");
        }
    }

    #[test]
    fn a_prompt_that_fits_nowhere_is_refused_as_a_provider_would() {
        let group = [
            deployment("gpt-4o", Some(100)),
            deployment("gpt-4", Some(1_000)),
        ];
        let error = FitsContext::new().refusal(&request(100), &group);
        assert_eq!(error.class(), Class::ContextWindow);
        assert_eq!(error.param(), Some("messages"));
        assert!(
            error
                .message()
                .contains("maximum context length of the model is 1000")
        );
        assert!(!error.message().contains("hedge"));
    }

    #[test]
    fn what_is_wrong_with_a_call_is_not_for_it_to_say() {
        let raw = Bytes::from(format!(
            r#"{{"model":"fast","messages":"{}"}}"#,
            WORDS.repeat(100)
        ));
        let head = scan(&raw).unwrap();
        let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
        let deployment = deployment("gpt-4o", Some(10));
        assert!(FitsContext::new().is_eligible(&Request::new(call), &deployment));
    }
}
