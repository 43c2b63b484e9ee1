//! A look at an answer, or at an event of one: one pass, no tree, and nothing copied.

use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess};
use serde_json::value::RawValue;
use steeplechase_core::price::Service;
use steeplechase_core::{Cost, Usage};

use super::at::{At, Count, Look, is_filled};
use super::words::{Words, is_thought};
use crate::json;
use crate::tokens::Weights;

/// What a look has seen.
#[derive(Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is something that was there, not a state"
)]
pub(super) struct Seen<'de> {
    /// An `error` that is one: `"error": null` is in healthy answers too.
    pub(super) has_error: bool,
    /// `choices`, or `data` as embeddings have it.
    pub(super) has_answer: bool,
    /// A part of the answer.
    pub(super) has_content: bool,
    /// How many choices have ended.
    pub(super) finished: u32,
    /// A reason of an end that says nothing.
    pub(super) has_empty_reason: bool,
    /// The last reason of an end, as it is written in JSON.
    pub(super) reason: Option<&'de str>,
    pub(super) usage: Option<Usage>,
    /// How much the model says.
    pub(super) words: Words,
    /// The class of service, of which the usage is.
    service: Service,
}

/// Looks at `json`. Fields that are there twice, or are of the wrong kind, are no reason to fail: that
/// is between the caller and the provider. The words are weighed, if there are `weights`.
pub(super) fn look<'de>(
    json: &'de [u8],
    weights: Option<&'static Weights>,
) -> Result<Seen<'de>, serde_json::Error> {
    let mut seen = Seen {
        words: Words::new(weights),
        ..Seen::default()
    };
    // Checked once, and not once more for each text in it.
    let json = std::str::from_utf8(json).map_err(serde::de::Error::custom)?;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    At(&mut Top(&mut seen)).deserialize(&mut deserializer)?;
    deserializer.end()?;
    if let Some(usage) = &mut seen.usage {
        usage.service = seen.service;
    }
    Ok(seen)
}

// ===== impl Seen =====

impl<'de> Seen<'de> {
    fn add_usage<A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
        let mut usage = WireUsage::default();
        map.next_value_seed(At(&mut usage))?;
        if let Some(usage) = usage.into_usage() {
            self.usage = Some(self.usage.unwrap_or_default().max(usage));
        }
        Ok(())
    }

    /// Whether the reason of the end is an answer in itself. A `stop` is none.
    pub(super) fn is_reason_an_answer(&self) -> bool {
        self.reason.is_some_and(|reason| reason != r#""stop""#)
    }
}

/// The answer, or an event of it.
struct Top<'a, 'de>(&'a mut Seen<'de>);

/// One of its choices.
struct Choice<'a, 'de>(&'a mut Seen<'de>);

/// `MiniMax`'s word on how it went.
struct BaseResp<'a, 'de>(&'a mut Seen<'de>);

/// What a choice says: its `delta` or `message`.
struct Message<'a, 'de>(&'a mut Seen<'de>);

impl<'de> Look<'de> for Top<'_, 'de> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "choices" => {
                self.0.has_answer = true;
                map.next_value_seed(At(&mut Choice(self.0)))
            }
            "data" => {
                self.0.has_answer = true;
                self.0.has_content |= is_filled(map)?;
                Ok(())
            }
            "error" => {
                self.0.has_error |= is_filled(map)?;
                Ok(())
            }
            "object" => {
                self.0.has_error |= map.next_value::<&'de RawValue>()?.get() == r#""error""#;
                Ok(())
            }
            "service_tier" => {
                let name = map.next_value::<&'de RawValue>()?.get();
                self.0.service = Service::from_name(name.trim_matches('"'));
                Ok(())
            }
            "usage" => self.0.add_usage(map),
            // Groq's place for the usage of a stream.
            "x_groq" => map.next_value_seed(At(&mut Top(self.0))),
            // MiniMax's place for an error.
            "base_resp" => map.next_value_seed(At(&mut BaseResp(self.0))),
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

impl<'de> Look<'de> for Choice<'_, 'de> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "delta" | "message" => map.next_value_seed(At(&mut Message(self.0))),
            // Of a completion of a prompt.
            "text" => {
                self.0.has_content |= is_filled(map)?;
                Ok(())
            }
            "finish_reason" => {
                let reason: &'de RawValue = map.next_value()?;
                // Some say in every event that there is no reason yet, and say it with an empty text.
                match reason.get() {
                    "null" => {}
                    r#""""# => self.0.has_empty_reason = true,
                    reason => {
                        self.0.finished += 1;
                        self.0.reason = Some(reason);
                    }
                }
                Ok(())
            }
            "error" => {
                self.0.has_error |= is_filled(map)?;
                Ok(())
            }
            // Moonshot's place for the usage of a stream.
            "usage" => self.0.add_usage(map),
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

