use std::fmt::Write as _;

use super::candidates::{self, Candidate, Standing};
use crate::cli::Explain;
use crate::config::nearest;
use crate::plan::{Loaded, Plan, PlannedGroup, Reason, load, percent, seconds};

/// What the command says. `env` looks up variables of the environment.
///
/// # Errors
///
/// All that is wrong with the configuration, a line each.
pub fn text(options: &Explain, env: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let Loaded { plan, .. } = load(&options.config, env).map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let mut text = String::new();
    _ = writeln!(text, "{}", the_call(options));
    match plan.group(&options.model) {
        Some(group) => known(&mut text, &plan, group, options),
        None => unknown(&mut text, &plan, &options.model),
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

fn known(text: &mut String, plan: &Plan, group: &PlannedGroup, call: &Explain) {
    let name = &call.model;
    let is_alias = group.aliases.iter().any(|(alias, _)| alias == name);
    let resolved = if is_alias {
        format!("`{name}` is another name for `{}`", group.model)
    } else if *name == *group.model {
        format!("`{name}` is a model of its own")
    } else {
        format!(
            "`{name}` is one of `{}`, and is asked for by its own name",
            group.model
        )
    };
    _ = writeln!(text, "{resolved}; {} picks\n", plan.strategy());
    let all = candidates::of(plan, group, call);
    let names = all.iter().map(|it| it.deployment.id().chars().count());
    let width = names.max().unwrap_or(0);
    for candidate in &all {
        let id = candidate.deployment.id();
        _ = writeln!(text, "  {id:width$}  {}", expected(plan, candidate, call));
    }
    if all
        .iter()
        .all(|it| matches!(it.standing, Standing::TooLong(_)))
    {
        _ = writeln!(
            text,
            "\n  nobody: the call fails with 400 context_length_exceeded"
        );
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
        Standing::TooLong(most) => format!("not: it takes prompts of at most {most} tokens"),
        Standing::Denied => "not: nobody knows its price, and `unpriced` is `deny`".to_owned(),
    }];
    if matches!(candidate.standing, Standing::TooLong(_) | Standing::Denied) {
        return words.remove(0);
    }
    if call.prompt_tokens.is_some() {
        words.push(match candidate.cost {
            Some(cost) => format!("${cost}"),
            None => "nobody knows what it costs".to_owned(),
        });
    }
    if let Some(limit) = plan.first_content(deployment, call.stream) {
        let limit = seconds(limit);
        words.push(if call.stream {
            let pause = plan.between_contents(deployment).map(seconds);
            let pause = pause.map_or(String::new(), |pause| format!(", then {pause} of silence"));
            format!("given up after {limit} without content{pause}")
        } else {
            format!("given up after {limit}")
        });
    }
    words.join(" · ")
}

fn unknown(text: &mut String, plan: &Plan, name: &str) {
    _ = writeln!(text, "`{name}` is no model: 404 model_not_found");
    let names = plan.groups.iter().map(|group| &*group.model);
    let mut ids = plan.groups.iter().flat_map(|group| &group.deployments);
    if let Some(deployment) = ids.find(|it| it.id() == name) {
        let model = deployment.model();
        _ = writeln!(
            text,
            "it is the id of a deployment of `{model}`; ask for that"
        );
    } else if let Some(meant) = nearest(name, names) {
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
