//! The HTTP client at the bottom of the stack.
//!
//! ```text
//!  Request<Full<Bytes>> ──► HttpClient ──┬─► pool 0 ── connections of all hosts
//!                             first with ├─► pool 1      HTTP/1.1: as many as are in use
//!                             a place    └─► …           HTTP/2:   one a host and pool
//! ```
//!
//! It is `hyper-util`'s client with `rustls`, set up for answers that are long, slow and streamed:
//!
//! * `TCP_NODELAY` on every connection: with Nagle's algorithm a token can wait 40 ms for an `ACK`;
//! * one limit on everything up to the connection: DNS, TCP and TLS;
//! * idle connections are kept, and HTTP/2 connections are pinged, so that a dead one is found;
//! * several HTTP/2 connections a host: a server allows some hundred streams on one, and an answer that
//!   takes a minute occupies its stream for a minute.
//!
//! Any other service from `Request<Full<Bytes>>` to a response can be at the bottom instead: another
//! client, a mock, a simulated provider.
//!
//! # Cancellation
//!
//! Dropping the response future or the body closes the connection (HTTP/1.1) or resets the stream
//! (HTTP/2), so that the provider sees it.
//!
//! # Example
//!
//! ```no_run
//! use bytes::Bytes;
//! use http::Request;
//! use http_body_util::Full;
//! use steeplechase::HttpClient;
//! use tower::ServiceExt;
//!
//! # async fn example() -> Result<(), steeplechase::Error> {
//! let request = Request::get("https://api.openai.com/v1/models").body(Full::<Bytes>::default());
//! let response = HttpClient::new().oneshot(request.expect("a valid request")).await?;
//! println!("{}", response.status());
//! # Ok(())
//! # }
//! ```

mod config;
mod connector;
mod future;
mod service;

#[cfg(test)]
mod tests;

pub use self::config::HttpClientConfig;
pub use self::future::{HttpBody, ResponseFuture};
pub use self::service::HttpClient;
