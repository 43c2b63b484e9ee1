use serde_json::Value;
use steeplechase_core::Error;

use super::RequestOptions;
use super::native::{Content, FunctionCall, FunctionResponse, Part, Speaker};
use super::parts::Parts;
use super::results::{Results, reply};
use crate::chat::names::Names;
use crate::chat::notes::At;
use crate::chat::notes::{Notes, unsupported};
use crate::chat::stand_in::{Input, NOTE, PLACEHOLDER};
use crate::chat::{ChatRequest, Message, Role, ToolCall};
use crate::gemini::{Host, Resolution};

/// Stands for a seal that nobody has: the provider takes it for one, and does not look.
const NO_SEAL: &str = "skip_thought_signature_validator";

/// A conversation as the provider has it: the system apart, and turns of two.
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Part<'a>>,
    pub(super) contents: Vec<Content<'a>>,
    /// How closely to look at all pictures.
    pub(super) resolution: Option<&'static str>,
}

struct Builder<'a, 'b> {
    chat: &'a ChatRequest,
    results: Results,
    parts: Parts,
    contents: Vec<Content<'a>>,
    /// Whether calls have names, and are sealed.
    sealed_calls: bool,
    names: &'b mut Names,
}

// ===== impl Conversation =====

impl<'a> Conversation<'a> {
    pub(super) fn new(
        chat: &'a ChatRequest,
        options: &RequestOptions<'_>,
        names: &mut Names,
        notes: &mut Notes,
    ) -> Result<Self, Error> {
        let messages = chat.messages.iter();
        let leading = messages.take_while(|said| said.role.is_system()).count();
        let mut system = Vec::new();
        for (index, said) in chat.messages[..leading].iter().enumerate() {
            system.extend(system_texts(said, index)?.into_iter().map(Part::text));
        }
        let mut builder = Builder {
            chat,
            results: Results::new(chat, notes)?,
            parts: Parts::new(options.host, options.capabilities.resolution),
            contents: Vec::new(),
            sealed_calls: options.capabilities.sealed_calls,
            names,
        };
        for (index, said) in chat.messages.iter().enumerate().skip(leading) {
            match said.role {
                Role::User => builder.user(said, index)?,
                Role::Assistant => builder.assistant(said, index)?,
                Role::System | Role::Developer => builder.system(said, index)?,
                // They are with their calls.
                Role::Tool => {}
            }
        }
        let resolution = builder.parts.of_all();
        let contents = builder.finish()?;
        Ok(Self {
            system,
            contents,
            resolution,
        })
    }
}

/// Says what the application says in the user's name, for a model that has no place for it.
pub(super) fn move_to_user<'a>(system: &mut Vec<Part<'a>>, contents: &mut [Content<'a>]) {
    // The first is always the user's.
    if let Some(first) = contents.first_mut() {
        first.parts.splice(..0, system.drain(..));
    }
}

// ===== impl Builder =====

