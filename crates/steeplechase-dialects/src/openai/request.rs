use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};
use steeplechase_core::call::Forward;
use steeplechase_core::deployment::{Endpoint, ParamRules, Profile};
use steeplechase_core::{Call, Class, Deployment, Dialect, Error, Operation};

use super::plan::{Param, Plan, own_params, params};
use super::rules::Rules;
use super::wildcard::{UpstreamModel, fits};
use crate::intake::{is_own, plain_metadata};
use crate::json::survey::{self, Fate, Field, survey};
use crate::translate::provider::Allowed;
use crate::{completions, responses};

/// Rewrites calls for a deployment that speaks the caller's dialect.
///
/// ```text
/// {"model":"fast","messages":[…],"fastest_response":true}
///          ──────               ────────────────────────
///          the provider's model ours: taken out           ,"temperature":0.2  } the deployment's
/// {"model":"gpt-4o-mini","messages":[…]                   ,"temperature":0.2  }
/// ```
///
/// All other bytes stay as the caller wrote them: fields that nobody here knows, numbers as they were
/// written, the order, the spaces. If there is nothing to rewrite it is the same bytes, uncopied.
///
/// What is [peculiar](Deployment::profile) to the provider changes the parameters too: some have another
/// name there, and some are refused. Of two names of one parameter in a call the provider's own counts.
#[derive(Clone, Debug)]
pub struct Rewrite {
    model: UpstreamModel,
    chat: Plan,
    /// For some of the models, if the deployment serves several.
    models: Vec<(Vec<Box<str>>, Plan)>,
    embeddings: Plan,
    completions: Plan,
    responses: Plan,
    forwards: Plan,
    has_chat: bool,
    allowed: Arc<[Box<str>]>,
    fault: Option<Error>,
}

/// A call as the provider gets it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rewritten {
    /// The bytes.
    pub body: Bytes,
    /// The parameters of the call that the provider was not told, or not as they were.
    pub dropped: Vec<Box<str>>,
    /// How many choices the provider is asked for.
    pub choices: u32,
}

// ===== impl Rewrite =====

impl Rewrite {
    /// Prepares the rewriting for a deployment.
    ///
    /// If its [`default_params`](Deployment::default_params) are no JSON object, each call fails.
    pub fn new(deployment: &Deployment) -> Self {
        Self::of(deployment, deployment.profile(), |params| params)
    }

    /// Prepares the rewriting for a deployment whose parameters have to be others for its dialect: those
    /// that `change` makes of them.
    pub(crate) fn with(
        deployment: &Deployment,
        change: impl FnOnce(Map<String, Value>) -> Map<String, Value>,
    ) -> Self {
        Self::of(deployment, deployment.profile(), change)
    }

    /// Prepares the rewriting for calls on their way to the neutral form. What is peculiar to the provider
    /// is for what is [written](Self::apply) from it.
    pub(crate) fn neutral(deployment: &Deployment) -> Self {
        let mut profile = Profile::default();
        profile.names.clone_from(&deployment.profile().names);
        Self::of(deployment, &profile, |params| params)
    }

