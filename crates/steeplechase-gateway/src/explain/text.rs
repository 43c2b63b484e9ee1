use std::fmt::Write as _;

use steeplechase::Deployment;
use steeplechase::attempts::{Exclusion, Pick};

use super::candidates::{self, Candidate, Standing};
use super::dry_run::DryRun;
use crate::cli::Explain;
use crate::config::{Alias, RoutingStrategy, nearest};
use crate::plan::{Loaded, Plan, Reason, load, percent, seconds};

/// What the command says. `env` looks up variables of the environment.
///
/// # Errors
///
/// All that is wrong with the configuration, a line each.
pub fn text(options: &Explain, env: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let Loaded { plan, stack, .. } = load(&options.config, env).map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let run = DryRun::of(&stack, options)?;
    let mut text = String::new();
    _ = writeln!(text, "{}", the_call(options));
    match &run.pick {
        Some(pick) => known(&mut text, &plan, pick, options),
        None => unknown(&mut text, &plan, &options.model),
    }
    if let Some(next) = &run.next {
        _ = writeln!(text, "\nnobody of them takes it, so it goes to `{next}`");
    }
    if let Some(error) = &run.error {
        let (status, class) = (error.status().as_u16(), error.class().as_str());
        _ = writeln!(
            text,
            "\nit fails with {status} {class}: {}",
            error.message()
        );
    }
    failures(&mut text, &plan, options);
    Ok(text)
}

/// What is asked for.
fn the_call(call: &Explain) -> String {
    let kind = if call.stream {
        "a call for a stream"
    } else {
        "a call for a whole answer"
    };
    let mut size = Vec::new();
    size.extend(
        call.prompt_tokens
            .map(|it| format!("a prompt of {it} tokens")),
    );
    size.extend(
        call.max_tokens
            .map(|it| format!("an answer of at most {it}")),
    );
    let of = if size.is_empty() { "" } else { ", of " };
    format!("{kind}{of}{}", size.join(" and "))
}

fn known(text: &mut String, plan: &Plan, pick: &Pick, call: &Explain) {
    let strategy = plan.strategy_for(&call.model);
    let resolved = resolved(plan, pick, &call.model);
    _ = writeln!(text, "{resolved}; {} picks\n", strategy.as_str());
    let by_weight = strategy == RoutingStrategy::SimpleShuffle;
    let all = candidates::of(pick, by_weight, call);
    let names = all.iter().map(|it| it.deployment.id().chars().count());
    let width = names.max().unwrap_or(0);
    for candidate in &all {
        let id = candidate.deployment.id();
        _ = writeln!(text, "  {id:width$}  {}", expected(plan, candidate, call));
    }
    if !pick.is_whole() {
        _ = writeln!(
            text,
            "\n  of so many, who cannot take the call is found out when it comes"
        );
    }
}

/// What a name stands for.
fn resolved(plan: &Plan, pick: &Pick, name: &str) -> String {
    let mut models: Vec<_> = pick.deployments.iter().map(|it| it.model()).collect();
    models.dedup();
    let is_alias = |alias: &Alias| alias.alias == name;
    let stands_for = models.join("`, `");
    let is_named = pick
        .standings
        .iter()
        .any(|it| it.excluded == Some(Exclusion::Unfit("name")));
    if plan.config.router.model_group_alias.iter().any(is_alias) {
        format!("`{name}` is another name for `{stands_for}`")
    } else if models.contains(&name) {
        format!("`{name}` is a model of its own")
    } else if is_named || pick.deployments.iter().any(|it| it.id() == name) {
        format!("`{name}` is a name of deployments of `{stands_for}`, and goes to these alone")
    } else if models.len() > 1 {
        format!("`{name}` stands for `{stands_for}`")
    } else {
        format!("`{name}` is one of `{stands_for}`, and is asked for by its own name")
    }
}

fn expected(plan: &Plan, candidate: &Candidate<'_>, call: &Explain) -> String {
    let deployment = candidate.deployment;
    let mut words = vec![match candidate.standing {
        Standing::Picked(Some(part)) => format!("gets {}", percent(part)),
        Standing::Picked(None) => "gets what the strategy gives it".to_owned(),
        Standing::Later => format!(
            "only while nobody of a lower order than {} can take it",
            deployment.order()
        ),
        Standing::Last => "only while nobody with a weight can take it".to_owned(),
        Standing::Unfit(rule) => unfit(rule, deployment),
        Standing::Denied => "not: nobody knows its price, and `unpriced` is `deny`".to_owned(),
    }];
    if matches!(candidate.standing, Standing::Unfit(_) | Standing::Denied) {
        return words.remove(0);
    }
    if call.prompt_tokens.is_some() {
        words.push(match candidate.cost {
            Some(cost) => format!("${cost}"),
            None => "nobody knows what it costs".to_owned(),
        });
    }
    words.push(given_up(plan, call, deployment));
    words.join(" · ")
}

/// After how long somebody else is asked.
fn given_up(plan: &Plan, call: &Explain, deployment: &Deployment) -> String {
    let limit = plan.first_content(deployment, call.stream).map(seconds);
    let limit = limit.map(|limit| format!("given up after {limit}"));
    if !call.stream {
        return limit.unwrap_or_else(|| "never given up".to_owned());
    }
    let limit = limit.map_or_else(
        || "given up when it is unusually slow".to_owned(),
        |limit| format!("{limit} without content"),
    );
    let pause = plan.between_contents(deployment).map(seconds);
    let pause = pause.map_or(String::new(), |pause| {
        format!(", then after {pause} of silence")
    });
    format!("{limit}{pause}")
}

/// Why a deployment cannot take a call, however well it is.
fn unfit(rule: &str, deployment: &Deployment) -> String {
    match (rule, deployment.model_info().max_input_tokens) {
        ("context", Some(most)) => format!("not: it takes prompts of at most {most} tokens"),
        ("name", _) => "not: another is asked for by its name".to_owned(),
        ("tags", _) => "not: by its tags".to_owned(),
        ("region", _) => "not: it is in another region".to_owned(),
        ("abilities", _) => "not: the model lacks what the call needs".to_owned(),
        ("budget", _) => "not: its budget is spent".to_owned(),
        ("rates", _) => {
            "not: the call has more tokens than it may have in a minute or a day".to_owned()
        }
        (rule, _) => format!("not: by the {rule}"),
    }
}

fn unknown(text: &mut String, plan: &Plan, name: &str) {
    _ = writeln!(text, "`{name}` is no model");
    let names = plan.groups.iter().map(|group| &*group.model);
    if let Some(meant) = nearest(name, names) {
        _ = writeln!(text, "did you mean `{meant}`?");
    }
}

/// What happens after a failure.
fn failures(text: &mut String, plan: &Plan, call: &Explain) {
    let reserve = plan.reserve;
    let attempts = match reserve.attempts {
        1 => "1 attempt".to_owned(),
        many => format!(
            "at most {many} attempts, {} of them retries",
            reserve.retries.min(many - 1)
        ),
    };
    let deadline = seconds(reserve.deadline);
    _ = writeln!(
        text,
        "\n{attempts}, and {deadline} until an answer has begun"
    );
    for reason in Reason::ALL {
        let chain = plan.chain(&call.model, reason);
        let then = if chain.is_empty() {
            "no other model".to_owned()
        } else {
            chain.join(", then ")
        };
        _ = writeln!(text, "  after {:26} {then}", reason.as_str());
    }
    _ = writeln!(text, "  after {:26} nobody", "a fault of the caller");
}
