//! Refuses what Bedrock would refuse.

use serde_json::{Map, Value};

use super::{fields, tools, turns};
use crate::dialect::Asked;
use crate::percent;
use crate::refusal::Refusal;
use crate::reply::{Ask, ToolChoice, input_tokens};
use crate::shape::{self, Shape, Step, Style, Violation, Wrong};

/// The least that Claude may think.
const LEAST_BUDGET: u64 = 1024;

/// What Claude takes besides, on its own.
const CLAUDE_FIELDS: [&str; 7] = [
    "anthropic_beta",
    "anthropic_version",
    "output_config",
    "thinking",
    "tool_choice",
    "top_k",
    "metadata",
];

/// Which field of the model's own answer tells how much was thought.
const THOUGHT_PATH: &str = "/usage/output_tokens_details";

/// A request that has passed.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) ask: Ask,
    /// Whether the answer is to tell how much was thought.
    pub(super) tells_thoughts: bool,
}

/// Reads the body of a request for a conversation's next turn.
pub(super) fn converse(asked: &Asked<'_>) -> Result<Checked, Refusal> {
    let model = model(asked)?;
    let body = object(asked.body, &fields::CONVERSE)?;
    let claude = is_claude(&model);
    let own = body
        .get("additionalModelRequestFields")
        .unwrap_or(&Value::Null);
    let user_turn = turns::check(&body, claude)?;
    let tools = tools::read(&body)?;
    let tool_choice = tools::choice(&body, &model, &tools, own)?;
    let max_tokens = inference(&body)?;
    let thinking = if claude {
        claude_fields(own, max_tokens, &tool_choice)?
    } else {
        own["reasoningConfig"]["type"] == "enabled" || !own["reasoning_effort"].is_null()
    };
    let system = body.get("system").map_or(0, input_tokens);
    let paths = body.get("additionalModelResponseFieldPaths");
    let paths = paths.and_then(Value::as_array);
    Ok(Checked {
        tells_thoughts: paths.is_some_and(|paths| paths.contains(&THOUGHT_PATH.into())),
        ask: Ask {
            model,
            choices: 1,
            max_tokens: max_tokens.and_then(|most| usize::try_from(most).ok()),
            input_tokens: input_tokens(&body["messages"]) + system,
            thinking,
            tools,
            tool_choice,
            user_turn,
            ..Ask::default()
        },
    })
}

/// The model of the path, which has to be one that is possible, and of this region.
pub(super) fn model(asked: &Asked<'_>) -> Result<String, Refusal> {
    let model = percent::decode(asked.name);
    let within = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    let region = model
        .strip_prefix("arn:")
        .and_then(|arn| arn.split(':').nth(2));
    let aws = asked.sim.config.aws.as_ref();
    let elsewhere = region
        .zip(aws)
        .is_some_and(|(region, aws)| region != aws.region);
    if model.chars().all(within) && !elsewhere && region != Some("") {
        Ok(model)
    } else {
        Err(Refusal::bad("The provided model identifier is invalid."))
    }
}

/// A profile does not say what is behind it; it is taken for one of Claude's.
fn is_claude(model: &str) -> bool {
    model.contains("claude") || model.contains("inference-profile/") && !model.contains('.')
}

fn inference(body: &Map<String, Value>) -> Result<Option<u64>, Refusal> {
    let config = body.get("inferenceConfig").unwrap_or(&Value::Null);
    for field in ["temperature", "topP"] {
        if config[field].as_f64().is_some_and(|n| n > 1.0) {
            let constraint = "Member must have value less than or equal to 1";
            return Err(constrained(
                &config[field],
                &format!("inferenceConfig.{field}"),
                constraint,
            ));
        }
        if config[field].as_f64().is_some_and(|n| n < 0.0) {
            let constraint = "Member must have value greater than or equal to 0";
            return Err(constrained(
                &config[field],
                &format!("inferenceConfig.{field}"),
                constraint,
            ));
        }
    }
    let stops = config["stopSequences"].as_array().into_iter().flatten();
    if stops.into_iter().any(|stop| stop == "") {
        let constraint = "Member must have length greater than or equal to 1";
        return Err(constrained(
            &"".into(),
            "inferenceConfig.stopSequences",
            constraint,
        ));
    }
    let most = &config["maxTokens"];
    if !most.is_null() && most.as_u64().is_none_or(|most| most == 0) {
        let constraint = "Member must have value greater than or equal to 1";
        return Err(constrained(most, "inferenceConfig.maxTokens", constraint));
    }
    Ok(most.as_u64())
}