    fn of(
        deployment: &Deployment,
        profile: &Profile,
        change: impl FnOnce(Map<String, Value>) -> Map<String, Value>,
    ) -> Self {
        let params = own_params(deployment).map_or(Ok(Map::new()), |own| params(&own));
        let (params, fault) = match params {
            Ok(params) => (Param::all(change(params)), None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let plan = |rules: &ParamRules| Plan::new(&params, rules, deployment);
        let model = UpstreamModel::new(
            deployment.model(),
            deployment.upstream_model(),
            &profile.names,
        );
        let mut chat = plan(&profile.params);
        let mut models: Vec<_> = profile
            .models
            .iter()
            .map(|models| (models.models.clone(), plan(&models.params)))
            .collect();
        if model.is_fixed() {
            // There is only one, so it is known by now which rules are its.
            let name = model.of("").unwrap_or_default();
            let own = models
                .drain(..)
                .find(|(models, _)| models.iter().any(|pattern| fits(pattern, &name)));
            chat = own.map_or(chat, |(_, plan)| plan);
        }
        Self {
            model,
            chat,
            models,
            embeddings: plan(&profile.embedding_params),
            completions: Plan::renaming(&params, completions::of_chat),
            responses: Plan::renaming(&params, responses::of_chat),
            forwards: Plan::renaming(&params, |name, value| Some((name, value))),
            has_chat: profile.chat != Endpoint::None,
            allowed: Arc::clone(deployment.allowed_params()),
            fault,
        }
    }

    /// Whether there are parameters for calls that do not set them.
    pub fn has_params(&self) -> bool {
        !self.chat.params.is_empty()
    }

    /// The provider's name for the model of a call.
    ///
    /// # Errors
    ///
    /// [`Class::NotFound`] if the deployment serves a pattern of models, and this is none of them.
    pub fn model(&self, call: &Call) -> Result<Cow<'_, str>, Error> {
        self.model.of(call.model())
    }

    /// The bytes of a call for the provider.
    ///
    /// # Errors
    ///
    /// As for [`rewrite`](Self::rewrite).
    pub fn write(&self, call: &Call) -> Result<Bytes, Error> {
        self.rewrite(call).map(|rewritten| rewritten.body)
    }

    /// A call as the provider gets it.
    ///
    /// # Errors
    ///
    /// * [`Class::NotFound`] as for [`model`](Self::model).
    /// * [`Class::Unsupported`] if the provider refuses a parameter that would have changed the answer,
    ///   and the deployment is not to [drop](Deployment::drop_params) it. It names both.
    /// * [`Class::Internal`] if the deployment's parameters are no JSON object, or if the call's head is
    ///   not that of its bytes.
    pub fn rewrite(&self, call: &Call) -> Result<Rewritten, Error> {
        self.by_plan(call, self.plan(call)?, self.allowed())
    }

    /// A call as a provider gets it who speaks the caller's own dialect, if that is another than a
    /// chat's.
    pub(crate) fn relay(&self, call: &Call, allowed: Allowed<'_>) -> Result<Rewritten, Error> {
        match call.dialect() {
            Dialect::Completions => self.by_plan(call, &self.completions, allowed),
            Dialect::Responses => self.by_plan(call, &self.responses, allowed),
            _ => self.by_plan(call, self.plan(call)?, allowed),
        }
    }

    /// The bytes of a call that is passed on as it is. A form has the model of the provider, and nothing
    /// of the deployment's parameters.
    pub(crate) fn forward(&self, call: &Call, forward: &Forward) -> Result<Bytes, Error> {
        if !forward.is_form() {
            let rewritten = self.by_plan(call, &self.forwards, self.allowed());
            return rewritten.map(|call| call.body);
        }
        let model = self.model.of(call.model())?;
        let spans = &call.head().spans;
        let mut cuts: Vec<_> = spans.own.iter().map(|own| (own.clone(), "")).collect();
        cuts.push((spans.model.clone(), &*model));
        cuts.sort_by_key(|(span, _)| span.start);
        let raw = call.raw();
        let mut out = Vec::with_capacity(raw.len() + model.len());
        let mut at = 0;
        for (span, text) in cuts {
            out.extend_from_slice(raw.get(at..span.start).ok_or_else(not_its_head)?);
            out.extend_from_slice(text.as_bytes());
            at = span.end;
        }
        out.extend_from_slice(raw.get(at..).ok_or_else(not_its_head)?);
        Ok(out.into())
    }

    /// What the operator lets pass.
    fn allowed(&self) -> Allowed<'_> {
        Allowed {
            deployment: &self.allowed,
            call: &[],
        }
    }

    fn by_plan(&self, call: &Call, plan: &Plan, allowed: Allowed<'_>) -> Result<Rewritten, Error> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let model = self.model.json_of(call.model())?;
        match &plan.rules {
            Some(rules) if rules.may_concern(call.raw()) => {
                by_rules(call, plan, rules, &model, allowed)
            }
            _ => Ok(Rewritten {
                body: splice(call, plan, &model)?,
                dropped: Vec::new(),
                choices: call.head().n,
            }),
        }
    }

    /// A body that was written from the neutral form of a call, and asks for so many choices, as the
    /// provider gets it.
    ///
    /// # Errors
    ///
    /// As for [`rewrite`](Self::rewrite).
    pub(super) fn apply(
        &self,
        call: &Call,
        body: Bytes,
        choices: u32,
        allowed: Allowed<'_>,
    ) -> Result<Rewritten, Error> {
        let plan = self.plan(call)?;
        let rules = plan.rules.as_ref();
        let Some(rules) = rules.filter(|rules| rules.may_concern(&body)) else {
            return Ok(Rewritten {
                body,
                dropped: Vec::new(),
                choices,
            });
        };
        let mut fields = survey(&body).ok_or_else(not_its_head)?;
        let applied = rules.apply(&mut fields, allowed)?;
        let written = survey::write(&body, &fields, &[]);
        Ok(Rewritten {
            body: written.ok_or_else(not_its_head)?.into(),
            dropped: applied.dropped,
            choices: applied.choices.unwrap_or(choices),
        })
    }

