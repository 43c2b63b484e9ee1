//! The fields that Cohere knows.

use crate::shape::Kind::{Any, Flag, Integer, List, Map, Number, Object, Text, Word};
use crate::shape::Shape;

/// A request for a chat.
pub(super) static CHAT: Shape = Shape::of(&[
    ("model", Text),
    ("messages", List(&Object(&MESSAGE))),
    ("stream", Flag),
    ("tools", List(&Object(&TOOL))),
    ("strict_tools", Flag),
    ("tool_choice", Word(&["REQUIRED", "NONE"])),
    ("documents", List(&Any)),
    ("citation_options", Map(&Any)),
    ("response_format", Object(&FORMAT)),
    ("safety_mode", Word(&["CONTEXTUAL", "STRICT", "OFF"])),
    ("max_tokens", Integer),
    ("stop_sequences", List(&Text)),
    ("temperature", Number),
    ("seed", Integer),
    ("frequency_penalty", Number),
    ("presence_penalty", Number),
    ("k", Integer),
    ("p", Number),
    ("logprobs", Flag),
    ("thinking", Object(&THINKING)),
    ("priority", Integer),
    ("raw_prompting", Flag),
]);

/// A request for vectors.
pub(super) static EMBED: Shape = Shape::of(&[
    ("model", Text),
    (
        "input_type",
        Word(&[
            "search_document",
            "search_query",
            "classification",
            "clustering",
            "image",
        ]),
    ),
    ("texts", List(&Text)),
    ("images", List(&Text)),
    ("inputs", List(&Any)),
    ("embedding_types", List(&Text)),
    ("output_dimension", Integer),
    ("max_tokens", Integer),
    ("truncate", Word(&["NONE", "START", "END"])),
    ("priority", Integer),
]);

/// A request to rank documents.
pub(super) static RERANK: Shape = Shape::of(&[
    ("model", Text),
    ("query", Text),
    ("documents", List(&Text)),
    ("top_n", Integer),
    ("max_tokens_per_doc", Integer),
    ("relevant_spans", Any),
    ("priority", Integer),
]);

static MESSAGE: Shape = Shape::of(&[
    ("role", Word(&["system", "user", "assistant", "tool"])),
    ("content", Any),
    ("tool_calls", List(&Object(&CALL))),
    ("tool_plan", Text),
    ("tool_call_id", Text),
    ("citations", Any),
]);

static CALL: Shape = Shape::of(&[
    ("id", Text),
    ("type", Word(&["function"])),
    ("function", Object(&CALLED)),
]);

static CALLED: Shape = Shape::of(&[("name", Text), ("arguments", Text)]);

static TOOL: Shape = Shape::of(&[
    ("type", Word(&["function"])),
    ("function", Object(&FUNCTION)),
]);

static FUNCTION: Shape = Shape::of(&[
    ("name", Text),
    ("description", Text),
    ("parameters", Map(&Any)),
]);

static FORMAT: Shape = Shape::of(&[
    ("type", Word(&["text", "json_object"])),
    ("json_schema", Map(&Any)),
]);

static THINKING: Shape = Shape::of(&[
    ("type", Word(&["enabled", "disabled"])),
    ("token_budget", Integer),
]);
