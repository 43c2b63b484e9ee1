use serde::de::{DeserializeSeed, IgnoredAny, MapAccess};
use serde_json::value::RawValue;
use steeplechase_core::price::Service;
use steeplechase_core::{Tally, Usage};

use crate::json;
use crate::openai::at::{At, Count, Look, is_filled};
use crate::openai::look::reported;
use crate::tokens::Weights;

/// What a look at a response has seen, or at an event that has one.
#[derive(Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is something that was there, not a state"
)]
pub(super) struct Seen<'de> {
    /// An `error` that is one.
    pub(super) has_error: bool,
    /// `output`, whatever is in it.
    pub(super) is_response: bool,
    /// Its items, as they are written. Empty if there are none.
    pub(super) output: &'de str,
    /// A `delta` that is not empty.
    pub(super) has_delta: bool,
    /// The state of the response, as it is written in JSON.
    pub(super) status: &'de str,
    /// The kind of the event, as it is written in JSON.
    pub(super) kind: &'de str,
    pub(super) usage: Option<Usage>,
    /// The class of service, of which the usage is.
    service: Service,
}

/// Looks at `json`: one pass, no tree, and nothing copied.
pub(super) fn look(json: &[u8]) -> Result<Seen<'_>, serde_json::Error> {
    let mut seen = Seen::default();
    let json = std::str::from_utf8(json).map_err(serde::de::Error::custom)?;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    At(&mut Top(&mut seen)).deserialize(&mut deserializer)?;
    deserializer.end()?;
    if let Some(usage) = &mut seen.usage {
        usage.service = seen.service;
    }
    Ok(seen)
}

/// About how many tokens the words of the model have in these items of a response.
pub(super) fn words(output: &str, weights: &Weights) -> Tally {
    let mut words = Words {
        weights,
        said: Tally::ZERO,
    };
    let mut deserializer = serde_json::Deserializer::from_str(output);
    // It was JSON a moment ago.
    let _ = At(&mut words).deserialize(&mut deserializer);
    words.said
}

struct Top<'a, 'de>(&'a mut Seen<'de>);

impl<'de> Look<'de> for Top<'_, 'de> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "response" => map.next_value_seed(At(&mut Top(self.0))),
            "output" => {
                self.0.is_response = true;
                let output = map.next_value::<&'de RawValue>()?.get();
                if json::is_filled(output) {
                    self.0.output = output;
                }
                Ok(())
            }
            "error" => {
                self.0.has_error |= is_filled(map)?;
                Ok(())
            }
            "delta" => {
                self.0.has_delta |= is_filled(map)?;
                Ok(())
            }
            "service_tier" => {
                let name = map.next_value::<&'de RawValue>()?.get();
                self.0.service = Service::from_name(name.trim_matches('"'));
                Ok(())
            }
            "status" => {
                self.0.status = map.next_value::<&'de RawValue>()?.get();
                Ok(())
            }
            "type" => {
                self.0.kind = map.next_value::<&'de RawValue>()?.get();
                Ok(())
            }
            "usage" => {
                let mut usage = WireUsage::default();
                map.next_value_seed(At(&mut usage))?;
                if usage.is_some {
                    self.0.usage = Some(usage.usage);
                }
                Ok(())
            }
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

#[derive(Debug, Default)]
struct WireUsage {
    usage: Usage,
    is_some: bool,
}

/// The parts of the tokens of one side.
struct Details<'a>(&'a mut Usage);

impl<'de> Look<'de> for WireUsage {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        self.is_some = true;
        let usage = &mut self.usage;
        match name {
            "input_tokens" => usage.prompt = map.next_value::<Count>()?.0,
            "output_tokens" => usage.completion = map.next_value::<Count>()?.0,
            // OpenRouter's.
            "cost" => usage.reported = reported(map.next_value()?),
            "input_tokens_details" | "output_tokens_details" => {
                map.next_value_seed(At(&mut Details(usage)))?;
            }
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl<'de> Look<'de> for Details<'_> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "cached_tokens" => self.0.cache_read = map.next_value::<Count>()?.0,
            "cache_write_tokens" => self.0.cache_write = map.next_value::<Count>()?.0,
            "reasoning_tokens" => self.0.reasoning = map.next_value::<Count>()?.0,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// What the model says in an item.
struct Words<'w> {
    weights: &'w Weights,
    said: Tally,
}

impl<'de> Look<'de> for Words<'_> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "content" | "summary" => map.next_value_seed(At(self)),
            "arguments" | "input" | "name" | "refusal" | "text" => {
                let value = map.next_value::<&'de RawValue>()?;
                self.said += self.weights.tally_value(value.get());
                Ok(())
            }
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}
