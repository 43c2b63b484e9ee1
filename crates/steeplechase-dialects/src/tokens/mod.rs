//! How many tokens a text has, and a call.
//!
//! ```text
//!  model ──► Tokenizer ──► OpenAI's?   its own encoding, and the rules of its documentation    exact
//!                     └──► anybody's   weights by kinds of characters                          an estimate
//!
//!  a call's bytes ──► intake ──► Head::prompt    sampled, whatever the model                   rough
//!  a frame's words ──► translate ──► Chunk::said summed as they come                           an estimate
//! ```
//!
//! With the feature `tokens` the texts of OpenAI's models are counted by their own encodings, `o200k_base` and
//! `cl100k_base`. An encoding is unpacked the first time that it is asked for, which takes about 0.1 s and
//! 30 MB, and is kept. Without the feature everything is an estimate.
//!
//! # What is exact
//!
//! [`Count::is_exact`] says that the model's own encoding has been used, by rules that OpenAI has published: for
//! texts, names and roles, for tools with a flat schema, and for pictures of a known size. Calls of tools and
//! their results, files, sound and schemas for answers are estimated, and make the whole an estimate.
//! OpenAI says itself of its rules that they may change from model to model.
//!
//! # The estimate
//!
//! A text's tokens are the sum of the weights of its characters, and a character's weight depends on its kind
//! alone: a small letter of English is a fifth of a token, a digit four fifths, a Chinese character about one.
//! The tables are in `weights.rs`, one for each family of models. They are fitted to the counts of the families'
//! own tokenizers on prose in 40 languages, on code, on JSON and on logs: `tests/samples.rs` has texts with the
//! counts of all of them.
//!
//! | Kind of text                                     | The estimate is off by               |
//! |--------------------------------------------------|--------------------------------------|
//! | English, code, Markdown                          | 5 % on average, up to 20 %           |
//! | JSON                                             | up to 30 %, mostly too few           |
//! | other large languages                            | 15 % on average, up to 40 %          |
//! | languages that a family's vocabulary does not know | too few, by half and more          |
//! | keys, hashes, base64                             | too few, by half                     |
//!
//! Anthropic has published one tokenizer, that of an older Claude, and the weights are of that; newer models have
//! up to a third more. Gemini's are those of Gemma, Mistral's of Tekken, Llama's of Llama 3.
//!
//! # What it costs
//!
//! Time and memory are linear in the text, whatever it is: an estimate takes a third of a nanosecond a byte. An
//! encoding counts ordinary text at 10 ns a byte and less, and the worst, as a megabyte of one letter, at
//! 0.2 µs a byte. Who has more than a few KiB to count does that where others do not wait.
//!
//! # Example
//!
//! ```
//! use steeplechase_dialects::tokens;
//!
//! let count = tokens::count_text("claude-sonnet-4-5", "A race over hedges.");
//! assert!(!count.is_exact);
//! assert!((4..=8).contains(&count.tokens));
//! ```

mod call;
mod chat;
mod count;
#[cfg(feature = "tokens")]
mod encoding;
mod family;
mod gap;
mod images;
mod rough;
mod tokenizer;
mod tools;
mod weights;

#[cfg(test)]
mod tests;

pub use self::call::{count_call, estimate_call};
pub use self::count::{Count, count, count_answer, count_embed, count_text};
pub use self::family::Family;
pub(crate) use self::gap::Gap;
pub(crate) use self::rough::{is_prompt, rough};
pub use self::tokenizer::Tokenizer;
pub(crate) use self::weights::Weights;
