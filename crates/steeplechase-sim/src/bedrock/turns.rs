//! Refuses conversations that Bedrock would refuse.
//!
//! ```text
//! user ─► assistant: toolUse a, toolUse b ─► user: toolResult a, toolResult b, text ─► …
//!                       └── each has its result in the very next message ──┘
//! ```

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::check::constrained;
use super::tools::is_name;
use crate::refusal::Refusal;

/// The most images and documents in a conversation's message.
const MAX_IMAGES: usize = 20;
const MAX_DOCUMENTS: usize = 5;

/// Checks the messages. Returns whether the last of them is the user's own.
pub(super) fn check(body: &Map<String, Value>, claude: bool) -> Result<bool, Refusal> {
    let messages = body.get("messages").and_then(Value::as_array);
    let messages = messages.map_or(&[][..], Vec::as_slice);
    if messages.is_empty() {
        return Err(Refusal::bad(
            "The messages field is empty. Add a message to the messages field and try again.",
        ));
    }
    if messages[0]["role"] != "user" {
        return Err(Refusal::bad(
            "A conversation must start with a user message. Try again with a conversation that \
             starts with a user message.",
        ));
    }
    let system = body.get("system").and_then(Value::as_array);
    if system
        .into_iter()
        .flatten()
        .any(|block| block["text"] == "")
    {
        let constraint = "Member must have length greater than or equal to 1";
        return Err(constrained(&"".into(), "system.1.member.text", constraint));
    }
    let mut open = HashSet::new();
    let mut documents = HashSet::new();
    for (number, message) in messages.iter().enumerate() {
        let before = number
            .checked_sub(1)
            .and_then(|before| messages.get(before));
        if before.is_some_and(|before| before["role"] == message["role"]) {
            return Err(Refusal::bad(
                "A conversation must alternate between user and assistant roles. Make sure the \
                 conversation alternates between user and assistant roles and try again.",
            ));
        }
        blocks(message, number, &mut documents)?;
        pairing(message, number, &mut open)?;
    }
    if !open.is_empty() {
        return Err(unanswered(&open, messages.len()));
    }
    let with_tools = messages.iter().flat_map(content);
    let with_tools = with_tools
        .into_iter()
        .any(|b| !b["toolUse"].is_null() || !b["toolResult"].is_null());
    if with_tools && body.get("toolConfig").is_none_or(Value::is_null) {
        return Err(Refusal::bad(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        ));
    }
    let last = messages.last().unwrap_or(&Value::Null);
    if last["role"] == "assistant" && !claude {
        return Err(Refusal::bad(
            "A conversation must end with a user message. Try again with a conversation that ends \
             with a user message.",
        ));
    }
    let results = content(last).any(|block| !block["toolResult"].is_null());
    Ok(last["role"] == "user" && !results)
}

/// Each block by itself, and how many of a kind there are.
fn blocks<'a>(
    message: &'a Value,
    number: usize,
    documents: &mut HashSet<&'a str>,
) -> Result<(), Refusal> {
    let (mut images, mut files, mut texts) = (0, 0, 0);
    if content(message).next().is_none() {
        return Err(Refusal::bad(format!(
            "The content field in the Message object at messages.{number} is empty. Add a \
             ContentBlock object to the content field and try again."
        )));
    }
    for (index, block) in content(message).enumerate() {
        let place = format!("messages.{number}.content.{index}");
        if let Some(text) = block["text"].as_str() {
            texts += 1;
            if text.trim().is_empty() {
                return Err(Refusal::bad(format!(
                    "The text field in the ContentBlock object at {place} is blank. Add text to the \
                     text field, and try again."
                )));
            }
        }
        let media = ["image", "document", "video", "audio"];
        if message["role"] == "assistant" && media.iter().any(|kind| !block[*kind].is_null()) {
            return Err(Refusal::bad(format!(
                "The {place} block is not supported for the role assistant."
            )));
        }
        images += usize::from(!block["image"].is_null());
        if let Some(name) = block["document"]["name"].as_str() {
            files += 1;
            document(name, documents)?;
        }
    }
    if images > MAX_IMAGES || files > MAX_DOCUMENTS {
        return Err(Refusal::bad(format!(
            "messages.{number} has {images} images and {files} documents: at most {MAX_IMAGES} and \
             {MAX_DOCUMENTS} are allowed."
        )));
    }
    if files > 0 && texts == 0 {
        return Err(Refusal::bad(format!(
            "messages.{number} has a document and no text. Add a text block and try again."
        )));
    }
    Ok(())
}

fn document<'a>(name: &'a str, known: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    let within = |c: char| c.is_ascii_alphanumeric() || " -()[]".contains(c);
    if name.is_empty() || name.len() > 200 || !name.chars().all(within) || name.contains("  ") {
        return Err(Refusal::bad(
            "The document file name can only contain alphanumeric characters, whitespace characters, \
             hyphens, parentheses, and square brackets. The name can't contain more than one \
             consecutive whitespace character.",
        ));
    }
    if !known.insert(name) {
        let message = "Duplicate document names are not allowed in a request.";
        return Err(Refusal::bad(message));
    }
    Ok(())
}

fn pairing<'a>(
    message: &'a Value,
    number: usize,
    open: &mut HashSet<&'a str>,
) -> Result<(), Refusal> {
    let mut used = HashSet::new();
    for (index, block) in content(message).enumerate() {
        for (field, role) in [("toolUse", "assistant"), ("toolResult", "user")] {
            let tool = &block[field];
            let Some(id) = tool["toolUseId"].as_str() else {
                continue;
            };
            let place = format!(
                "messages.{}.member.content.{}.member.{field}",
                number + 1,
                index + 1
            );
            if !is_name(id, "_.:-") {
                let constraint = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.:-]+";
                return Err(constrained(
                    &tool["toolUseId"],
                    &format!("{place}.toolUseId"),
                    constraint,
                ));
            }
            if message["role"] != role {
                return Err(Refusal::bad(format!(
                    "A {field} block may only be in a message of the {role}."
                )));
            }
            if field == "toolUse" && !used.insert(id) {
                return Err(Refusal::bad(format!(
                    "The toolUse ids at messages.{number}.content must be unique: {id}."
                )));
            }
            if field == "toolResult" && !open.remove(id) {
                return Err(Refusal::bad(format!(
                    "The number of toolResult blocks at messages.{number}.content exceeds the number \
                     of toolUse blocks of previous turn."
                )));
            }
            if field == "toolResult" && tool["status"] == "error" && tool["content"][0].is_null() {
                return Err(Refusal::bad(format!(
                    "The content field at messages.{number}.content.{index}.toolResult cannot be \
                     empty when status value is error."
                )));
            }
        }
    }
    if !open.is_empty() {
        return Err(unanswered(open, number));
    }
    *open = used;
    Ok(())
}

fn unanswered(open: &HashSet<&str>, number: usize) -> Refusal {
    let mut ids: Vec<_> = open.iter().copied().collect();
    ids.sort_unstable();
    Refusal::bad(format!(
        "Expected toolResult blocks at messages.{number}.content for the following Ids: {}",
        ids.join(", ")
    ))
}

fn content(message: &Value) -> impl Iterator<Item = &Value> {
    message["content"].as_array().into_iter().flatten()
}
