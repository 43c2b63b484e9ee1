//! The format of `data/*.prices`.
//!
//! ```text
//! source 2026-11-28 https://openai.com/api/pricing      the rows below are from this page, as of this day
//! gpt-4o  chat  128000/16384  tools vision              a model: its mode, the most tokens in/out, abilities
//!   in 2.5  out 10  read 1.25                           its rates, for all calls
//!   above 272000  in 5  out 15                          for prompts of more tokens than these
//!   batch  in 1.25  out 5                               for a class of service: batch, flex or priority
//!   batch  above 272000  in 2.5                         for both
//! ```
//!
//! * A limit that nobody knows is `-`.
//! * In dollars for a million: `in`, `out`; `read` from and `write` to the prompt cache, `write-1h` for an
//!   hour; `think`; `audio-in`, `audio-out`, `image-in`, `image-out`: all of them tokens.
//! * In dollars for one: `request`, `search`, `second`, `character`, `image`.
//! * A line that begins with `#` is a comment.

use std::borrow::Cow;
use std::sync::Arc;

use steeplechase_core::model_info::{Ability, Mode};
use steeplechase_core::price::{PriceBuilder, Rate, Service, Tier, Unit};
use steeplechase_core::{ModelInfo, Price};

use super::Model;

/// Reads the rows of a provider.
///
/// # Errors
///
/// The number of the line, and what is wrong with it.
pub(super) fn read(
    provider: &'static str,
    text: &'static str,
    models: &mut Vec<Model>,
) -> Result<(), String> {
    let mut reader = Reader {
        provider,
        source: None,
        row: None,
        models,
    };
    for (index, line) in text.lines().enumerate() {
        reader
            .line(line)
            .map_err(|why| format!("{provider}, line {}: {why}", index + 1))?;
    }
    reader.end_row();
    Ok(())
}

struct Reader<'a> {
    provider: &'static str,
    /// The day and the page.
    source: Option<(&'static str, &'static str)>,
    row: Option<(Model, PriceBuilder)>,
    models: &'a mut Vec<Model>,
}

impl Reader<'_> {
    fn line(&mut self, line: &'static str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let mut words = line.split_ascii_whitespace();
        if line.starts_with(' ') {
            let (_, price) = self.row.as_mut().ok_or("rates without a model")?;
            *price = rates(std::mem::take(price), words)?;
            return Ok(());
        }
        self.end_row();
        let first = words.next().ok_or("a line of spaces")?;
        if first == "source" {
            let date = words.next().ok_or("a source without a day")?;
            let page = words.next().ok_or("a source without a page")?;
            self.source = Some((date, page));
            return Ok(());
        }
        let (date, page) = self.source.ok_or("a model without a source")?;
        let model = Model {
            id: Cow::Borrowed(first),
            provider: Cow::Borrowed(self.provider),
            info: info(words)?,
            price: Arc::default(),
            source: Some(Cow::Borrowed(page)),
            date: Some(Cow::Borrowed(date)),
        };
        self.row = Some((model, Price::builder()));
        Ok(())
    }

    fn end_row(&mut self) {
        if let Some((mut model, price)) = self.row.take() {
            model.price = Arc::new(price.build());
            self.models.push(model);
        }
    }
}

fn info(mut words: impl Iterator<Item = &'static str>) -> Result<ModelInfo, String> {
    let mode = words.next().ok_or("a model without a mode")?;
    let limits = words.next().ok_or("a model without limits")?;
    let (input, output) = limits
        .split_once('/')
        .ok_or_else(|| format!("`{limits}` should be like 128000/16384"))?;
    let mut info = ModelInfo {
        mode: Some(Mode::from_name(mode).ok_or_else(|| format!("there is no mode `{mode}`"))?),
        max_input_tokens: limit(input)?,
        max_output_tokens: limit(output)?,
        ..ModelInfo::default()
    };
    for word in words {
        let ability =
            Ability::from_name(word).ok_or_else(|| format!("there is no ability `{word}`"))?;
        info.abilities.set(ability, true);
    }
    Ok(info)
}

fn limit(word: &str) -> Result<Option<u64>, String> {
    if word == "-" {
        return Ok(None);
    }
    let tokens = word.parse().map_err(|_| format!("`{word}` is no limit"))?;
    Ok(Some(tokens))
}

fn rates(
    mut price: PriceBuilder,
    mut words: impl Iterator<Item = &'static str>,
) -> Result<PriceBuilder, String> {
    let mut tier = Tier::default();
    while let Some(word) = words.next() {
        let service = Service::from_name(word);
        if service != Service::Standard {
            tier.service = service;
            continue;
        }
        let figure = words.next().ok_or_else(|| format!("`{word}` of what?"))?;
        if word == "above" {
            tier.above = limit(figure)?.ok_or("above what?")?;
            continue;
        }
        let unit = Unit::from_name(word).ok_or_else(|| format!("there is no unit `{word}`"))?;
        let rate = if unit.is_token() {
            Rate::per_million(figure)
        } else {
            Rate::per_unit(figure)
        };
        let rate = rate.map_err(|why| format!("`{figure}`: {why}"))?;
        price = price.rate_in(tier, unit, rate);
    }
    Ok(price)
}
