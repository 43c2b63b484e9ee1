use serde_json::{Map, Value, json};
use steeplechase_core::Error;

use super::models::Family;
use super::quirks::Quirks;
use super::shape;
use crate::chat::notes::Notes;
use crate::chat::{ChatRequest, ResponseFormat, ids};
use crate::json::Fields;

/// Writes the fields at the top of a request that are neither messages nor tools.
pub(super) struct Params<'a, 'n> {
    pub(super) chat: &'a ChatRequest,
    pub(super) quirks: &'a Quirks,
    pub(super) family: Family,
    /// The names of the deployment's own parameters, which are for its provider.
    pub(super) own: &'a [Box<str>],
    pub(super) fields: Fields,
    pub(super) notes: &'n mut Notes,
}

/// Fields that `OpenAI` has, and the neutral form has no place for.
const OPENAI_ONLY: [&str; 4] = [
    "moderation",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
];

// ===== impl Params =====

impl Params<'_, '_> {
    pub(super) fn write(mut self) -> Result<Fields, Error> {
        self.limits()?;
        self.sampling()?;
        self.format();
        self.hints();
        self.sound()?;
        self.rest();
        Ok(self.fields)
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// How much is said, and how it comes.
    fn limits(&mut self) -> Result<(), Error> {
        let chat = self.chat;
        if let Some(max) = chat.max_tokens {
            // None at all is only there to warm a cache that others do not have.
            if max == 0 {
                self.notes.note("max_tokens");
            }
            let name = if self.quirks.new_limit {
                "max_completion_tokens"
            } else {
                "max_tokens"
            };
            self.set(name, max.max(1));
        }
        if chat.stream {
            self.set("stream", true);
            if self.quirks.asks_usage {
                self.set("stream_options", json!({"include_usage": true}));
            }
        }
        if let Some(n) = chat.n.filter(|n| *n > 1) {
            self.set("n", n);
        }
        let stops: Vec<_> = chat.stop.iter().filter(|stop| !stop.is_empty()).collect();
        if stops.is_empty() {
            return Ok(());
        }
        if self.family.is_thinker() {
            return self.notes.refuse("stop", "the model does not take it");
        }
        if stops.len() > 4 {
            self.notes
                .refuse("stop", "the provider takes four at most")?;
        }
        self.set(
            "stop",
            stops.into_iter().take(4).cloned().collect::<Vec<_>>(),
        );
        Ok(())
    }

    #[allow(
        clippy::float_cmp,
        reason = "the defaults are compared as they were written"
    )]
    fn sampling(&mut self) -> Result<(), Error> {
        let chat = self.chat;
        let samples = self.family.samples(chat.effort());
        let numbers = [
            ("temperature", chat.temperature, 1.0),
            ("top_p", chat.top_p, 1.0),
            ("presence_penalty", chat.presence_penalty, 0.0),
            ("frequency_penalty", chat.frequency_penalty, 0.0),
        ];
        for (name, value, usual) in numbers {
            let Some(value) = value else { continue };
            let is_penalty = usual == 0.0;
            if samples && !(is_penalty && self.family.is_thinker()) {
                self.set(name, value);
            } else if value != usual {
                self.notes.refuse(name, "the model does not take it")?;
            }
        }
        if let Some(top_k) = chat.top_k {
            if self.quirks.top_k {
                self.set("top_k", top_k);
            } else {
                self.notes
                    .refuse("top_k", "the provider does not have it")?;
            }
        }
        if let Some(bias) = chat.logit_bias.as_ref().filter(|bias| !bias.is_empty()) {
            if self.family.is_thinker() {
                self.notes
                    .refuse("logit_bias", "the model does not take it")?;
            } else {
                self.set("logit_bias", bias.clone());
            }
        }
        if chat.logprobs == Some(true) {
            if samples {
                self.set("logprobs", true);
                if let Some(count) = chat.top_logprobs {
                    self.set("top_logprobs", count);
                }
            } else {
                self.notes
                    .refuse("logprobs", "the model does not take it")?;
            }
        }
        if let Some(seed) = chat.seed {
            self.set("seed", seed);
        }
        Ok(())
    }

    fn format(&mut self) {
        match &self.chat.response_format {
            None | Some(ResponseFormat::Text) => {}
            Some(ResponseFormat::JsonObject) => {
                self.set("response_format", json!({"type": "json_object"}));
            }
            Some(ResponseFormat::JsonSchema(asked)) => {
                let mut inner = Map::new();
                let name = match &*asked.name {
                    "" => "output",
                    name => name,
                };
                inner.insert("name".into(), name.into());
                if let Some(description) = &asked.description {
                    inner.insert("description".into(), description.as_str().into());
                }
                inner.insert("schema".into(), asked.schema.clone().into());
                if asked.strict == Some(true) {
                    let fits = shape::is_strict(&asked.schema);
                    if !fits {
                        self.notes.note("response_format.json_schema.strict");
                    }
                    inner.insert("strict".into(), fits.into());
                }
                let format = json!({"type": "json_schema", "json_schema": inner});
                self.set("response_format", format);
            }
        }
    }

    /// What changes nothing about the answer where it is not known.
    fn hints(&mut self) {
        let chat = self.chat;
        let text = |text: &Option<String>| text.as_deref().map(Value::from);
        let hints = [
            ("verbosity", text(&chat.verbosity)),
            ("prediction", chat.prediction.clone()),
            ("service_tier", text(&chat.service_tier)),
            ("user", chat.user.as_deref().map(user)),
            (
                "safety_identifier",
                chat.safety_identifier.as_deref().map(user),
            ),
            ("store", chat.store.filter(|store| *store).map(Value::from)),
            ("metadata", chat.metadata.clone().map(Value::from)),
        ];
        for (name, value) in hints {
            let Some(value) = value else { continue };
            // Notes are only taken of what is kept.
            let is_kept = name != "metadata" || chat.store == Some(true);
            if self.quirks.is_openai && is_kept {
                self.set(name, value);
            } else {
                self.notes.note(name);
            }
        }
        let Some(search) = &chat.web_search else {
            return;
        };
        if !self.quirks.web_search && self.family != Family::Search {
            self.notes.note("web_search_options");
            return;
        }
        let mut options = Map::new();
        if let Some(size) = &search.context_size {
            options.insert("search_context_size".into(), size.as_str().into());
        }
        if let Some(location) = &search.location {
            let location = json!({"type": "approximate", "approximate": location});
            options.insert("user_location".into(), location);
        }
        self.set("web_search_options", options);
    }

    fn sound(&mut self) -> Result<(), Error> {
        let chat = self.chat;
        if !chat.modalities.iter().any(|kind| kind != "text") {
            if chat.audio.is_some() {
                self.notes.note("audio");
            }
            return Ok(());
        }
        if !self.quirks.is_openai {
            return self
                .notes
                .refuse("modalities", "the model answers with text only");
        }
        self.set("modalities", chat.modalities.clone());
        if let Some(audio) = &chat.audio {
            self.set("audio", audio.clone());
        }
        Ok(())
    }

    /// What has no place in the neutral form: it goes on if the deployment or the provider knows it.
    fn rest(&mut self) {
        for (name, value) in &self.chat.extra {
            let is_own = self.own.iter().any(|own| **own == **name);
            if is_own || self.quirks.is_openai && OPENAI_ONLY.contains(&name.as_str()) {
                self.set(name, value.clone());
            } else if name != "output_config" {
                self.notes.note(name);
            }
        }
        for (name, value) in self.quirks.fixed {
            self.fields.entry(*name).or_insert_with(|| (*value).into());
        }
    }
}

/// A name of a user that is not too long: one that is, is told from others by its hash.
fn user(user: &str) -> Value {
    const MAX_CHARS: usize = 64;
    if user.chars().nth(MAX_CHARS).is_none() {
        return user.into();
    }
    ids::long_hash(user).into()
}
