use bytes::Bytes;
use serde_json::{Map, Value, json};
use steeplechase_core::{Deployment, Error};

use super::context::AnswerContext;
use super::conversation::Conversation;
use super::effort;
use super::models::Family;
use super::native::Body;
use super::params::Params;
use super::quirks::Quirks;
use super::tools::Toolbox;
use crate::chat::notes::Notes;
use crate::chat::{ChatRequest, Effort};
use crate::json;
use crate::openai::Rewrite;
use crate::openai::plan::own_params;
use crate::translate::provider::Ask;

/// How chats are written for a deployment.
#[derive(Debug)]
pub(in crate::openai) struct Outbound {
    quirks: Quirks,
    /// What is peculiar to the provider's parameters.
    rules: Rewrite,
    drop_params: bool,
    /// The names of the deployment's own parameters.
    own: Vec<Box<str>>,
}

/// A request as it is sent, and what has to be known when the answer comes.
#[derive(Debug)]
pub(in crate::openai) struct Written {
    pub(in crate::openai) body: Bytes,
    /// The fields of the call that were left out, or changed because they had to be.
    pub(in crate::openai) dropped: Vec<Box<str>>,
    pub(in crate::openai) context: AnswerContext,
}

// ===== impl Outbound =====

impl Outbound {
    pub(in crate::openai) fn new(deployment: &Deployment) -> Self {
        let own = own_params(deployment);
        let own = own.and_then(|own| serde_json::from_slice::<Map<String, Value>>(&own).ok());
        Self {
            quirks: Quirks::of(deployment),
            rules: Rewrite::new(deployment),
            drop_params: deployment.drop_params(),
            own: own
                .into_iter()
                .flat_map(|own| own.into_iter().map(|(name, _)| name.into()))
                .collect(),
        }
    }

    /// Writes a call as a body for `POST /chat/completions`.
    ///
    /// The same call gives the same bytes in every process, and a longer conversation gives bytes that begin
    /// alike: providers cache by prefix.
    ///
    /// # Errors
    ///
    /// A `400` that names the field if the call asks for what the provider cannot do.
    pub(in crate::openai) fn write(
        &self,
        chat: &ChatRequest,
        ask: &Ask<'_>,
    ) -> Result<Written, Error> {
        let model = ask.model;
        let quirks = &self.quirks;
        let family = Family::of_deployment(ask.deployment, model);
        let mut notes = Notes::new(self.drop_params);
        let mut toolbox = Toolbox::new(chat, quirks, &mut notes)?;
        let thinks = chat.effort().is_some_and(|effort| effort != Effort::None);
        let messages = Conversation::write(chat, quirks, thinks, &mut toolbox, &mut notes)?;
        let params = Params {
            chat,
            quirks,
            family,
            own: &self.own,
            fields: Map::new(),
            notes: &mut notes,
        };
        let mut params = params.write()?;
        effort::write(chat, quirks, family, &mut params, &mut notes)?;
        if !toolbox.tools.is_empty() {
            if let Some(choice) = toolbox.choice.take() {
                params.insert("tool_choice".into(), choice);
            }
            if let Some(parallel) = chat.parallel_tool_calls {
                params.insert("parallel_tool_calls".into(), json!(parallel));
            }
        }
        let body = Body {
            model,
            messages,
            tools: std::mem::take(&mut toolbox.tools),
            params,
        };
        let body = json::body(&body)?;
        let choices = chat.n.and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
        let rewritten = self.rules.apply(ask.call, body, choices, ask.allowed)?;
        for param in &rewritten.dropped {
            notes.note(param);
        }
        Ok(Written {
            body: rewritten.body,
            dropped: notes.into_dropped(),
            context: AnswerContext::new(toolbox.into_changes(), rewritten.choices),
        })
    }
}
