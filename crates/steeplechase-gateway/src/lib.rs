//! The LLM gateway of `steeplechase`: the layers, behind a socket, with a configuration.
//!
//! ```text
//!  config.yaml ──► config ──► assemble ──► preset: the stack of layers
//!  environment ──►                             │
//!                                              ▼
//!  socket ──► server ──► app ──┬─► auth ─► headers ─► intake ─► the stack ─► providers
//!                              └─► pages: models, health, metrics
//! ```
//!
//! | Module          | Holds                                                                |
//! |-----------------|----------------------------------------------------------------------|
//! | [`config`]      | a LiteLLM `config.yaml`, read and checked                             |
//! | [`assemble`]    | from a configuration, or from the environment, to the stack           |
//! | [`app`]         | the service: keys, response headers, model endpoints, pages           |
//! | [`server`]      | the socket: accept, time-outs against slow clients, a graceful end    |
//! | [`decisions`]   | why a call was served as it was                                       |
//! | [`telemetry`]   | logs and metrics                                                      |
//! | [`cli`]         | the command line                                                      |
//! | [`demo`]        | the product without a key: simulated providers, and a comparison      |
//! | [`check`]       | what in a configuration will surprise, and a picture of the stack     |
//! | [`explain`]     | what would become of a call                                           |
//! | [`prices`]      | the models that the catalog knows, as a list                          |
//! | [`providers`]   | who can be called, and how                                            |
//! | `reload`        | another configuration in place of the one that is served              |

pub mod app;
pub mod assemble;
pub mod check;
pub mod cli;
pub mod config;
pub mod decisions;
pub mod demo;
pub mod explain;
mod plan;
pub mod prices;
pub mod providers;
mod reload;
pub mod run;
pub mod server;
pub mod telemetry;
