//! JSON schemas in the provider's subset: that of `OpenAPI`, without references.
//!
//! ```text
//!  {"$ref":"#/$defs/Node"}        ──► what it refers to; {"type":"OBJECT"} where it leads back to itself
//!  {"type":["integer","null"]}    ──► {"type":"INTEGER","nullable":true}
//!  {"allOf":[a,b]}                ──► a and b in one
//!  {"oneOf":[…]}, {"const":"x"}   ──► {"anyOf":[…]}, {"type":"STRING","enum":["x"]}
//! ```

mod merge;
mod refs;
mod subset;
mod values;

#[cfg(test)]
mod tests;

pub(super) use self::subset::{ordered_subset, subset};
