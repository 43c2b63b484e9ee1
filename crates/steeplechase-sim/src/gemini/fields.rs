//! The fields that Gemini knows.

use crate::shape::Kind::{Any, Bytes, Flag, Integer, List, Map, Number, Object, Text, Word};
use crate::shape::Shape;

/// What only Vertex AI knows.
pub(super) const VERTEX_ONLY: [&str; 13] = [
    "audioTimestamp",
    "displayName",
    "enterpriseWebSearch",
    "labels",
    "method",
    "modelArmorConfig",
    "modelSelectionConfig",
    "parallelAiSearch",
    "partialArgs",
    "retrieval",
    "routingConfig",
    "streamFunctionCallArguments",
    "exaAiSearch",
];

/// What only AI Studio knows.
pub(super) const STUDIO_ONLY: [&str; 6] = [
    "fileSearch",
    "includeServerSideToolInvocations",
    "mcpServers",
    "partMetadata",
    "toolCall",
    "toolResponse",
];

/// A request to generate.
pub(super) static GENERATE: Shape = Shape::of(&[
    ("model", Text),
    ("contents", List(&Object(&CONTENT))),
    ("systemInstruction", Object(&CONTENT)),
    ("tools", List(&Object(&TOOL))),
    ("toolConfig", Object(&TOOL_CONFIG)),
    ("safetySettings", List(&Object(&SAFETY))),
    ("generationConfig", Object(&GENERATION)),
    ("cachedContent", Text),
    ("labels", Map(&Text)),
    ("modelArmorConfig", Any),
    ("serviceTier", Text),
    ("store", Flag),
]);

/// A request to count.
pub(super) static COUNT: Shape = Shape::of(&[
    ("model", Text),
    ("contents", List(&Object(&CONTENT))),
    ("generateContentRequest", Object(&GENERATE)),
    // Vertex AI.
    ("instances", List(&Any)),
    ("systemInstruction", Object(&CONTENT)),
    ("tools", List(&Object(&TOOL))),
    ("generationConfig", Object(&GENERATION)),
]);

/// A request for one vector.
pub(super) static EMBED: Shape = Shape::of(&[
    ("model", Text),
    ("content", Object(&CONTENT)),
    ("taskType", Text),
    ("title", Text),
    ("outputDimensionality", Integer),
    ("embedContentConfig", Any),
    ("autoTruncate", Flag),
])
.with(&["content"]);

/// A request for several.
pub(super) static EMBED_BATCH: Shape =
    Shape::of(&[("requests", List(&Object(&EMBED)))]).with(&["requests"]);

static CONTENT: Shape = Shape::of(&[("role", Text), ("parts", List(&Object(&PART)))]);

static PART: Shape = Shape::of(&[
    ("text", Text),
    ("thought", Flag),
    ("thoughtSignature", Bytes),
    ("inlineData", Object(&BLOB)),
    ("fileData", Object(&FILE)),
    ("functionCall", Object(&CALL)),
    ("functionResponse", Object(&RESPONSE)),
    ("executableCode", Any),
    ("codeExecutionResult", Any),
    ("toolCall", Any),
    ("toolResponse", Any),
    ("videoMetadata", Any),
    ("mediaResolution", Any),
    ("partMetadata", Any),
]);

static BLOB: Shape = Shape::of(&[("mimeType", Text), ("data", Bytes), ("displayName", Text)]);

static FILE: Shape = Shape::of(&[("mimeType", Text), ("fileUri", Text), ("displayName", Text)]);

static CALL: Shape = Shape::of(&[
    ("id", Text),
    ("name", Text),
    ("args", Map(&Any)),
    ("partialArgs", Any),
    ("willContinue", Flag),
]);

static RESPONSE: Shape = Shape::of(&[
    ("id", Text),
    ("name", Text),
    ("response", Map(&Any)),
    ("parts", List(&Object(&RESPONSE_PART))),
    ("scheduling", Text),
    ("willContinue", Flag),
]);

static RESPONSE_PART: Shape =
    Shape::of(&[("inlineData", Object(&BLOB)), ("fileData", Object(&FILE))]);

