use super::messages::Conversation;
use super::native::Block;
use super::native::NativeTool;
use crate::chat::notes::Notes;
use crate::json::Fields;

/// The provider refuses a fifth.
const MAX_MARKS: usize = 4;

/// Keeps the last cache marks: each covers all that is before it.
pub(super) fn limit<'a>(
    tools: &mut [NativeTool<'a>],
    conversation: &mut Conversation<'a>,
    notes: &mut Notes,
) {
    let mut marks: Vec<&mut Option<&'a Fields>> = Vec::new();
    marks.extend(tools.iter_mut().map(NativeTool::mark));
    collect(&mut conversation.system, &mut marks);
    for turn in &mut conversation.turns {
        collect(&mut turn.content, &mut marks);
    }
    marks.retain(|mark| mark.is_some());
    let too_many = marks.len().saturating_sub(MAX_MARKS);
    for mark in marks.into_iter().take(too_many) {
        *mark = None;
        notes.note("cache_control");
    }
}

fn collect<'b, 'a>(blocks: &'b mut [Block<'a>], marks: &mut Vec<&'b mut Option<&'a Fields>>) {
    for block in blocks {
        if let Block::ToolResult {
            content,
            cache_control,
            ..
        } = block
        {
            marks.extend(content.iter_mut().filter_map(Block::mark));
            marks.push(cache_control);
        } else {
            marks.extend(block.mark());
        }
    }
}
