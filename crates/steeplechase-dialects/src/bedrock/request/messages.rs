use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use steeplechase_core::Error;

use super::RequestOptions;
use super::cache::Marks;
use super::native::{Block, Content, Speaker, Thought, ToolResult, ToolUse, Turn};
use super::parts::Parts;
use super::turns;
use crate::bedrock::{Capabilities, Results};
use crate::chat::names::Names;
use crate::chat::notes::{At, Notes, invalid, unsupported};
use crate::chat::pairing::Pairing;
use crate::chat::stand_in::{Input, NO_RESULT, NOTE, PLACEHOLDER};
use crate::chat::{CacheMark, ChatRequest, Message, Role, ThinkingBlock, ToolCall, ids};

/// A conversation as the provider has it: the system apart, and turns of two that alternate.
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Content<'a>>,
    pub(super) turns: Vec<Turn<'a>>,
}

struct Builder<'a, 'b> {
    turns: Vec<Turn<'a>>,
    calls: Pairing<'a>,
    parts: Parts,
    capabilities: Capabilities,
    keeps_thinking: bool,
    names: &'b mut Names,
    marks: &'b mut Marks,
    notes: &'b mut Notes,
}

// ===== impl Conversation =====

impl<'a> Conversation<'a> {
    pub(super) fn new(
        chat: &'a ChatRequest,
        options: &RequestOptions<'_>,
        keeps_thinking: bool,
        names: &mut Names,
        marks: &mut Marks,
        notes: &mut Notes,
    ) -> Result<Self, Error> {
        let is_leading = |said: &&Message| said.role.is_system();
        let leading = chat.messages.iter().take_while(is_leading).count();
        let mut builder = Builder {
            turns: Vec::new(),
            calls: Pairing::default(),
            parts: Parts::new(options.capabilities.family),
            capabilities: options.capabilities,
            keeps_thinking,
            names,
            marks,
            notes,
        };
        let mut system = Vec::new();
        for (index, said) in chat.messages[..leading].iter().enumerate() {
            system.extend(builder.system_blocks(said, index)?);
        }
        for (index, said) in chat.messages.iter().enumerate().skip(leading) {
            match said.role {
                Role::System | Role::Developer => builder.system(said, index)?,
                Role::User => builder.user(said, index)?,
                Role::Tool => builder.result(said, index)?,
                Role::Assistant => builder.assistant(said, index)?,
            }
        }
        builder.answer_missing();
        if builder.turns.is_empty() {
            return Err(invalid("messages", "must have a message of the user"));
        }
        let turns = turns::arranged(builder.turns, options.capabilities.mixes_turns);
        Ok(Self { system, turns })
    }

    pub(super) fn has_tools(&self) -> bool {
        let mut contents = self.turns.iter().flat_map(|turn| &turn.content.0);
        contents.any(|content| content.block.is_of_tools())
    }

    /// Sees to a last turn of the assistant's, which the provider takes for the start of its answer.
    pub(super) fn end(&mut self, options: &RequestOptions<'_>, thinks: bool) -> Result<(), Error> {
        let Some(last) = self.turns.last_mut() else {
            return Ok(());
        };
        if last.role != Speaker::Assistant {
            return Ok(());
        }
        if let Some(Content {
            block: Block::Text(text),
            ..
        }) = last.content.0.last_mut()
        {
            *text = text.trim_end().to_owned().into();
        }
        if options.capabilities.common.prefill && !thinks {
            return Ok(());
        }
        Err(unsupported(
            "messages",
            "the model does not continue a last message of the assistant's; end with one of the \
             user's",
        ))
    }
}

// ===== impl Builder =====

