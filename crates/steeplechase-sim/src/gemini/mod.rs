//! Gemini's dialect, in Google's AI Studio and on its Vertex AI.
//!
//! ```text
//! …/v1beta/models/{model}:generateContent                                       x-goog-api-key
//! …/projects/{p}/locations/{l}/publishers/google/models/{model}:generateContent  bearer
//!
//! body ─► fields ─► check ─► turns ─► tools ─► Ask ─► Reply ─┬─► whole     one object
//!            │                                               └─► stream    such objects, no end mark
//!            └─► error
//! ```

mod check;
mod config;
mod dialect;
mod embed;
mod family;
mod fields;
mod schema;
mod stream;
mod tools;
mod turns;
mod whole;

pub(crate) use self::dialect::{STUDIO, VERTEX};
