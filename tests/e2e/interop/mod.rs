//! Other people's layers around, between and under ours.
//!
//! ```text
//!  Trace · RequestId · CORS · Compression · …      tower-http, around Intake   [http]
//!  Intake
//!  Fallback
//!     Timeout · LoadShed · ConcurrencyLimit        tower, between ours         [stock]
//!  Models · Retry
//!     Timeout                                      tower, for each attempt     [stock]
//!  Route
//!     Timeout · LoadShed · ConcurrencyLimit · Retry  tower, in a deployment    [stock]
//!     Commit · Translate
//!     SetHeader · Trace · ResponseBodyTimeout      tower-http, under Translate [under]
//!  a client
//! ```

mod http;
mod stock;
mod under;