impl<'a> Builder<'a, '_> {
    /// The turn of a speaker: the last one, or a new one.
    fn turn(&mut self, role: Speaker) -> &mut Turn<'a> {
        if self.turns.last().is_none_or(|turn| turn.role != role) {
            self.turns.push(Turn::new(role));
        }
        let last = self.turns.len() - 1;
        &mut self.turns[last]
    }

    fn user(&mut self, said: &'a Message, message: usize) -> Result<(), Error> {
        let mut contents = self.contents(said, message)?;
        self.mark_last(&mut contents, said.cache.as_ref());
        self.turn(Speaker::User).content.0.append(&mut contents);
        Ok(())
    }

    /// What the application says later. It stays where it is: what came before may be cached.
    fn system(&mut self, said: &'a Message, index: usize) -> Result<(), Error> {
        let mut contents = self.system_blocks(said, index)?;
        if let Some(Content {
            block: Block::Text(text),
            ..
        }) = contents.first_mut()
        {
            *text = format!("{NOTE}{text}").into();
        }
        if !contents.is_empty() {
            self.turn(Speaker::User).content.0.append(&mut contents);
        }
        Ok(())
    }

    /// What the application says, one block for each part, so that their cache marks stay apart.
    fn system_blocks(
        &mut self,
        said: &'a Message,
        message: usize,
    ) -> Result<Vec<Content<'a>>, Error> {
        if let Some(part) = said.content.iter().position(|part| part.words().is_none()) {
            let at = At { message, part };
            return Err(unsupported(at, "a system message is text only"));
        }
        let mut contents = self.contents(said, message)?;
        self.mark_last(&mut contents, said.cache.as_ref());
        Ok(contents)
    }

    /// A result, which comes before all else in its turn.
    fn result(&mut self, said: &'a Message, index: usize) -> Result<(), Error> {
        let id = said.tool_call_id.as_deref().unwrap_or_default();
        let Some(tool_use_id) = self.calls.answer(id) else {
            // The provider refuses a result that nobody has asked for.
            self.notes.note(&format!("messages[{index}]"));
            return Ok(());
        };
        let mut contents = self.contents(said, index)?;
        self.mark_last(&mut contents, said.cache.as_ref());
        let cache = contents.iter().rev().find_map(|content| content.cache);
        let blocks = contents.into_iter().map(|content| content.block);
        let (within, mut beside): (Vec<_>, Vec<_>) = blocks.partition(|block| self.fits(block));
        let within = within.into_iter().map(|block| self.as_result(block));
        let result = self.tool_result(tool_use_id, within.collect(), said.is_error);
        self.push_result(Content {
            block: result,
            cache,
        });
        let beside = beside.drain(..).map(Content::from);
        self.turn(Speaker::User).content.0.extend(beside);
        Ok(())
    }

    /// Whether the model takes a block within a result. Others go beside it.
    fn fits(&self, block: &Block<'_>) -> bool {
        match block {
            Block::Text(_) => true,
            Block::Document(_) | Block::Image(_) | Block::Video(_) => {
                self.capabilities.results == Results::Rich
            }
            _ => false,
        }
    }

    /// Words as the model takes them from a tool.
    fn as_result(&self, block: Block<'a>) -> Block<'a> {
        if self.capabilities.results == Results::Objects
            && let Block::Text(std::borrow::Cow::Borrowed(text)) = block
            && let Ok(json) = serde_json::from_str::<&RawValue>(text)
            && json.get().starts_with('{')
        {
            return Block::Json(json);
        }
        block
    }

    fn tool_result(
        &self,
        tool_use_id: String,
        mut content: Vec<Block<'a>>,
        is_error: bool,
    ) -> Block<'a> {
        if content.is_empty() {
            content.push(Block::text(PLACEHOLDER));
        }
        let status = if is_error { "error" } else { "success" };
        Block::ToolResult(ToolResult {
            tool_use_id,
            content,
            status: self.capabilities.result_status.then_some(status),
        })
    }

    fn push_result(&mut self, result: Content<'a>) {
        let turn = self.turn(Speaker::User);
        turn.content.0.insert(turn.results, result);
        turn.results += 1;
    }

    /// Makes up the results that are missing: the provider refuses a call without one.
    fn answer_missing(&mut self) {
        for call in self.calls.give_up() {
            let result = self.tool_result(call, vec![Block::text(NO_RESULT)], true);
            self.push_result(result.into());
        }
    }

    fn assistant(&mut self, said: &'a Message, index: usize) -> Result<(), Error> {
        match self.turns.last().map(|turn| turn.role) {
            None => {
                return Err(invalid(
                    format_args!("messages[{index}]"),
                    "must not come before the user's first message",
                ));
            }
            Some(Speaker::Assistant) => {}
            Some(Speaker::User) => self.answer_missing(),
        }
        if let Some(part) = said.content.iter().position(|part| part.words().is_none()) {
            let message = index;
            let at = At { message, part };
            return Err(unsupported(at, "the assistant says text only"));
        }
        let mut contents = Vec::new();
        if self.keeps_thinking {
            let thoughts = said.thinking.iter().filter_map(sealed);
            contents.extend(thoughts.map(|it| Content::from(Block::ReasoningContent(it))));
        }
        let mut words = self.contents(said, index)?;
        if let Some(refusal) = said.refusal.as_deref()
            && words.is_empty()
            && !refusal.trim().is_empty()
        {
            words.push(Block::text(refusal).into());
        }
        contents.append(&mut words);
        for call in &said.tool_calls {
            let block = self.call(call);
            contents.push(block.into());
        }
        self.mark_last(&mut contents, said.cache.as_ref());
        self.turn(Speaker::Assistant)
            .content
            .0
            .append(&mut contents);
        Ok(())
    }

    fn call(&mut self, call: &'a ToolCall) -> Block<'a> {
        let id = self.calls.call(&call.id, &native_id(&call.id), MAX_ID);
        Block::ToolUse(ToolUse {
            id,
            name: self.names.native(&call.name),
            input: Input::of(&call.input),
        })
    }

    fn contents(&mut self, said: &'a Message, message: usize) -> Result<Vec<Content<'a>>, Error> {
        let mut contents = Vec::with_capacity(said.content.len());
        for (index, part) in said.content.iter().enumerate() {
            let at = At {
                message,
                part: index,
            };
            if let Some(block) = self.parts.block(part, at)? {
                let cache = part.cache.as_ref();
                let cache = cache.and_then(|mark| self.marks.point(mark, self.notes));
                contents.push(Content { block, cache });
            }
        }
        Ok(contents)
    }

    /// Puts the cache mark of a message after the last of its blocks that can have one.
    fn mark_last(&mut self, contents: &mut [Content<'a>], cache: Option<&CacheMark>) {
        let Some(cache) = cache else { return };
        let mut contents = contents.iter_mut().rev();
        let is_thought = |content: &Content<'_>| content.block.rank() == 0;
        if let Some(content) = contents.find(|content| !is_thought(content))
            && content.cache.is_none()
        {
            content.cache = self.marks.point(cache, self.notes);
        }
    }
}

/// A thought that its provider takes back. The others are those of another provider.
fn sealed(block: &ThinkingBlock) -> Option<Thought<'_>> {
    Some(match block {
        ThinkingBlock::Redacted { data } => Thought::RedactedContent(STANDARD.encode(data)),
        ThinkingBlock::Thinking { text, signature } => Thought::ReasoningText {
            text,
            signature: signature.as_deref()?,
        },
    })
}

/// The most characters of a name of a call.
const MAX_ID: usize = 64;

/// A name of a call in the characters that the provider takes. Two names never become one.
fn native_id(id: &str) -> String {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    if (1..=MAX_ID).contains(&id.len()) && id.bytes().all(is_fine) {
        return id.to_owned();
    }
    let clean = id.chars().map(|c| match u8::try_from(c) {
        Ok(byte) if is_fine(byte) => c,
        _ => '_',
    });
    let clean: String = clean.take(MAX_ID - 9).collect();
    format!("{clean}_{}", ids::short_hash(id))
}
