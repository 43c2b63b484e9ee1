use steeplechase_core::Error;

use super::RequestOptions;
use super::native::Block;
use super::native::Speaker;
use super::native::Turn;
use super::parts;
use super::thinking::Plan;
use super::thinking::sealed;
use crate::anthropic::ids::native_id;
use crate::chat::CacheMark;
use crate::chat::ChatRequest;
use crate::chat::Message;
use crate::chat::Part;
use crate::chat::PartKind;
use crate::chat::Role;
use crate::chat::ToolCall;
use crate::chat::names::Names;
use crate::chat::notes::At;
use crate::chat::notes::Notes;
use crate::chat::notes::invalid;
use crate::chat::notes::unsupported;
use crate::chat::pairing::Pairing;
use crate::chat::stand_in::{Input, NO_RESULT, NOTE, PLACEHOLDER};

/// A conversation as the provider has it: the system apart, and turns of two that alternate.
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Block<'a>>,
    pub(super) turns: Vec<Turn<'a>>,
}

struct Builder<'a, 'b> {
    turns: Vec<Turn<'a>>,
    calls: Pairing<'a>,
    keeps_thinking: bool,
    names: &'b mut Names,
    notes: &'b mut Notes,
    betas: &'b mut Vec<&'static str>,
}

// ===== impl Conversation =====

impl<'a> Conversation<'a> {
    pub(super) fn new(
        chat: &'a ChatRequest,
        options: &RequestOptions<'_>,
        plan: &Plan,
        names: &mut Names,
        notes: &mut Notes,
        betas: &mut Vec<&'static str>,
    ) -> Result<Self, Error> {
        let leading = chat
            .messages
            .iter()
            .take_while(|said| said.role.is_system());
        let leading = leading.count();
        let mut system = Vec::new();
        for (index, said) in chat.messages[..leading].iter().enumerate() {
            system.extend(system_blocks(said, index)?);
        }
        let mut builder = Builder {
            turns: Vec::new(),
            calls: Pairing::default(),
            keeps_thinking: plan.keeps_blocks,
            names,
            notes,
            betas,
        };
        for (index, said) in chat.messages.iter().enumerate().skip(leading) {
            match said.role {
                Role::System | Role::Developer => {
                    let mut rest = chat.messages[index..].iter();
                    let next = rest.find(|next| !next.role.is_system());
                    let is_last = next.is_none_or(|next| next.role == Role::Assistant);
                    let may_stay = options.capabilities.mid_system && is_last;
                    builder.system(said, index, may_stay)?;
                }
                Role::User => builder.user(said, index)?,
                Role::Tool => builder.result(said, index)?,
                Role::Assistant => builder.assistant(said, index)?,
            }
        }
        builder.answer_missing();
        let turns = builder.turns;
        if turns.is_empty() {
            return Err(invalid("messages", "must have a message of the user"));
        }
        let mut conversation = Self { system, turns };
        conversation.fill_empty();
        conversation.end(options, plan)?;
        Ok(conversation)
    }

    pub(super) fn has_tools(&self) -> bool {
        let mut blocks = self.turns.iter().flat_map(|turn| &turn.content);
        blocks.any(|block| matches!(block, Block::ToolUse { .. } | Block::ToolResult { .. }))
    }

    fn fill_empty(&mut self) {
        for turn in &mut self.turns {
            if turn.content.is_empty() {
                turn.content.push(Block::text(PLACEHOLDER));
            }
        }
    }

    /// Sees to a last turn of the assistant's, which the provider takes for the start of its answer.
    fn end(&mut self, options: &RequestOptions<'_>, plan: &Plan) -> Result<(), Error> {
        let Some(last) = self.turns.last_mut() else {
            return Ok(());
        };
        if last.role != Speaker::Assistant {
            return Ok(());
        }
        if let Some(Block::Text { text, .. }) = last.content.last_mut() {
            *text = text.trim_end().to_owned().into();
        }
        if options.capabilities.prefill && !plan.is_asked {
            return Ok(());
        }
        if !options.append_user_continue {
            return Err(unsupported(
                "messages",
                "the model does not continue a last message of the assistant's; \
                 end with one of the user's",
            ));
        }
        let mut turn = Turn::new(Speaker::User);
        turn.content.push(Block::text("Continue."));
        self.turns.push(turn);
        Ok(())
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
        let mut blocks = self.blocks(said, message)?;
        mark_last(&mut blocks, said.cache.as_ref());
        self.turn(Speaker::User).content.append(&mut blocks);
        Ok(())
    }

