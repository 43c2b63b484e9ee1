//! The product from the outside, in one binary: it links once, and runs in seconds.
//!
//! ```text
//! contract    every layer over a service that insists on its rights, dropped at every poll
//! interop     tower's and tower-http's own layers around, between and under ours
//! bare        our layers over an HTTP client, and nothing else of ours
//! must_hold   what the whole stack promises on the failure path
//! books       what is booked of each attempt
//! router      retries and fallbacks, as calls and operators ask for them
//! continuation  an answer that breaks off is gone on with
//! ping_pong   small frames over real sockets, which nobody may hold back
//! ```
//!
//! The others are tools: [`police`] is the service that insists, and [`world`] has calls to make,
//! providers to send them to, and a reader for what comes back.

mod bare;
mod books;
mod continuation;
mod contract;
mod interop;
mod must_hold;
mod ping_pong;
mod police;
mod router;
mod world;
