//! The fields that Bedrock's conversations know, after its service model.

use crate::shape::Kind::{Any, Bytes, Flag, Integer, List, Map, Number, Object, Text, Word};
use crate::shape::Shape;

/// A request for a conversation's next turn.
pub(super) static CONVERSE: Shape = Shape::of(&[
    ("messages", List(&Object(&MESSAGE))),
    ("system", List(&Object(&SYSTEM))),
    ("inferenceConfig", Object(&INFERENCE)),
    ("toolConfig", Object(&TOOL_CONFIG)),
    ("guardrailConfig", Object(&GUARDRAIL)),
    ("additionalModelRequestFields", Any),
    ("additionalModelResponseFieldPaths", List(&Text)),
    ("outputConfig", Object(&OUTPUT)),
    ("performanceConfig", Object(&PERFORMANCE)),
    ("projectIdentifier", Text),
    ("promptVariables", Map(&Object(&ONLY_TEXT))),
    ("requestMetadata", Map(&Text)),
    ("serviceTier", Object(&TIER)),
]);

static MESSAGE: Shape = Shape::of(&[
    ("role", Word(&["user", "assistant"])),
    ("content", List(&Object(&BLOCK))),
])
.with(&["role", "content"]);

static BLOCK: Shape = Shape::one_of(&[
    ("text", Text),
    ("image", Object(&IMAGE)),
    ("document", Object(&DOCUMENT)),
    ("video", Object(&VIDEO)),
    ("audio", Object(&AUDIO)),
    ("toolUse", Object(&TOOL_USE)),
    ("toolResult", Object(&TOOL_RESULT)),
    ("guardContent", Object(&GUARDED)),
    ("cachePoint", Object(&CACHE_POINT)),
    ("reasoningContent", Object(&REASONING)),
    ("citationsContent", Any),
    ("searchResult", Any),
]);

static SYSTEM: Shape = Shape::one_of(&[
    ("text", Text),
    ("guardContent", Object(&GUARDED)),
    ("cachePoint", Object(&CACHE_POINT)),
]);

static IMAGE: Shape = Shape::of(&[
    ("format", Word(&["png", "jpeg", "gif", "webp"])),
    ("source", Object(&SOURCE)),
])
.with(&["format", "source"]);

static SOURCE: Shape = Shape::one_of(&[("bytes", Bytes), ("s3Location", Object(&S3))]);

static S3: Shape = Shape::of(&[("uri", Text), ("bucketOwner", Text)]).with(&["uri"]);

static DOCUMENT: Shape = Shape::of(&[
    (
        "format",
        Word(&[
            "pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md",
        ]),
    ),
    ("name", Text),
    ("source", Object(&DOCUMENT_SOURCE)),
    ("context", Text),
    ("citations", Any),
])
.with(&["name", "source"]);

static DOCUMENT_SOURCE: Shape = Shape::one_of(&[
    ("bytes", Bytes),
    ("s3Location", Object(&S3)),
    ("text", Text),
    ("content", List(&Object(&ONLY_TEXT))),
]);

static VIDEO: Shape = Shape::of(&[
    (
        "format",
        Word(&[
            "mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp",
        ]),
    ),
    ("source", Object(&SOURCE)),
])
.with(&["format", "source"]);

static AUDIO: Shape = Shape::of(&[
    (
        "format",
        Word(&[
            "mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a",
            "mpeg", "mpga", "pcm", "webm",
        ]),
    ),
    ("source", Object(&SOURCE)),
])
.with(&["format", "source"]);

static TOOL_USE: Shape = Shape::of(&[
    ("toolUseId", Text),
    ("name", Text),
    ("input", Map(&Any)),
    ("type", Word(&["server_tool_use"])),
])
.with(&["toolUseId", "name", "input"]);

static TOOL_RESULT: Shape = Shape::of(&[
    ("toolUseId", Text),
    ("content", List(&Object(&RESULT))),
    ("status", Word(&["success", "error"])),
    ("type", Text),
])
.with(&["toolUseId", "content"]);

static RESULT: Shape = Shape::one_of(&[
    ("json", Map(&Any)),
    ("text", Text),
    ("image", Object(&IMAGE)),
    ("document", Object(&DOCUMENT)),
    ("video", Object(&VIDEO)),
    ("searchResult", Any),
]);

static GUARDED: Shape = Shape::one_of(&[("text", Any), ("image", Any)]);

static CACHE_POINT: Shape =
    Shape::of(&[("type", Word(&["default"])), ("ttl", Word(&["5m", "1h"]))]).with(&["type"]);

static REASONING: Shape = Shape::one_of(&[
    ("reasoningText", Object(&REASONING_TEXT)),
    ("redactedContent", Bytes),
]);

static REASONING_TEXT: Shape = Shape::of(&[("text", Text), ("signature", Text)]).with(&["text"]);

static ONLY_TEXT: Shape = Shape::one_of(&[("text", Text)]);

static INFERENCE: Shape = Shape::of(&[
    ("maxTokens", Integer),
    ("temperature", Number),
    ("topP", Number),
    ("stopSequences", List(&Text)),
]);

static TOOL_CONFIG: Shape = Shape::of(&[
    ("tools", List(&Object(&TOOL))),
    ("toolChoice", Object(&CHOICE)),
])
.with(&["tools"]);

static TOOL: Shape = Shape::one_of(&[
    ("toolSpec", Object(&SPEC)),
    ("systemTool", Object(&NAMED)),
    ("cachePoint", Object(&CACHE_POINT)),
]);

static SPEC: Shape = Shape::of(&[
    ("name", Text),
    ("description", Text),
    ("inputSchema", Object(&JSON_SCHEMA)),
    ("strict", Flag),
])
.with(&["name", "inputSchema"]);

static JSON_SCHEMA: Shape = Shape::one_of(&[("json", Any)]);

static NAMED: Shape = Shape::of(&[("name", Text)]).with(&["name"]);

static NOTHING: Shape = Shape::of(&[]);

static CHOICE: Shape = Shape::one_of(&[
    ("auto", Object(&NOTHING)),
    ("any", Object(&NOTHING)),
    ("tool", Object(&NAMED)),
]);

static GUARDRAIL: Shape = Shape::of(&[
    ("guardrailIdentifier", Text),
    ("guardrailVersion", Text),
    ("trace", Word(&["enabled", "disabled", "enabled_full"])),
    ("streamProcessingMode", Word(&["sync", "async"])),
]);

static OUTPUT: Shape = Shape::of(&[("textFormat", Object(&FORMAT)), ("effort", Text)]);

static FORMAT: Shape = Shape::of(&[
    ("type", Word(&["json_schema"])),
    ("structure", Object(&STRUCTURE)),
])
.with(&["type", "structure"]);

static STRUCTURE: Shape = Shape::one_of(&[("jsonSchema", Object(&TEXT_SCHEMA))]);

/// The schema is a text.
static TEXT_SCHEMA: Shape =
    Shape::of(&[("schema", Text), ("name", Text), ("description", Text)]).with(&["schema"]);

static PERFORMANCE: Shape = Shape::of(&[("latency", Word(&["standard", "optimized"]))]);

static TIER: Shape =
    Shape::of(&[("type", Word(&["priority", "default", "flex", "reserved"]))]).with(&["type"]);