    /// What is done to a call.
    fn plan(&self, call: &Call) -> Result<&Plan, Error> {
        if call.operation() == Operation::Embeddings {
            return Ok(&self.embeddings);
        }
        if !self.has_chat {
            let message = format!("the model `{}` does not do chat", call.model());
            return Err(Error::new(Class::Unsupported, message));
        }
        if self.models.is_empty() {
            return Ok(&self.chat);
        }
        let name = self.model(call)?;
        let is_its = |models: &Vec<Box<str>>| models.iter().any(|pattern| fits(pattern, &name));
        let own = self.models.iter().find(|(models, _)| is_its(models));
        Ok(own.map_or(&self.chat, |(_, plan)| plan))
    }
}

/// The bytes of a call, with the model, without our own fields, and with the parameters that it misses.
fn splice(call: &Call, plan: &Plan, model: &[u8]) -> Result<Bytes, Error> {
    let raw = call.raw();
    let missing = plan.missing(raw).ok_or_else(not_its_head)?;
    let spans = &call.head().spans;
    let current = raw.get(spans.model.clone()).ok_or_else(not_its_head)?;
    if current.is_empty() {
        return Err(not_its_head());
    }
    if spans.own.is_empty() && missing.is_empty() && current == model {
        return Ok(raw.clone());
    }
    let more: usize = missing.iter().map(|param| param.json.len() + 1).sum();
    let mut out = Vec::with_capacity(raw.len() + model.len() - current.len() + more);
    let end = raw
        .iter()
        .rposition(|b| *b == b'}')
        .ok_or_else(not_its_head)?;
    let mut at = 0;
    let mut copy = |out: &mut Vec<u8>, upto: usize, next: usize| {
        out.extend_from_slice(raw.get(at..upto).ok_or_else(not_its_head)?);
        at = next;
        Ok::<_, Error>(())
    };
    let mut is_written = false;
    for own in &spans.own {
        if !is_written && own.start >= spans.model.end {
            copy(&mut out, spans.model.start, spans.model.end)?;
            out.extend_from_slice(model);
            is_written = true;
        }
        copy(&mut out, own.start, own.end)?;
    }
    if !is_written {
        copy(&mut out, spans.model.start, spans.model.end)?;
        out.extend_from_slice(model);
    }
    copy(&mut out, end, end)?;
    for param in missing {
        out.push(b',');
        out.extend_from_slice(&param.json);
    }
    copy(&mut out, raw.len(), raw.len())?;
    Ok(Bytes::from(out))
}

/// The same for a provider with rules.
fn by_rules(
    call: &Call,
    plan: &Plan,
    rules: &Rules,
    model: &[u8],
    allowed: Allowed<'_>,
) -> Result<Rewritten, Error> {
    let raw = call.raw();
    let mut fields = survey(raw).ok_or_else(not_its_head)?;
    let mut has_model = false;
    for field in &mut fields {
        if field.name == "model" {
            has_model = true;
            if field.value.as_bytes() != model {
                field.fate = Fate::Valued(Cow::Borrowed(model));
            }
        } else if is_own(&field.name) {
            field.fate = Fate::Cut;
        } else if field.name == "metadata"
            && let Some(plain) = plain_metadata(raw, call.head())
        {
            field.fate = Fate::Valued(Cow::Owned(plain));
        }
    }
    if !has_model {
        return Err(not_its_head());
    }
    let applied = rules.apply(&mut fields, allowed)?;
    let is_said = |param: &Param| {
        let mut names = fields.iter().map(|field| &*field.name);
        names.any(|name| name == param.name || rules.name(name) == param.name)
    };
    let missing = plan.params.iter().filter(|param| !is_said(param));
    let missing: Vec<&[u8]> = missing.map(|param| &*param.json).collect();
    let is_kept = |field: &Field<'_>| field.fate == Fate::Kept;
    let body = if missing.is_empty() && fields.iter().all(is_kept) {
        raw.clone()
    } else {
        let written = survey::write(raw, &fields, &missing);
        Bytes::from(written.ok_or_else(not_its_head)?)
    };
    Ok(Rewritten {
        body,
        dropped: applied.dropped,
        choices: applied.choices.unwrap_or(call.head().n),
    })
}

fn not_its_head() -> Error {
    Error::new(Class::Internal, "the call could not be rewritten")
        .with_detail("the head of the call is not the head of its bytes")
}
