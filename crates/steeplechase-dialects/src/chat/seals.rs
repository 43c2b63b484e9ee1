use std::sync::Arc;

use steeplechase_core::Dialect;

use super::ChatRequest;
use super::Message;

// ===== impl ChatRequest =====

impl ChatRequest {
    /// The call without the seals that are another provider's than one of a dialect: it would refuse
    /// the call for them. Seals of which it is not known whose they are stay.
    pub(crate) fn for_provider(self: Arc<Self>, dialect: Dialect) -> Arc<Self> {
        let is_foreign = |message: &Message| {
            let by = message.sealed_by;
            by.is_some_and(|by| family(by) != family(dialect))
        };
        if !self.messages.iter().any(is_foreign) {
            return self;
        }
        let mut chat = Arc::unwrap_or_clone(self);
        for message in chat.messages.iter_mut().filter(|said| is_foreign(said)) {
            message.thinking.clear();
            for call in &mut message.tool_calls {
                call.signature = None;
            }
        }
        Arc::new(chat)
    }
}

/// The makers of seals: Anthropic's models seal alike, wherever they run.
const fn family(dialect: Dialect) -> Dialect {
    match dialect {
        Dialect::Bedrock => Dialect::Anthropic,
        dialect => dialect,
    }
}
