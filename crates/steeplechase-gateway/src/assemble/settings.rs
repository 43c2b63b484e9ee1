use std::sync::Arc;
use std::time::Duration;

use steeplechase::layers::cooldown::CooldownConfig;
use steeplechase::layers::fallback::Fallbacks;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::retry::RetryConfig;
use steeplechase::layers::route::LowestLatency;
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::preset::{FitsContext, Group, Preset};
use steeplechase::{Attempts, Deployment};

use crate::app::counting;
use crate::config::{Alias, Config, Diagnostic, HedgeDelay, RouterSettings, RoutingStrategy};

/// How often LiteLLM retries if nobody says otherwise.
const DEFAULT_RETRIES: u32 = 2;

/// The most seconds that a call may take, all attempts together, if nobody says otherwise.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(600);

/// The deployments of a model, and how one of them is picked.
pub(super) fn group(config: &Config, model: Arc<str>, deployments: Vec<Arc<Deployment>>) -> Group {
    let group = Group::new(model, deployments);
    match config.router.routing_strategy {
        RoutingStrategy::LatencyBased => {
            let buffer = config.router.routing_strategy_args.lowest_latency_buffer;
            group.routing(LowestLatency::new().buffer(buffer.unwrap_or(0.0)))
        }
        RoutingStrategy::LeastBusy => group.least_busy(),
        RoutingStrategy::SimpleShuffle => group,
    }
}

/// What a call may spend.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Reserve {
    /// How often a failed attempt is tried again.
    pub(crate) retries: u8,
    /// How many attempts it has, the first included, all kinds together.
    pub(crate) attempts: u8,
    /// How long it may take to get an answer.
    pub(crate) deadline: Duration,
}

/// What a call may spend.
pub(crate) fn reserve(config: &Config) -> Reserve {
    let router = &config.router;
    let retries = u8::try_from(router.num_retries.unwrap_or(DEFAULT_RETRIES)).unwrap_or(u8::MAX);
    let attempts = attempts(router, retries);
    Reserve {
        retries,
        attempts,
        deadline: deadline(config, attempts),
    }
}

/// The settings of the stack.
pub(super) fn preset(config: &Config, warnings: &mut Vec<Diagnostic>) -> Preset {
    let router = &config.router;
    let Reserve {
        retries,
        attempts,
        deadline,
    } = reserve(config);
    if retries >= Attempts::HARD_CAP {
        warnings.push(capped(retries));
    }
    let mut retry = RetryConfig::new().max_retries(retries);
    if let Some(wait) = router.retry_after {
        retry = retry.min_wait(wait);
    }
    let mut preset = Preset::new()
        .max_attempts(attempts)
        .deadline(deadline)
        .retry(retry)
        .cooldown(cooldown(router))
        .fallbacks(fallbacks(router))
        .race(router.race.map_or(1, |race| race.width));
    if let Some(timeouts) = timeouts(router) {
        preset = preset.timeouts(timeouts);
    }
    if router.enable_pre_call_checks {
        preset = preset.eligible(FitsContext::new().counter(counting::aside));
    }
    if let Some(hedge) = router.hedge {
        let delay = match hedge.delay {
            HedgeDelay::Auto => Delay::Auto,
            HedgeDelay::Fixed(delay) => Delay::Fixed(delay),
        };
        preset = preset.hedge(HedgeConfig::new(delay).max_extra(hedge.max_extra));
    }
    preset
}

/// The attempts that a call may need: the first, and those that each setting asks for.
fn attempts(router: &RouterSettings, retries: u8) -> u8 {
    let others = router.race.map_or(0, |race| race.width.saturating_sub(1));
    let hedge = u8::from(router.hedge.is_some());
    let all = [1, retries, longest_fallback(router), others, hedge];
    let all = all.into_iter().fold(0, u8::saturating_add);
    all.min(Attempts::HARD_CAP)
}

/// LiteLLM's `timeout` is for each attempt, so a call may wait as long as all of its attempts do, each
/// as long as the most patient deployment lets it.
fn deadline(config: &Config, attempts: u8) -> Duration {
    let own = config.models.iter().map(|model| &model.params);
    let own = own.flat_map(|params| [params.timeout, params.stream_timeout]);
    let of_router = [config.router.timeout, config.router.stream_timeout];
    let longest = own.chain(of_router).flatten().max();
    longest.map_or(DEFAULT_DEADLINE, |timeout| {
        timeout
            .saturating_mul(attempts.into())
            .max(DEFAULT_DEADLINE)
    })
}

fn timeouts(router: &RouterSettings) -> Option<ByStream> {
    let stream = router.stream_timeout.or(router.timeout)?;
    let ByStream { whole, .. } = Preset::default_timeouts();
    Some(ByStream {
        whole: match router.timeout {
            Some(timeout) => whole.first_token(timeout),
            None => whole,
        },
        stream: Timeouts::new().first_token(stream).content_idle(stream),
    })
}

fn cooldown(router: &RouterSettings) -> CooldownConfig {
    if router.disable_cooldowns || router.cooldown_time == Some(Duration::ZERO) {
        return CooldownConfig::new().disabled();
    }
    let mut config = CooldownConfig::new();
    if let Some(fails) = router.allowed_fails {
        config = config.allowed_fails(fails);
    }
    if let Some(time) = router.cooldown_time {
        config = config.cooldown_time(time);
    }
    config
}

fn fallbacks(router: &RouterSettings) -> Fallbacks {
    let names = |targets: &[String]| -> Vec<Arc<str>> {
        targets
            .iter()
            .map(|target| target.as_str().into())
            .collect()
    };
    let mut fallbacks = Fallbacks::default().default_targets(names(&router.default_fallbacks));
    // From the last to the first, as the first rule for a model is the one that counts.
    for (model, targets) in router.fallbacks.iter().rev() {
        // `*` stands for every model, as the default list does.
        fallbacks = if model == "*" {
            fallbacks.default_targets(names(targets))
        } else {
            fallbacks.general(model.as_str(), names(targets))
        };
    }
    for (model, targets) in router.context_window_fallbacks.iter().rev() {
        fallbacks = fallbacks.context_window(model.as_str(), names(targets));
    }
    for (model, targets) in router.content_policy_fallbacks.iter().rev() {
        fallbacks = fallbacks.content_policy(model.as_str(), names(targets));
    }
    fallbacks
}

fn longest_fallback(router: &RouterSettings) -> u8 {
    let lists = [
        &router.fallbacks,
        &router.context_window_fallbacks,
        &router.content_policy_fallbacks,
    ];
    let lists = lists
        .into_iter()
        .flatten()
        .map(|(_, targets)| targets.len());
    let longest = lists.chain([router.default_fallbacks.len()]).max();
    u8::try_from(longest.unwrap_or(0)).unwrap_or(u8::MAX)
}

fn capped(retries: u8) -> Diagnostic {
    Diagnostic {
        source: String::new(),
        line: 0,
        key_path: "router_settings.num_retries".to_owned(),
        message: format!(
            "{retries} retries are more than a call can have: it has {} attempts at the most, the first \
             and all retries, hedges and fallbacks together",
            Attempts::HARD_CAP
        ),
        fix: None,
    }
}

/// Warns that an alias is left out.
pub(super) fn alias_of_nothing(alias: &Alias) -> Diagnostic {
    Diagnostic {
        source: String::new(),
        line: 0,
        key_path: format!("router_settings.model_group_alias.{}", alias.alias),
        message: format!(
            "no deployment that can be used serves `{}`, so the alias is left out",
            alias.model
        ),
        fix: None,
    }
}
