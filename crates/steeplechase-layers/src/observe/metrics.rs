use std::sync::Arc;

use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};
use steeplechase_core::attempts::{Attempt, Ending};
use steeplechase_core::purse::Purse;
use steeplechase_core::{Deployment, Usage};

const ATTEMPTS: &str = "steeplechase_observe_attempts_total";
const BUDGET_LIMIT: &str = "steeplechase_observe_budget_limit_nanodollars";
const BUDGET_SPENT: &str = "steeplechase_observe_budget_spent_nanodollars";
const COST: &str = "steeplechase_observe_cost_nanodollars_total";
const FIRST_CONTENT: &str = "steeplechase_observe_first_content_seconds";
const IN_FLIGHT: &str = "steeplechase_observe_in_flight";
const TIME_PER_TOKEN: &str = "steeplechase_observe_time_per_token_seconds";
const TOKENS: &str = "steeplechase_observe_tokens_total";
const UNPRICED: &str = "steeplechase_observe_unpriced_total";

/// The metrics of one deployment.
#[derive(Clone)]
pub(super) struct Metrics {
    deployment: Arc<str>,
    complete: Counter,
    dropped: Counter,
    first_content: Histogram,
    time_per_token: Histogram,
    tokens_in: Counter,
    tokens_out: Counter,
    cost: Counter,
    unpriced: Counter,
    in_flight: Gauge,
}

/// Describes this layer's metrics to the installed recorder.
///
/// The metrics of a deployment are registered when its stack is built, so a recorder is to be installed
/// before that.
pub fn describe_metrics() {
    describe_counter!(
        ATTEMPTS,
        "Attempts that have ended, by deployment and outcome: complete, dropped, or the class of the failure"
    );
    describe_gauge!(
        BUDGET_LIMIT,
        "What may be spent in a window, in billionths of a dollar, by whose budget it is and its name"
    );
    describe_gauge!(
        BUDGET_SPENT,
        "What was spent in this window, as of the last attempt, in billionths of a dollar, by whose budget it is and \
         its name"
    );
    describe_counter!(
        COST,
        "What attempts have cost, in billionths of a dollar, known or estimated, by deployment"
    );
    describe_histogram!(
        FIRST_CONTENT,
        metrics::Unit::Seconds,
        "The time to the first content of an answer, by deployment"
    );
    describe_gauge!(IN_FLIGHT, "Attempts that have not ended, by deployment");
    describe_histogram!(
        TIME_PER_TOKEN,
        metrics::Unit::Seconds,
        "The time from one token of a complete answer to the next, by deployment"
    );
    describe_counter!(
        TOKENS,
        "Tokens, as the provider counts them or else as they are estimated, by deployment and direction"
    );
    describe_counter!(
        UNPRICED,
        "Attempts that have used tokens whose price nobody knows, by deployment"
    );
}

impl Metrics {
    pub(super) fn of(deployment: &Deployment) -> Self {
        let id = || Arc::clone(deployment.id_handle());
        Self {
            complete: attempts(id(), "complete"),
            dropped: attempts(id(), "dropped"),
            first_content: histogram!(FIRST_CONTENT, "deployment" => id()),
            time_per_token: histogram!(TIME_PER_TOKEN, "deployment" => id()),
            tokens_in: tokens(id(), "input"),
            tokens_out: tokens(id(), "output"),
            cost: counter!(COST, "deployment" => id()),
            unpriced: counter!(UNPRICED, "deployment" => id()),
            in_flight: gauge!(IN_FLIGHT, "deployment" => id()),
            deployment: id(),
        }
    }

    pub(super) fn started(&self) {
        self.in_flight.increment(1);
    }

    pub(super) fn ended(&self, attempt: &Attempt) {
        self.in_flight.decrement(1);
        match attempt.ending {
            Ending::Complete => self.complete.increment(1),
            Ending::Dropped => self.dropped.increment(1),
            // Seldom, and of many kinds: these are looked up.
            Ending::Failed(class) => {
                attempts(Arc::clone(&self.deployment), class.as_str()).increment(1);
            }
        }
        if let Some(first_content) = attempt.first_content {
            self.first_content.record(first_content);
        }
        if let Some(usage) = attempt.usage {
            self.tokens_in.increment(usage.prompt);
            self.tokens_out.increment(usage.completion);
            match attempt.cost {
                Some(cost) => self.cost.increment(cost.nanos()),
                None => self.unpriced.increment(1),
            }
            if let Some(seconds) = seconds_per_token(attempt, usage) {
                self.time_per_token.record(seconds);
            }
        }
    }
}

fn attempts(deployment: Arc<str>, outcome: &'static str) -> Counter {
    counter!(ATTEMPTS, "deployment" => deployment, "outcome" => outcome)
}

/// Says what the limit of a budget is. The metric of what was spent of it.
#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(super) fn budget(purse: &Purse) -> Gauge {
    let (of, name) = (purse.owner().kind(), purse.owner().name());
    gauge!(BUDGET_LIMIT, "of" => of, "name" => Arc::clone(name)).set(purse.limit().nanos() as f64);
    gauge!(BUDGET_SPENT, "of" => of, "name" => Arc::clone(name))
}

fn tokens(deployment: Arc<str>, direction: &'static str) -> Counter {
    counter!(TOKENS, "deployment" => deployment, "direction" => direction)
}

/// The time from one token to the next, of an answer that is complete and has a next.
fn seconds_per_token(attempt: &Attempt, usage: Usage) -> Option<f64> {
    let steps = u32::try_from(usage.completion).ok()?.checked_sub(1)?;
    if attempt.ending != Ending::Complete || steps == 0 {
        return None;
    }
    let streaming = attempt.elapsed.saturating_sub(attempt.first_content?);
    Some(streaming.as_secs_f64() / f64::from(steps))
}
