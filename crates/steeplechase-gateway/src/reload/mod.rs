//! Another configuration in place of the one that is served, without dropping a call.
//!
//! ```text
//!  a file has changed ─┐
//!  SIGHUP ─────────────┴─► read it all again ──┬─► wrong: said in the log, and the old one goes on
//!                                              └─► right: a new stack ──► swapped in
//!                                                          ▲
//!      what is known of deployments that are still there ──┤  health, load, limits, budgets
//!      what stays ─────────────────────────────────────────┘  connections, metrics, the address
//! ```
//!
//! * A request sees one configuration from its key to the end of its answer: what has begun when another is
//!   put in place, streams too, ends as it would have.
//! * The files are looked at every second by what is in them, so it makes no difference how they are replaced:
//!   written over, renamed, or behind a link that is turned, as Kubernetes does. A change is acted on
//!   when they have stopped changing for a moment, so a burst of writes is one change.
//! * The first credentials of deployments that need some are fetched before the swap.
//! * What is told on the command line, such as the address, needs a restart.

mod changes;
mod files;
mod host;
mod metrics;
mod source;
mod task;

pub(crate) use self::host::Host;
pub(crate) use self::metrics::describe_metrics;
pub(crate) use self::source::Source;
pub(crate) use self::task::Reloader;