    /// What the application says later. It stays where it is: what came before may be cached.
    fn system(&mut self, said: &'a Message, index: usize, may_stay: bool) -> Result<(), Error> {
        let mut blocks = system_blocks(said, index)?;
        let last = self.turns.last().map(|turn| turn.role);
        if blocks.is_empty() {
            return Ok(());
        }
        if may_stay && matches!(last, Some(Speaker::User | Speaker::System)) {
            self.turn(Speaker::System).content.append(&mut blocks);
            return Ok(());
        }
        if let Some(Block::Text { text, .. }) = blocks.first_mut() {
            *text = format!("{NOTE}{text}").into();
        }
        self.turn(Speaker::User).content.append(&mut blocks);
        Ok(())
    }

    /// A result, which comes before all else in its turn.
    fn result(&mut self, said: &'a Message, index: usize) -> Result<(), Error> {
        let id = said.tool_call_id.as_deref().unwrap_or_default();
        let Some(tool_use_id) = self.calls.answer(id) else {
            // The provider refuses a result that nobody has asked for.
            self.notes.note(&format!("messages[{index}]"));
            return Ok(());
        };
        let content = self.blocks(said, index)?;
        self.push_result(Block::ToolResult {
            tool_use_id,
            content,
            is_error: said.is_error,
            cache_control: said.cache.as_ref().map(|mark| &mark.0),
        });
        Ok(())
    }

    fn push_result(&mut self, result: Block<'a>) {
        let turn = self.turn(Speaker::User);
        turn.content.insert(turn.results, result);
        turn.results += 1;
    }

    /// Makes up the results that are missing: the provider refuses a call without one.
    fn answer_missing(&mut self) {
        let mut missing = self.calls.give_up().peekable();
        if missing.peek().is_none() {
            return;
        }
        // They belong before what the application has said last.
        let is_system = |turn: &Turn<'_>| turn.role == Speaker::System;
        let after = self.turns.pop_if(|turn| is_system(turn));
        for tool_use_id in missing {
            self.push_result(Block::ToolResult {
                tool_use_id,
                content: vec![Block::text(NO_RESULT)],
                is_error: true,
                cache_control: None,
            });
        }
        self.turns.extend(after);
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
            Some(Speaker::System | Speaker::User) => self.answer_missing(),
        }
        let mut blocks = Vec::new();
        if self.keeps_thinking {
            blocks.extend(said.thinking.iter().filter_map(sealed));
        }
        let is_sayable =
            |part: &Part| part.words().is_some() || matches!(part.kind, PartKind::Other(_));
        if let Some(part) = said.content.iter().position(|part| !is_sayable(part)) {
            let at = At {
                message: index,
                part,
            };
            return Err(unsupported(at, "the assistant says text only"));
        }
        let mut words = self.blocks(said, index)?;
        if let Some(refusal) = said.refusal.as_deref()
            && words.is_empty()
            && !refusal.trim().is_empty()
        {
            words.push(Block::text(refusal));
        }
        blocks.append(&mut words);
        for call in &said.tool_calls {
            let block = self.call(call);
            blocks.push(block);
        }
        mark_last(&mut blocks, said.cache.as_ref());
        self.turn(Speaker::Assistant).content.append(&mut blocks);
        Ok(())
    }

    fn call(&mut self, call: &'a ToolCall) -> Block<'a> {
        let id = self.calls.call(&call.id, &native_id(&call.id), usize::MAX);
        Block::ToolUse {
            id,
            name: self.names.native(&call.name),
            input: Input::of(&call.input),
            cache_control: None,
        }
    }

    fn blocks(&mut self, said: &'a Message, message: usize) -> Result<Vec<Block<'a>>, Error> {
        let mut blocks = Vec::with_capacity(said.content.len());
        for (index, part) in said.content.iter().enumerate() {
            let at = At {
                message,
                part: index,
            };
            blocks.extend(parts::block(part, at, self.betas)?);
        }
        Ok(blocks)
    }
}

/// What the application says, one block for each part, so that their cache marks stay apart.
fn system_blocks(said: &Message, message: usize) -> Result<Vec<Block<'_>>, Error> {
    let mut blocks = Vec::new();
    for (part, said) in said.content.iter().enumerate() {
        let at = At { message, part };
        if said.words().is_none() {
            return Err(unsupported(at, "a system message is text only"));
        }
        blocks.extend(parts::block(said, at, &mut Vec::new())?);
    }
    mark_last(&mut blocks, said.cache.as_ref());
    Ok(blocks)
}

/// Puts the cache mark of a message on the last of its blocks that can have one.
fn mark_last<'a>(blocks: &mut [Block<'a>], cache: Option<&'a CacheMark>) {
    let Some(cache) = cache else { return };
    let mark = blocks.iter_mut().rev().find_map(Block::mark);
    if let Some(mark) = mark {
        mark.get_or_insert(&cache.0);
    }
}
