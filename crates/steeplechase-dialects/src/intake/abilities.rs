use memchr::memmem;
use steeplechase_core::model_info::Ability;
use steeplechase_core::{Call, Operation};

/// Whether a call of a chat certainly needs that its model can do something. `false` if it does not, or if that
/// cannot be seen: what a picture in a file is, nobody knows before it is read.
///
/// It looks at the bytes, without a parse, so it is for whoever has a reason to ask: a model that is known to
/// lack the ability.
///
/// ```
/// use bytes::Bytes;
/// use steeplechase_core::model_info::Ability;
/// use steeplechase_core::{Call, Dialect, Operation};
/// use steeplechase_dialects::intake::{needs, scan};
///
/// let raw = Bytes::from(
///     r#"{"model":"m","messages":[{"role":"user","content":[
///         {"type":"image_url","image_url":{"url":"https://example.com/horse.png"}}]}]}"#,
/// );
/// let head = scan(&raw)?;
/// let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
/// assert!(needs(&call, Ability::Vision) && !needs(&call, Ability::Tools));
/// # Ok::<_, steeplechase_core::Error>(())
/// ```
pub fn needs(call: &Call, ability: Ability) -> bool {
    if call.operation() != Operation::Chat {
        return false;
    }
    let raw = call.raw();
    let has = |names: &[&str]| names.iter().any(|name| has_type(raw, name));
    match ability {
        Ability::AudioIn => has(&["input_audio"]),
        Ability::JsonSchema => has(&["json_schema"]),
        Ability::Pdf => {
            memmem::find(raw, b"application/pdf").is_some()
                && has(&["file", "input_file", "document"])
        }
        Ability::Tools => call.head().tools,
        Ability::Vision => has(&["image_url", "input_image", "image"]),
        _ => false,
    }
}

/// Whether somewhere in some JSON there is an object with this `type`. A text that has it in it does not count:
/// there the quotes are escaped.
fn has_type(raw: &[u8], name: &str) -> bool {
    let quoted = format!("\"{name}\"");
    memmem::find_iter(raw, &quoted).any(|at| {
        let before = raw[..at].trim_ascii_end().strip_suffix(b":");
        before.is_some_and(|before| before.trim_ascii_end().ends_with(b"\"type\""))
    })
}
