//! The stack, as it is built.

use std::fmt::Write as _;

use serde_json::{Value, json};
use steeplechase::Deployment;
use steeplechase::deployment::Measure;

use crate::config::{BudgetSettings, HedgeDelay, RouterSettings};
use crate::plan::{Plan, PlannedGroup, Reason, percent, price, seconds};

/// A picture for people.
pub(super) fn draw(plan: &Plan) -> String {
    let mut text = String::new();
    let key = match plan.config.general.master_key {
        Some(_) => "have to show the master key",
        None => "need no key: whoever reaches the gateway can make calls",
    };
    _ = writeln!(text, "callers      {key}");
    let reserve = plan.reserve;
    let attempts = match reserve.attempts {
        1 => "1 attempt".to_owned(),
        many => format!("at most {many} attempts"),
    };
    let deadline = seconds(reserve.deadline);
    _ = writeln!(
        text,
        "a call       {attempts}, and {deadline} to get an answer"
    );
    for (layer, setting) in layers(plan) {
        _ = writeln!(text, "  {layer:9}  {setting}");
    }
    text.push('\n');
    for group in &plan.groups {
        draw_group(&mut text, plan, group);
    }
    for several in plan.of_several() {
        let (name, models) = (&several.name, several.models.join(", "));
        let strategy = several.strategy.as_str();
        _ = writeln!(text, "{name}  all of {models}, by {strategy}\n");
    }
    text
}

/// The layers above the deployments, and their settings in words.
fn layers(plan: &Plan) -> Vec<(&'static str, String)> {
    let router = &plan.config.router;
    let race = router
        .race
        .map_or("off".to_owned(), |race| format!("{} at once", race.width));
    let hedge = router.hedge.map_or("off".to_owned(), |hedge| {
        let when = match hedge.delay {
            HedgeDelay::Auto => "after as long as nearly all calls take".to_owned(),
            HedgeDelay::Fixed(delay) => format!("after {}", seconds(delay)),
        };
        format!(
            "{when}, for at most {} of the calls",
            percent(hedge.max_extra)
        )
    });
    let retry = match plan.reserve.retries {
        0 => "off".to_owned(),
        retries => format!("{retries} at most: elsewhere at once, at the same place after a wait"),
    };
    let route = if router.enable_pre_call_checks {
        format!(
            "{}, among those that the prompt fits into",
            plan.config.router.routing_strategy.as_str()
        )
    } else {
        plan.config.router.routing_strategy.as_str().to_owned()
    };
    let budgets = budgets(router);
    let budgets = (!budgets.is_empty()).then(|| ("budgets", budgets.join(", ")));
    let layers = vec![
        ("race", race),
        ("hedge", hedge),
        ("retry", retry),
        ("route", route),
        ("cooldown", cooldown(router)),
    ];
    layers.into_iter().chain(budgets).collect()
}

/// What may be spent with providers, and for calls with tags.
fn budgets(router: &RouterSettings) -> Vec<String> {
    let of_providers = router.provider_budgets.iter().map(|of| ("", of));
    let of_tags = router.tag_budgets.iter().map(|of| ("the tag ", of));
    let all = of_providers.chain(of_tags);
    all.map(|(what, (name, budget))| format!("{what}{name} {}", spend(budget)))
        .collect()
}

fn spend(budget: &BudgetSettings) -> String {
    format!("${} in {}", budget.limit, seconds(budget.window))
}

fn cooldown(router: &RouterSettings) -> String {
    if router.disable_cooldowns || router.cooldown_time.is_some_and(|time| time.is_zero()) {
        return "off".to_owned();
    }
    let when = match router.allowed_fails {
        Some(fails) => format!("after more than {fails} failures"),
        None => "after failures in a row, or too many of them".to_owned(),
    };
    match router.cooldown_time {
        Some(time) => format!("{when}, for {} at first", seconds(time)),
        None => when,
    }
}

fn draw_group(text: &mut String, plan: &Plan, group: &PlannedGroup) {
    text.push_str(&group.model);
    let aliases = group.aliases.iter().map(|(alias, is_hidden)| {
        let hidden = if *is_hidden { " (hidden)" } else { "" };
        format!("{alias}{hidden}")
    });
    let aliases: Vec<_> = aliases.collect();
    if !aliases.is_empty() {
        _ = write!(text, "  also {}", aliases.join(", "));
    }
    let strategy = plan.strategy_for(&group.model);
    if strategy != plan.config.router.routing_strategy {
        _ = write!(text, "  by {}", strategy.as_str());
    }
    text.push('\n');
    let rows: Vec<_> = sorted(group)
        .map(|deployment| row(plan, group, deployment))
        .collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    for (index, [share, id, place, rest]) in rows.iter().enumerate() {
        let branch = if index + 1 == rows.len() {
            "└─"
        } else {
            "├─"
        };
        let [shares, ids, places] = widths;
        let line = format!("{branch} {share:shares$}  {id:ids$}  {place:places$}  {rest}");
        _ = writeln!(text, "{}", line.trim_end());
    }
    for reason in Reason::ALL {
        let chain = plan.chain(&group.model, reason);
        if !chain.is_empty() {
            _ = writeln!(
                text,
                "   after {}: {}",
                reason.as_str(),
                chain.join(", then ")
            );
        }
    }
    text.push('\n');
}