impl<'a> Builder<'a, '_> {
    /// Adds to what a side says: to its last turn, or in a new one.
    fn say(&mut self, role: Speaker, mut parts: Vec<Part<'a>>) {
        match self.contents.last_mut() {
            Some(last) if last.role == role && !last.is_results => last.parts.append(&mut parts),
            _ => self.contents.push(Content::new(role, parts)),
        }
    }

    fn user(&mut self, said: &'a Message, index: usize) -> Result<(), Error> {
        let mut parts = self.read(said, index)?;
        let has_words = parts.iter().any(|part| part.text.is_some());
        if parts.is_empty() {
            parts.push(Part::text(PLACEHOLDER));
        } else if !has_words && self.parts.host == Host::Vertex {
            // Some models insist on a text.
            parts.push(Part::text(" "));
        }
        self.say(Speaker::User, parts);
        Ok(())
    }

    /// What the application says later. It stays where it is.
    fn system(&mut self, said: &'a Message, index: usize) -> Result<(), Error> {
        let mut texts = system_texts(said, index)?.into_iter();
        if let Some(first) = texts.next() {
            let first = Part::text(format!("{NOTE}{first}"));
            let parts = std::iter::once(first).chain(texts.map(Part::text));
            self.say(Speaker::User, parts.collect());
        }
        Ok(())
    }

    fn assistant(&mut self, said: &'a Message, index: usize) -> Result<(), Error> {
        if self.contents.is_empty() {
            // It speaks when it is spoken to.
            self.say(Speaker::User, vec![Part::text(PLACEHOLDER)]);
        }
        let mut parts = self.read(said, index)?;
        let refusal = said.refusal.as_deref().filter(|text| !text.is_empty());
        if parts.is_empty() {
            parts.extend(refusal.map(Part::text));
        }
        parts.extend(pictures(said, self.parts.host, index)?);
        seal_text(said, &mut parts);
        // A turn is sealed at its first call.
        let in_turn = self
            .contents
            .last()
            .filter(|last| last.role == Speaker::Model);
        let calls = in_turn.map_or(0, |last| last.parts.iter().filter(is_call).count());
        for (place, call) in said.tool_calls.iter().enumerate() {
            let part = self.call(call, calls + place == 0);
            parts.push(part);
        }
        if parts.is_empty() {
            parts.push(Part::text(PLACEHOLDER));
        }
        self.say(Speaker::Model, parts);
        self.results_of(said, index)
    }

    fn call(&mut self, call: &'a ToolCall, is_first: bool) -> Part<'a> {
        let no_seal = (self.sealed_calls && is_first).then_some(NO_SEAL);
        Part {
            function_call: Some(FunctionCall {
                id: self.sealed_calls.then_some(&*call.id),
                name: self.names.native(&call.name),
                args: Input::of(&call.input),
            }),
            thought_signature: call.signature.as_deref().or(no_seal),
            ..Part::default()
        }
    }

    /// The results of a message's calls: all of them, in their order, and in a turn of their own.
    fn results_of(&mut self, said: &'a Message, index: usize) -> Result<(), Error> {
        if said.tool_calls.is_empty() {
            return Ok(());
        }
        let mut parts = Vec::with_capacity(said.tool_calls.len());
        for (place, call) in said.tool_calls.iter().enumerate() {
            let message = self.results.of(index, place);
            let result = message.map(|message| &self.chat.messages[message]);
            let media = match message.zip(result) {
                Some((message, result)) => self.media(result, message)?,
                None => Vec::new(),
            };
            let of_each = self.parts.resolution == Resolution::Each;
            let (inside, beside) = if of_each {
                (media, Vec::new())
            } else {
                (Vec::new(), media)
            };
            parts.push(Part {
                function_response: Some(FunctionResponse {
                    id: self.sealed_calls.then_some(&*call.id),
                    name: self.names.native(&call.name),
                    response: reply(result),
                    parts: inside,
                }),
                ..Part::default()
            });
            parts.extend(beside);
        }
        self.contents.push(Content {
            is_results: true,
            ..Content::new(Speaker::User, parts)
        });
        Ok(())
    }

    /// What of a message is no text.
    fn media(&mut self, said: &'a Message, message: usize) -> Result<Vec<Part<'a>>, Error> {
        let mut media = Vec::new();
        for (part, said) in said.content.iter().enumerate() {
            if said.words().is_none() {
                media.extend(self.parts.part(said, At { message, part })?);
            }
        }
        Ok(media)
    }

    fn read(&mut self, said: &'a Message, message: usize) -> Result<Vec<Part<'a>>, Error> {
        let mut parts = Vec::with_capacity(said.content.len());
        for (part, said) in said.content.iter().enumerate() {
            parts.extend(self.parts.part(said, At { message, part })?);
        }
        Ok(parts)
    }

    fn finish(mut self) -> Result<Vec<Content<'a>>, Error> {
        if self.contents.is_empty() {
            self.say(Speaker::User, vec![Part::text(PLACEHOLDER)]);
        }
        if self
            .contents
            .last()
            .is_some_and(|last| last.role == Speaker::Model)
        {
            return Err(unsupported(
                "messages",
                "the provider does not continue a last message of the assistant's; end with one of \
                 the user's",
            ));
        }
        Ok(self.contents)
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "it is a predicate of a filter"
)]
fn is_call(part: &&Part<'_>) -> bool {
    part.function_call.is_some()
}

/// What the application says, one text for each part.
fn system_texts(said: &Message, message: usize) -> Result<Vec<&str>, Error> {
    let mut texts = Vec::new();
    for (part, said) in said.content.iter().enumerate() {
        match said.words() {
            Some("") => {}
            Some(text) => texts.push(text),
            None => {
                let at = At { message, part };
                return Err(unsupported(at, "a system message is text only"));
            }
        }
    }
    Ok(texts)
}

/// The pictures that the model has made before.
fn pictures(said: &Message, host: Host, message: usize) -> Result<Vec<Part<'_>>, Error> {
    let Some(Value::Array(images)) = said.extra.get("images") else {
        return Ok(Vec::new());
    };
    let urls = images
        .iter()
        .filter_map(|image| image.get("image_url")?.get("url")?.as_str());
    let at = At { message, part: 0 };
    urls.map(|url| super::media::source(url, None, host, at))
        .collect()
}

/// Puts the seal of a message on its last text, or on one with nothing in it.
fn seal_text<'a>(said: &'a Message, parts: &mut Vec<Part<'a>>) {
    let google = said
        .extra
        .get("extra_content")
        .and_then(|it| it.get("google"));
    let seal = google.and_then(|it| it.get("thought_signature"));
    let Some(seal) = seal.and_then(Value::as_str).filter(|seal| !seal.is_empty()) else {
        return;
    };
    match parts.iter_mut().rfind(|part| part.text.is_some()) {
        Some(last) => last.thought_signature = Some(seal),
        None => parts.push(Part {
            thought_signature: Some(seal),
            ..Part::text("")
        }),
    }
}
