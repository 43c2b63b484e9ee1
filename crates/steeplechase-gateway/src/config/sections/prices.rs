//! Prices, and the file that has more of them.

use std::path::{Path, PathBuf};

use steeplechase::dialects::catalog::models::PriceFields;
use steeplechase::price::Rate;

use crate::config::diagnostic::At;
use crate::config::environment::Environment;
use crate::config::known;
use crate::config::model::PriceMapFile;
use crate::config::node::{Cursor, Resolved};

/// Where the file is looked for when it is not written.
const MAP_URL: &str = "LITELLM_MODEL_COST_MAP_URL";

/// LiteLLM uses the prices that it brings if this is `true`, whatever else is set.
const LOCAL_MAP: &str = "LITELLM_LOCAL_MODEL_COST_MAP";

/// Dollars for one token that are more likely meant for a million.
const DEAR: u64 = 10_000_000_000;

/// Dollars for one token that nobody can mean: more than one.
const ABSURD: u64 = 1_000_000_000_000;

/// Reads a part of a price: its name, and dollars for one unit as they are written.
pub(super) fn price(field: &Cursor<'_>) -> Option<(String, String)> {
    if !PriceFields::knows(field.key()) {
        known::not_yet(field);
        return None;
    }
    let dollars = match field.resolve() {
        Resolved::Nothing => return None,
        Resolved::Whole(number) => number.to_string(),
        // The shortest text of a number has the digits that were written.
        Resolved::Number(number) => format!("{number:e}"),
        Resolved::Text(text) => text.to_owned(),
        Resolved::Variable { value, .. } => value,
        Resolved::Flag(_) | Resolved::List | Resolved::Map => {
            field.mistyped("a price in dollars", &example(field));
            return None;
        }
    };
    let rate = match Rate::per_unit(&dollars) {
        Ok(rate) => rate,
        Err(why) => {
            let fix = format!(
                "write dollars for one unit, for example `{}`",
                example(field)
            );
            field.error(why.to_string(), fix);
            return None;
        }
    };
    let is_token = field.key().contains("token");
    if is_token && rate.picos() > DEAR {
        let message = format!("this is ${rate} for one token");
        let million = Rate::from_picos(rate.picos() / 1_000_000);
        let fix = format!(
            "if it is meant for a million, write `{}: {million}`",
            field.key()
        );
        if rate.picos() > ABSURD {
            field.error(message, fix);
            return None;
        }
        field.warn(message, fix);
    }
    Some((field.key().to_owned(), dollars))
}

fn example(field: &Cursor<'_>) -> String {
    format!("{}: 1.5e-07", field.key())
}

/// Reads where LiteLLM's map of prices is. A path is relative to the file that it is written in.
pub(super) fn price_map(field: &Cursor<'_>) -> Option<PriceMapFile> {
    let written = field.text("/etc/steeplechase/prices.json")?;
    let path = local(field, field.at(), &written)?;
    let source = field.at().place.source.to_string();
    let directory = Path::new(&source).parent().map(Path::to_owned);
    Some(PriceMapFile {
        path: directory.unwrap_or_default().join(path),
        source,
        line: field.at().place.line,
        key_path: field.at().path.clone(),
    })
}

/// Looks for the map of prices in the environment; `root` is the configuration.
pub(in crate::config) fn price_map_of_environment(
    root: &Cursor<'_>,
    environment: &Environment<'_>,
) -> Option<PriceMapFile> {
    let variable = |name| environment.get(name).filter(|value| !value.is_empty());
    let value = variable(MAP_URL)?;
    if variable(LOCAL_MAP).is_some_and(|local| local.eq_ignore_ascii_case("true")) {
        return None;
    }
    let mut at = At {
        path: MAP_URL.to_owned(),
        ..root.at().clone()
    };
    at.place.line = 0;
    Some(PriceMapFile {
        path: local(root, &at, &value)?,
        source: at.place.source.to_string(),
        line: 0,
        key_path: at.path,
    })
}

/// The path that is meant. A URL is refused: who has asked for other prices than ours must not get ours
/// without knowing.
fn local(cursor: &Cursor<'_>, at: &At, written: &str) -> Option<PathBuf> {
    let path = written.strip_prefix("file://").unwrap_or(written);
    if path.contains("://") {
        cursor.report().error(
            at,
            "prices are not fetched from a URL",
            "download the file and write its path, or leave this out to use the built-in prices",
        );
        return None;
    }
    Some(PathBuf::from(path))
}
