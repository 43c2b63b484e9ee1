//! The product from the outside: end to end, beside the layers of others, against the clock.
//!
//! ```text
//! e2e        layers, stacks and servers, in one binary
//! sdk        the gateway as the SDKs of others see it
//! benches    what the product costs, beside what does the least
//! src/bin    simulated providers for tests that are not written in Rust
//! ```