impl<'de> Look<'de> for Message<'_, 'de> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "audio" | "images" => {
                self.0.has_content |= is_filled(map)?;
                Ok(())
            }
            "content" | "function_call" | "refusal" | "tool_calls" => {
                let value: &'de RawValue = map.next_value()?;
                if json::is_filled(value.get()) {
                    self.0.has_content = true;
                    self.0.words.say(name, value.get());
                }
                Ok(())
            }
            name if is_thought(name) => {
                let value: &'de RawValue = map.next_value()?;
                if json::is_filled(value.get()) {
                    self.0.has_content = true;
                    self.0.words.think(value.get());
                }
                Ok(())
            }
            _ => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

impl<'de> Look<'de> for BaseResp<'_, 'de> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if name == "status_code" {
            self.0.has_error |= map.next_value::<Count>()?.0 != 0;
            return Ok(());
        }
        map.next_value::<IgnoredAny>().map(drop)
    }
}

/// The usage in all the spellings of those who speak this dialect.
#[derive(Debug, Default)]
struct WireUsage {
    usage: Usage,
    total: u64,
    is_some: bool,
}

/// The parts of the tokens of one side.
struct Details<'a> {
    usage: &'a mut Usage,
    side: Side,
}

#[derive(Clone, Copy)]
enum Side {
    In,
    Out,
}

impl WireUsage {
    fn into_usage(self) -> Option<Usage> {
        let mut usage = self.usage;
        // xAI counts reasoning apart from the completion, and then the total tells.
        let apart = usage.total().saturating_add(usage.reasoning);
        if usage.reasoning > 0 && self.total == apart {
            usage.completion += usage.reasoning;
        }
        self.is_some.then_some(usage)
    }
}

impl<'de> Look<'de> for WireUsage {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        self.is_some = true;
        let usage = &mut self.usage;
        match name {
            "prompt_tokens" => usage.prompt = map.next_value::<Count>()?.0,
            "completion_tokens" => usage.completion = map.next_value::<Count>()?.0,
            "total_tokens" => self.total = map.next_value::<Count>()?.0,
            // DeepSeek's.
            "prompt_cache_hit_tokens" => {
                usage.cache_read = usage.cache_read.max(map.next_value::<Count>()?.0);
            }
            "prompt_tokens_details" => {
                let side = Side::In;
                map.next_value_seed(At(&mut Details { usage, side }))?;
            }
            "completion_tokens_details" => {
                let side = Side::Out;
                map.next_value_seed(At(&mut Details { usage, side }))?;
            }
            // Perplexity's.
            "num_search_queries" => usage.searches = map.next_value::<Count>()?.0,
            // OpenRouter's, and Perplexity's.
            "cost" => usage.reported = reported(map.next_value()?),
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl<'de> Look<'de> for Details<'_> {
    fn field<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let usage = &mut *self.usage;
        match name {
            "cached_tokens" => {
                usage.cache_read = usage.cache_read.max(map.next_value::<Count>()?.0);
            }
            "cache_write_tokens" => usage.cache_write = map.next_value::<Count>()?.0,
            "reasoning_tokens" => usage.reasoning = map.next_value::<Count>()?.0,
            "audio_tokens" => match self.side {
                Side::In => usage.audio_in = map.next_value::<Count>()?.0,
                Side::Out => usage.audio_out = map.next_value::<Count>()?.0,
            },
            "image_tokens" => match self.side {
                Side::In => usage.image_in = map.next_value::<Count>()?.0,
                Side::Out => usage.image_out = map.next_value::<Count>()?.0,
            },
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// What an answer has cost in dollars: a number, or an object that has the total.
pub(crate) fn reported(cost: &RawValue) -> Option<Cost> {
    #[derive(Deserialize)]
    struct Costs<'a> {
        #[serde(borrow)]
        total_cost: &'a RawValue,
    }
    let dollars = match serde_json::from_str(cost.get()) {
        Ok(Costs { total_cost }) => total_cost,
        Err(_) => cost,
    };
    Cost::from_dollars(dollars.get()).ok()
}
