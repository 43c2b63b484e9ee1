//! An attempt as JSON: who was picked, among whom, and what became of it.

use std::time::Duration;

use serde_json::{Value, json};
use steeplechase::attempts::{Attempt, Ending, Exclusion, Measure, Pick, Score, Standing, Trace};
use steeplechase::{Deployment, Usage};

use super::record::seconds;

/// The attempts of a record, in the order in which they were started.
pub(super) fn all(trace: &Trace) -> Value {
    let mut ended = trace.ended();
    let is_over = trace.took().is_some();
    let picks = trace.picks();
    let attempts = picks.iter().map(|pick| {
        let picked = pick.deployment();
        // Those of one deployment end in the order in which they began, as one is tried again when the one
        // before it has ended.
        let mine = ended
            .iter()
            .position(|it| picked.is_some_and(|picked| *it.deployment == *picked.id()));
        let mine = mine.map(|at| ended.remove(at));
        let started = mine.as_ref().and_then(|it| it.started);
        attempt(
            pick,
            mine.as_ref(),
            started.map(|at| trace.after(at)),
            is_over,
        )
    });
    attempts.collect()
}

fn attempt(
    pick: &Pick,
    ended: Option<&Attempt>,
    started: Option<Duration>,
    is_over: bool,
) -> Value {
    let deployment = pick.deployment().map(|it| &**it);
    // What comes after its first content, if it has come to that.
    let rest = ended.and_then(|it| Some(it.elapsed.saturating_sub(it.first_content?)));
    let outcome = match (ended, deployment) {
        (Some(attempt), _) => outcome(attempt.ending),
        // Nobody was asked.
        (None, None) => "refused",
        // What is refused below the router is no attempt: by a limit that was reached in between.
        (None, Some(_)) if is_over => "not_sent",
        (None, Some(_)) => "running",
    };
    let class = match ended.map(|it| it.ending) {
        Some(Ending::Failed(class)) => Some(class.as_str()),
        _ => None,
    };
    json!({
        "kind": pick.kind.as_str(),
        "at_seconds": seconds(pick.after),
        "model_group": pick.deployments.first().map(|it| it.model()),
        "deployment": deployment.map(Deployment::id),
        "provider": deployment.map(Deployment::provider),
        "upstream_model": deployment.map(Deployment::upstream_model),
        "picked_by": pick.picked.map(|(_, why)| why.as_str()),
        "candidates": candidates(pick),
        "outcome": outcome,
        "class": class,
        "waited_seconds": started.map(|at| seconds(at.saturating_sub(pick.after))),
        "head_seconds": pick.head.zip(started).map(|(head, at)| seconds(head.saturating_sub(at))),
        "first_content_seconds": ended.and_then(|it| it.first_content).map(seconds),
        "content_seconds": rest.map(seconds),
        "took_seconds": ended.map(|it| seconds(it.elapsed)),
        "usage": ended.and_then(|it| it.usage.as_ref()).map(usage),
        "cost": ended.and_then(|it| it.cost).map(|cost| cost.to_string()),
    })
}

const fn outcome(ending: Ending) -> &'static str {
    match ending {
        Ending::Complete => "complete",
        Ending::Failed(_) => "failed",
        Ending::Dropped => "dropped",
    }
}

/// How all of the group have stood, or those that were drawn from a large one. `None` if none were.
fn candidates(pick: &Pick) -> Option<Value> {
    let all = pick.standings.iter().filter_map(|standing| {
        let deployment = pick.deployments.get(standing.place as usize)?;
        Some(candidate(deployment, *standing))
    });
    (!pick.standings.is_empty()).then(|| all.collect())
}

fn candidate(deployment: &Deployment, standing: Standing) -> Value {
    let (by, left) = match standing.excluded {
        Some(Exclusion::Unfit(rule)) => (Some(rule), None),
        Some(Exclusion::Cooling(left)) => (None, Some(seconds(left))),
        Some(Exclusion::Open(left)) => (None, left.map(seconds)),
        _ => (None, None),
    };
    json!({
        "deployment": deployment.id(),
        "order": deployment.order(),
        "weight": deployment.weight(),
        "in_flight": standing.in_flight,
        "score": standing.score.map(score),
        "excluded": standing.excluded.map(Exclusion::as_str),
        "excluded_by": by,
        "excluded_for_seconds": left,
    })
}

fn score(score: Score) -> Value {
    let then = score.then.map(|(by, value)| measured(by, value));
    let mut score = measured(score.by, score.value);
    score["then"] = then.into();
    score
}

fn measured(by: &Measure, value: f64) -> Value {
    // Six digits tell any two apart that are worth telling apart.
    let value = format!("{value:.5e}").parse::<f64>().unwrap_or(value);
    json!({
        "by": by.name(),
        // What is as bad as can be is no number of JSON.
        "value": value.is_finite().then_some(value),
        "wins": by.wins().as_str(),
    })
}

fn usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "cache_read_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write,
        "reasoning_tokens": usage.reasoning,
        "is_estimated": usage.is_estimated,
    })
}
