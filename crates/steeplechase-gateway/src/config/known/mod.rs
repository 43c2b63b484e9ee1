//! The keys there are: those that are acted on, those that only LiteLLM acts on so far, and those that will not be
//! acted on.
//!
//! The split decides what an operator is told about a key. It is made by hand: a key moves from
//! `later` to `acted_on` in the commit that acts on it.

mod general;
mod litellm;
mod models;
mod nearest;
mod providers;
mod refused;
mod router;

pub(in crate::config) use self::general::GENERAL;
pub(in crate::config) use self::litellm::LITELLM;
pub(in crate::config) use self::models::{
    MODEL, MODEL_INFO_LATER, PARAMS, REQUEST_PARAMETERS, is_price,
};
pub(crate) use self::nearest::{nearest, nearest_few};
pub(in crate::config) use self::providers::PROVIDER;
pub(in crate::config) use self::refused::Refused;
pub(in crate::config) use self::router::{ROUTER, ROUTING_ARGS, TOP_LEVEL};

use super::node::Cursor;

/// The keys of one kind of map.
pub(in crate::config) struct Table {
    /// What this program reads.
    pub(in crate::config) acted_on: &'static [&'static str],
    /// What LiteLLM reads, and this program does not yet.
    pub(in crate::config) later: &'static [&'static str],
    /// Beginnings of further keys of the second kind, but for those that are acted on.
    pub(in crate::config) later_prefixes: &'static [&'static str],
    /// What LiteLLM reads, and this program will not.
    pub(in crate::config) refused: &'static [Refused],
}

impl Table {
    pub(in crate::config) fn is_later(&self, key: &str) -> bool {
        let is_prefix = |prefix: &&str| key.starts_with(*prefix);
        self.later.contains(&key)
            || (self.later_prefixes.iter().any(is_prefix)
                && !self.acted_on.contains(&key)
                && self.refused(key).is_none())
    }

    /// Why a key will not be acted on.
    pub(in crate::config) fn refused(&self, key: &str) -> Option<&'static Refused> {
        self.refused.iter().find(|refused| refused.key == key)
    }

    /// Notes a key that LiteLLM acts on and this program does not. `false` if it is none.
    pub(in crate::config) fn is_litellms(&self, field: &Cursor<'_>) -> bool {
        if let Some(refused) = self.refused(field.key()) {
            not_here(field, refused);
            return true;
        }
        let is_later = self.is_later(field.key());
        if is_later {
            not_yet(field);
        }
        is_later
    }

    /// Notes a key that is not acted on, whether or not LiteLLM would.
    pub(in crate::config) fn report(&self, field: &Cursor<'_>) {
        if !self.is_litellms(field) {
            let fix = self.nearest(field.key());
            let fix = fix.map_or_else(String::new, |key| format!("did you mean `{key}`?"));
            field.warn("unknown key, ignored", fix);
        }
    }

    /// The key of this table that `key` is probably meant to be.
    pub(in crate::config) fn nearest(&self, key: &str) -> Option<&'static str> {
        let refused = self.refused.iter().map(|refused| refused.key);
        let others = self.acted_on.iter().chain(self.later).copied();
        nearest(key, others.chain(refused))
    }
}

/// Notes a key that LiteLLM acts on, and this program does not yet.
pub(in crate::config) fn not_yet(field: &Cursor<'_>) {
    if !field.is_null() {
        field.warn("a setting of LiteLLM that is not acted on yet", "");
    }
}

/// Notes a key that LiteLLM acts on, and this program will not.
fn not_here(field: &Cursor<'_>, refused: &Refused) {
    if !field.is_null() {
        let message = format!("this is not acted on: {}", refused.why);
        field.warn(message, refused.instead);
    }
}
