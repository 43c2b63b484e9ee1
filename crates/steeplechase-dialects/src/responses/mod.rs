//! OpenAI's Responses, as callers speak them.
//!
//! ```text
//! the call ──► a provider that speaks it: forwarded ────────────────► Judge: content? end? usage?
//!          └─► another: parse ──► ChatRequest, Terms ─► … ─► Event ─► Encoder ─► response.… events
//!                                                     └─ Answer ────────┘     └► a response
//! ```
//!
//! Nothing is kept here from one call to the next. A caller sends the whole conversation, and is told so
//! if it refers to an earlier response, to a conversation or to an item by name; a provider that has
//! this API of its own gets such calls as they are. `store` is always `false` in an answer.
//!
//! # Reasoning
//!
//! What a model has thought is an item before the item to which it has led. Providers that seal it,
//! and want it back in the next call, get it back: with `reasoning.encrypted_content` in `include` the
//! item carries the seals, in a form of our own that names its version and whose they are. No provider
//! is shown another's.
//!
//! # Tools
//!
//! | Tool                               | For a provider without this API                             |
//! |------------------------------------|-------------------------------------------------------------|
//! | `function`, `custom`               | the same, as far as the provider can                        |
//! | `namespace`                        | its tools, under names that say where they are from         |
//! | `web_search`                       | the provider's own search, if it has one                    |
//! | `tool_search`                      | left out: all tools are there from the start                |
//! | others, which run at the provider  | a `400` that names the tool                                 |

mod encoder;
mod failed;
mod head;
mod items;
mod judge;
mod look;
mod params;
mod request;
mod seal;
mod terms;
mod unroll;

#[cfg(test)]
mod tests;

pub(crate) use self::encoder::Encoder;
pub(crate) use self::failed::Trail;
pub(crate) use self::judge::{Judge, read_answer};
pub(crate) use self::params::{of_chat, own_name};
pub(crate) use self::request::parse;
pub use self::terms::Terms;
pub(crate) use self::unroll::unroll;
