//! What JSON takes that `serde_json` does not do by itself: objects field by field, texts that are cut between
//! the halves of a pair, and values that are looked at as they are written.

mod body;
mod cut;
mod fields;
mod mend;
pub(crate) mod survey;
mod text;
mod written;

use serde_json::{Map, Value};

pub(crate) use self::body::body;
pub(crate) use self::cut::without;
pub(crate) use self::fields::{Name, each_field, each_item, find, value_of};
pub(crate) use self::mend::{from_slice, in_place, is_cut, mend};
pub(crate) use self::text::{Text, text};
pub(crate) use self::written::{compact, is_filled, text_len, text_of, value_after};

/// The fields of an object.
pub(crate) type Fields = Map<String, Value>;
