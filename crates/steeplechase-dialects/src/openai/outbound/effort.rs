use serde_json::json;
use steeplechase_core::Error;

use super::models::Family;
use super::quirks::{Knob, Quirks};
use crate::chat::notes::Notes;
use crate::chat::{ChatRequest, Effort};
use crate::json::Fields;

/// Says how hard to think, in the way that the provider knows.
///
/// Who has asked for it in Anthropic's words knows nothing of the model's: then it is only said where it is
/// known to be understood.
pub(super) fn write(
    chat: &ChatRequest,
    quirks: &Quirks,
    family: Family,
    params: &mut Fields,
    notes: &mut Notes,
) -> Result<(), Error> {
    let Some(effort) = chat.effort() else {
        return Ok(());
    };
    let is_named = chat.reasoning_effort.is_some();
    let name = match quirks.effort {
        Knob::Switch => {
            let kind = match effort {
                Effort::None => "disabled",
                _ => "enabled",
            };
            params.insert("thinking".into(), json!({ "type": kind }));
            return Ok(());
        }
        Knob::IfNamed if !is_named => None,
        Knob::Effort | Knob::IfNamed => family.effort(effort),
    };
    match name {
        Some(name) => {
            params.insert("reasoning_effort".into(), name.into());
            if name != effort.as_str() {
                notes.note(field(is_named));
            }
            Ok(())
        }
        None if effort == Effort::None => Ok(()),
        None if is_named => notes.refuse("reasoning_effort", "the model does not think"),
        None => {
            notes.note(field(is_named));
            Ok(())
        }
    }
}

const fn field(is_named: bool) -> &'static str {
    if is_named {
        "reasoning_effort"
    } else {
        "thinking"
    }
}
