//! The LLM gateway of steeplechase: reads a configuration, and serves the models it names.

pub mod config;
