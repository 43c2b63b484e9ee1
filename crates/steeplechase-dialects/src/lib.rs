//! The languages of `steeplechase`.

pub mod anthropic;
pub mod catalog;
pub mod chat;
pub mod intake;
pub mod openai;
pub mod sse;
pub mod translate;