/// The limits that are nothing but limits.
const MEASURES: [(Measure, &str); 4] = [
    (Measure::InputPerMinute, "tokens of prompts a minute"),
    (Measure::OutputPerMinute, "tokens of answers a minute"),
    (Measure::RequestsPerDay, "requests a day"),
    (Measure::TokensPerDay, "tokens a day"),
];

/// Those that go first are first.
fn sorted(group: &PlannedGroup) -> impl Iterator<Item = &Deployment> {
    let mut deployments: Vec<&Deployment> = group.deployments.iter().map(|it| &**it).collect();
    deployments.sort_by_key(|deployment| deployment.order());
    deployments.into_iter()
}

/// Its share, its name, its place, and all else that is said of it.
fn row(plan: &Plan, group: &PlannedGroup, deployment: &Deployment) -> [String; 4] {
    let mut share = if plan.has_shares(group) {
        percent(group.share(deployment))
    } else {
        String::new()
    };
    if group.deployments.iter().any(|it| it.order() != 0) {
        share = format!("order {} {share}", deployment.order());
    }
    let place = format!(
        "{} {} @ {}",
        deployment.provider(),
        deployment.upstream_model(),
        deployment.base_url().host().unwrap_or("?")
    );
    let mut rest = vec![price(deployment)];
    let limit = |stream| plan.first_content(deployment, stream).map(seconds);
    if let Some(whole) = limit(false) {
        rest.push(match limit(true) {
            Some(stream) => {
                format!("{whole} to an answer, {stream} to the first content of a stream")
            }
            None => format!("{whole} to an answer, a stream until it is unusually slow"),
        });
    }
    if let Some(most) = deployment.limits().max_in_flight() {
        rest.push(format!("at most {most} at once"));
    }
    if let Some(entry) = plan.entry(deployment) {
        let minute = |what: &str, most: u64| format!("{most} {what} a minute");
        rest.extend(entry.params.rpm.map(|most| minute("requests", most)));
        rest.extend(entry.params.tpm.map(|most| minute("tokens", most)));
        let budget = entry.params.limits.budget();
        rest.extend(budget.map(|budget| format!("at most {}", spend(&budget))));
        let limits = deployment.limits();
        for (of, what) in MEASURES {
            let most = limits.limit(of).map(|most| format!("{most} {what}"));
            rest.extend(most);
        }
        let has_days = limits.days().map(|days| days.begin().as_secs() / 60);
        if let Some(begin) = has_days.filter(|begin| *begin > 0) {
            rest.push(format!("days from {:02}:{:02} UTC", begin / 60, begin % 60));
        }
    }
    if let Some(most) = deployment.model_info().max_input_tokens {
        rest.push(format!("prompts of at most {most} tokens"));
    }
    [share, deployment.id().to_owned(), place, rest.join(" · ")]
}

/// The same for programs.
pub(super) fn facts(plan: &Plan) -> Value {
    plan.groups
        .iter()
        .map(|group| {
            let aliases: Vec<_> = group.aliases.iter().map(|(alias, _)| alias).collect();
            let deployments: Vec<_> = sorted(group)
                .map(|deployment| deployment_facts(plan, group, deployment))
                .collect();
            json!({
                "model": &*group.model,
                "aliases": aliases,
                "strategy": plan.strategy_for(&group.model).as_str(),
                "deployments": deployments,
                "fallbacks": {
                    "failure": plan.chain(&group.model, Reason::Failure),
                    "context_window": plan.chain(&group.model, Reason::ContextWindow),
                    "content_policy": plan.chain(&group.model, Reason::ContentPolicy),
                },
            })
        })
        .collect()
}

fn deployment_facts(plan: &Plan, group: &PlannedGroup, deployment: &Deployment) -> Value {
    let limit = |stream| plan.first_content(deployment, stream);
    json!({
        "id": deployment.id(),
        "provider": deployment.provider(),
        "upstream_model": deployment.upstream_model(),
        "host": deployment.base_url().host(),
        "order": deployment.order(),
        "weight": deployment.weight(),
        "share": plan.has_shares(group).then(|| group.share(deployment)),
        "price": price(deployment),
        "max_in_flight": deployment.limits().max_in_flight(),
        "timeout_seconds": limit(false).map(|limit| limit.as_secs_f64()),
        "stream_timeout_seconds": limit(true).map(|limit| limit.as_secs_f64()),
        "max_input_tokens": deployment.model_info().max_input_tokens,
    })
}
