//! What may be spent in a while: by a deployment, with a provider, or for calls with a tag.
//!
//! ```text
//!            claim                                settle
//!  attempt ──► reserved + estimate                ──► reserved - estimate, spent + what it has cost
//!
//!  spent     0 ────────────────────────────── limit
//!            ├──── spent ────┼─ reserved ─┤         an attempt more: there is something left
//!            ├──── spent ──────────┼─ reserved ─┤   none: until one under way has cost less, or the window is over
//!
//!  window    ├─ first claim ───────────── over ┤  ├─ next first claim ─ …
//! ```
//!
//! A [`Purse`] is a limit in money, where a [`Budget`](crate::Budget) is one of attempts. It has a window, which
//! begins with the first claim and is as long as was said; the first claim after it begins the next one.
//!
//! An attempt goes ahead while anything is left, whatever it will cost: so a limit can be overspent, by one attempt.
//! What is under way is reserved by estimate, so many attempts at once do not overspend it together, but for what
//! they cost more than their estimates. What an attempt has cost is spent in the window in which it ends.
//!
//! All of it is kept in memory.
//!
//! # What it costs
//!
//! A lock that is held for an addition, for each purse that an attempt draws on: when it is looked at, when it is
//! claimed from, and when that is settled. Who draws on none pays nothing.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use steeplechase_core::Cost;
//! use steeplechase_core::purse::{Owner, Purse};
//!
//! let limit = Cost::from_nanos(100);
//! let purse = Purse::new(Owner::Provider("openai".into()), limit, Duration::from_secs(60));
//! let now = tokio::time::Instant::now();
//!
//! let claim = purse.claim(Cost::from_nanos(100));
//! assert!(purse.check(now).is_err(), "all of it may be spent");
//! claim.settle(Cost::from_nanos(30));
//! assert!(purse.check(now).is_ok());
//! assert_eq!(purse.spent(now), Cost::from_nanos(30));
//! ```

mod account;
mod handle;
mod purses;

pub use self::account::{Claim, Empty};
pub use self::handle::{Owner, Purse};
pub use self::purses::Purses;