static TOOL: Shape = Shape::of(&[
    ("functionDeclarations", List(&Object(&FUNCTION))),
    ("codeExecution", Any),
    ("computerUse", Any),
    ("enterpriseWebSearch", Any),
    ("exaAiSearch", Any),
    ("fileSearch", Any),
    ("googleMaps", Any),
    ("googleSearch", Any),
    ("googleSearchRetrieval", Any),
    ("mcpServers", Any),
    ("parallelAiSearch", Any),
    ("retrieval", Any),
    ("urlContext", Any),
]);

static FUNCTION: Shape = Shape::of(&[
    ("name", Text),
    ("description", Text),
    ("behavior", Text),
    ("parameters", Object(&SCHEMA)),
    ("parametersJsonSchema", Any),
    ("response", Object(&SCHEMA)),
    ("responseJsonSchema", Any),
]);

/// A part of JSON Schema, and a bit more.
static SCHEMA: Shape = Shape::of(&[
    (
        "type",
        Word(&[
            "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL",
        ]),
    ),
    ("format", Text),
    ("title", Text),
    ("description", Text),
    ("nullable", Flag),
    ("default", Any),
    ("example", Any),
    ("enum", List(&Text)),
    ("items", Object(&SCHEMA)),
    ("minItems", Integer),
    ("maxItems", Integer),
    ("properties", Map(&Object(&SCHEMA))),
    ("propertyOrdering", List(&Text)),
    ("required", List(&Text)),
    ("minProperties", Integer),
    ("maxProperties", Integer),
    ("anyOf", List(&Object(&SCHEMA))),
    ("minimum", Number),
    ("maximum", Number),
    ("minLength", Integer),
    ("maxLength", Integer),
    ("pattern", Text),
]);

static TOOL_CONFIG: Shape = Shape::of(&[
    ("functionCallingConfig", Object(&CALLING)),
    ("retrievalConfig", Any),
    ("includeServerSideToolInvocations", Flag),
]);

static CALLING: Shape = Shape::of(&[
    (
        "mode",
        Word(&["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"]),
    ),
    ("allowedFunctionNames", List(&Text)),
    ("streamFunctionCallArguments", Flag),
]);

static SAFETY: Shape = Shape::of(&[
    (
        "category",
        Word(&[
            "HARM_CATEGORY_HARASSMENT",
            "HARM_CATEGORY_HATE_SPEECH",
            "HARM_CATEGORY_SEXUALLY_EXPLICIT",
            "HARM_CATEGORY_DANGEROUS_CONTENT",
            "HARM_CATEGORY_CIVIC_INTEGRITY",
        ]),
    ),
    (
        "threshold",
        Word(&[
            "BLOCK_LOW_AND_ABOVE",
            "BLOCK_MEDIUM_AND_ABOVE",
            "BLOCK_ONLY_HIGH",
            "BLOCK_NONE",
            "OFF",
        ]),
    ),
    ("method", Text),
]);

static GENERATION: Shape = Shape::of(&[
    ("audioTimestamp", Flag),
    ("candidateCount", Integer),
    ("enableEnhancedCivicAnswers", Flag),
    ("frequencyPenalty", Number),
    ("imageConfig", Any),
    ("logprobs", Integer),
    ("maxOutputTokens", Integer),
    ("mediaResolution", Text),
    ("modelSelectionConfig", Any),
    ("presencePenalty", Number),
    ("responseFormat", Any),
    ("responseJsonSchema", Any),
    ("responseLogprobs", Flag),
    ("responseMimeType", Text),
    (
        "responseModalities",
        List(&Word(&["TEXT", "IMAGE", "AUDIO", "MODALITY_UNSPECIFIED"])),
    ),
    ("responseSchema", Object(&SCHEMA)),
    ("routingConfig", Any),
    ("seed", Integer),
    ("speechConfig", Any),
    ("stopSequences", List(&Text)),
    ("temperature", Number),
    ("thinkingConfig", Object(&THINKING)),
    ("topK", Number),
    ("topP", Number),
]);

static THINKING: Shape = Shape::of(&[
    ("includeThoughts", Flag),
    ("thinkingBudget", Integer),
    (
        "thinkingLevel",
        Word(&[
            "THINKING_LEVEL_UNSPECIFIED",
            "MINIMAL",
            "LOW",
            "MEDIUM",
            "HIGH",
            "XHIGH",
        ]),
    ),
]);
