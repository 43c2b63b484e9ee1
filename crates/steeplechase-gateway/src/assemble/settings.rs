use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use steeplechase::Attempts;
use steeplechase::attempts::BudgetConfig;
use steeplechase::controls::Leg;
use steeplechase::layers::admission::AdmissionConfig;
use steeplechase::layers::cooldown::CooldownConfig;
use steeplechase::layers::fallback::Fallbacks;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::keepalive::KeepaliveConfig;
use steeplechase::layers::retry::RetryConfig;
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::preset::{Eligibility, FitsContext, Preset, Tags};

use super::answers;
use crate::app::counting;
use crate::config::{
    Alias, Compat, Config, Diagnostic, FallbackTarget, HedgeDelay, RouterSettings,
};

/// How often LiteLLM retries if nobody says otherwise.
const DEFAULT_RETRIES: u32 = 2;

/// The most seconds that a call may take, all attempts together, if nobody says otherwise.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(600);

/// How long a call waits in line if nobody says otherwise.
const DEFAULT_QUEUE: Duration = Duration::from_secs(1);

/// When a failed attempt of a model is tried again, if that is otherwise than for all.
pub(super) fn retry_of_group(config: &Config, model: &str) -> Option<RetryConfig> {
    let policies = &config.router.model_group_retry_policy;
    let (_, policy) = policies.iter().find(|(name, _)| name == model)?;
    Some(retry(&config.router).policy(*policy))
}

fn retry(router: &RouterSettings) -> RetryConfig {
    let mut retry = RetryConfig::new()
        .max_retries(retries(router))
        .policy(router.retry_policy);
    if let Some(wait) = router.retry_after {
        retry = retry.min_wait(wait);
    }
    retry
}

fn retries(router: &RouterSettings) -> u8 {
    u8::try_from(router.num_retries.unwrap_or(DEFAULT_RETRIES)).unwrap_or(u8::MAX)
}

/// The most retries that anybody asks for.
fn most_retries(config: &Config) -> u8 {
    let router = &config.router;
    let policies = router.model_group_retry_policy.iter();
    let policies = policies.map(|(_, policy)| policy.most());
    let own = config
        .models
        .iter()
        .filter_map(|model| model.params.num_retries);
    let own = own.map(|retries| u8::try_from(retries).unwrap_or(u8::MAX));
    let all = [retries(router), router.retry_policy.most()];
    all.into_iter()
        .chain(policies)
        .chain(own)
        .max()
        .unwrap_or(0)
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
    let retries = most_retries(config);
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
    let mut preset = Preset::new()
        .max_attempts(attempts)
        .deadline(deadline)
        .retry(retry(router))
        .cooldown(cooldown(router))
        .fallbacks(fallbacks(router))
        .eligibility(eligibility(router))
        .continuation(router.continuation)
        .race(router.race.map_or(1, |race| race.width));
    if router.compat == Compat::Litellm {
        preset = preset.budget(BudgetConfig::new().ratio(1.0).min_in_flight(u16::MAX));
    }
    preset = preset.default_priority(router.default_priority.unwrap_or(0));
    if let Some(max_wait) = router.queue {
        preset = preset.queue(max_wait);
    }
    if let Some(after) = router.keepalive.filter(|after| !after.is_zero()) {
        preset = preset.keepalive(KeepaliveConfig::new().after(after).every(after));
    }
    if let Some(after) = router.messages_keepalive {
        preset = preset.messages_keepalive(after);
    }
    if let Some(admission) = admission(config) {
        preset = preset.admission(admission);
    }
    if let Some(timeouts) = timeouts(router) {
        preset = preset.timeouts(timeouts);
    }
    preset = preset.patience(router.has_patience());
    if let Some(hedge) = router.hedge {
        let delay = match hedge.delay {
            HedgeDelay::Auto => Delay::Auto,
            HedgeDelay::Fixed(delay) => Delay::Fixed(delay),
        };
        let mut settings = HedgeConfig::new(delay).max_extra(hedge.max_extra);
        if let Some(ratio) = hedge.max_cost_ratio {
            settings = settings.max_cost_ratio(ratio);
        }
        preset = preset.hedge(settings);
        if let Some(cost) = hedge.max_cost {
            preset = preset.hedge_max_cost(cost);
        }
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
    let own = own.flat_map(|params| {
        let of_tiers = answers::longest(params);
        [params.timeout, params.stream_timeout, of_tiers]
    });
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

/// Which deployments can take a call at all.
fn eligibility(router: &RouterSettings) -> Eligibility {
    let mut tags = Tags::new().match_any(router.tag_filtering_match_any.unwrap_or(true));
    if let Some(prefix) = &router.tag_routing_prefix {
        tags = tags.prefix(prefix.as_str());
    }
    let context = FitsContext::new().counter(counting::aside);
    Eligibility::new()
        .tags(router.enable_tag_filtering.then_some(tags))
        .context(router.enable_pre_call_checks.then_some(context))
}

/// How many calls may be in progress, if there is a number of them. LiteLLM's line is one second long.
fn admission(config: &Config) -> Option<AdmissionConfig> {
    let admission = &config.general.admission;
    let mut settings = AdmissionConfig::new(admission.max_in_flight?);
    if let Some(max_queued) = admission.max_queued {
        settings = settings.max_queued(max_queued);
    }
    if let Some(priority) = config.router.default_priority {
        settings = settings.default_priority(priority);
    }
    Some(settings.max_wait(admission.max_wait.unwrap_or(DEFAULT_QUEUE)))
}

fn cooldown(router: &RouterSettings) -> CooldownConfig {
    if router.disable_cooldowns {
        return CooldownConfig::new().disabled();
    }
    let mut config = match router.compat {
        Compat::Native => CooldownConfig::new(),
        Compat::Litellm => CooldownConfig::litellm(),
    };
    config = config.allowed_fails_policy(router.allowed_fails_policy);
    if let Some(fails) = router.allowed_fails {
        config = config.allowed_fails(fails);
    }
    if let Some(time) = router.cooldown_time {
        config = config.cooldown_time(time);
    }
    config
}

/// Whom to ask after which failure.
pub(crate) fn fallbacks(router: &RouterSettings) -> Fallbacks {
    let mut fallbacks = Fallbacks::default().default_targets(legs(&router.default_fallbacks));
    // From the last to the first, as the first rule for a model is the one that counts.
    for (model, targets) in router.fallbacks.iter().rev() {
        // `*` stands for every model, as the default list does.
        fallbacks = if model == "*" {
            fallbacks.default_targets(legs(targets))
        } else {
            fallbacks.general(model.as_str(), legs(targets))
        };
    }
    for (model, targets) in router.context_window_fallbacks.iter().rev() {
        fallbacks = fallbacks.context_window(model.as_str(), legs(targets));
    }
    for (model, targets) in router.content_policy_fallbacks.iter().rev() {
        fallbacks = fallbacks.content_policy(model.as_str(), legs(targets));
    }
    match router.max_fallbacks {
        Some(most) => fallbacks.max_legs(most),
        None => fallbacks,
    }
}

fn legs(targets: &[FallbackTarget]) -> Vec<Leg> {
    let leg = |target: &FallbackTarget| {
        let mut leg = Leg::to(target.model.as_str());
        if !target.fields.is_empty() {
            let fields = Value::Object(target.fields.clone());
            leg.patch = Some(Bytes::from(fields.to_string()));
        }
        leg
    };
    targets.iter().map(leg).collect()
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