/// What Claude itself would refuse. Returns whether it is to think.
fn claude_fields(
    own: &Value,
    max_tokens: Option<u64>,
    choice: &ToolChoice,
) -> Result<bool, Refusal> {
    let of_model = |message: &str| {
        Refusal::bad(format!(
            "The model returned the following errors: {message}"
        ))
    };
    let mut fields = own.as_object().into_iter().flat_map(Map::keys);
    if let Some(field) = fields.find(|field| !CLAUDE_FIELDS.contains(&field.as_str())) {
        return Err(of_model(&format!(
            "{field}: Extra inputs are not permitted"
        )));
    }
    let thinking = &own["thinking"];
    match thinking["type"].as_str() {
        None | Some("disabled") => return Ok(false),
        Some("adaptive") => {}
        Some(_) => {
            let budget = thinking["budget_tokens"].as_u64().unwrap_or_default();
            if budget < LEAST_BUDGET {
                return Err(of_model(&format!(
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to \
                     {LEAST_BUDGET}"
                )));
            }
            if max_tokens.is_some_and(|most| most <= budget) {
                return Err(of_model(
                    "`max_tokens` must be greater than `thinking.budget_tokens`.",
                ));
            }
        }
    }
    if matches!(choice, ToolChoice::Any | ToolChoice::Named(_)) {
        return Err(of_model(
            "Thinking may not be enabled when tool_choice forces tool use.",
        ));
    }
    Ok(true)
}

/// Reads an object that has no fields but those of `shape`.
pub(super) fn object(body: &[u8], shape: &'static Shape) -> Result<Map<String, Value>, Refusal> {
    let mut body = json(body)?;
    let found = shape::check(&mut body, shape, Style::Exact, &[]);
    found
        .first()
        .map_or(Ok(body), |first| Err(violation(first)))
}

/// Reads an object.
pub(super) fn json(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if let Ok(Value::Object(body)) = serde_json::from_slice(body) {
        return Ok(body);
    }
    let refusal = Refusal::bad("The request body is not valid JSON.");
    Err(refusal.code("SerializationException"))
}

/// A key that nobody knows, in the object at `place`.
pub(super) fn extraneous(place: &str, key: &str) -> Refusal {
    Refusal::bad(format!(
        "Malformed input request: #{place}: extraneous key [{key}] is not permitted, please reformat \
         your input and try again."
    ))
}

/// A value that breaks a rule.
pub(super) fn constrained(value: &Value, place: &str, constraint: &str) -> Refusal {
    let value = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Refusal::bad(format!(
        "1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: \
         {constraint}"
    ))
}

fn violation(violation: &Violation) -> Refusal {
    let member = member(&violation.place);
    match &violation.wrong {
        Wrong::Unknown(name) => {
            let steps = violation.place.iter().map(|step| match step {
                Step::Field(name) | Step::Entry(_, name) => format!("/{name}"),
                Step::Index(index) => format!("/{index}"),
            });
            extraneous(&steps.collect::<String>(), name)
        }
        Wrong::Missing(name) => {
            let place = [member.as_str(), name].join(".");
            let place = place.trim_start_matches('.');
            Refusal::bad(format!(
                "1 validation error detected: Value null at '{place}' failed to satisfy constraint: \
                 Member must not be null"
            ))
        }
        Wrong::Word(value, words) => {
            let constraint = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            constrained(value, &member, &constraint)
        }
        Wrong::Kind(_, kind) => {
            let message = format!("{violation}: expected a value of type {kind}");
            Refusal::bad(message).code("SerializationException")
        }
        Wrong::Union(count) => {
            let message = format!("{violation}: exactly one member must be set, not {count}");
            Refusal::bad(message)
        }
    }
}

/// A place, as Bedrock writes it: numbers are counted from one.
fn member(place: &[Step]) -> String {
    let steps = place.iter().map(|step| match step {
        Step::Field(name) | Step::Entry(_, name) => name.clone(),
        Step::Index(index) => format!("{}.member", index + 1),
    });
    steps.collect::<Vec<_>>().join(".")
}
