//! The models that the catalog knows, as a list.

use std::fmt::Write;

use serde_json::{Value, json};
use steeplechase::dialects::catalog::models::{self, Model};
use steeplechase::model_info::{Ability, Mode};
use steeplechase::price::{Rates, Service, Unit};

use crate::cli::Prices;
use crate::config::nearest_few;

const HEADINGS: [&str; 9] = [
    "PROVIDER",
    "MODEL",
    "MODE",
    "IN",
    "OUT",
    "CACHED",
    "WINDOW",
    "AS OF",
    "ABILITIES, AND WHAT ELSE IS PAID FOR",
];

/// Which of the columns hold numbers.
const NUMBERS: std::ops::Range<usize> = 3..7;

/// The list of the models that are asked for.
///
/// # Errors
///
/// If there is none: what there is instead, for people.
pub fn list(options: &Prices) -> Result<String, String> {
    let query = options.query.join(" ");
    let mut found = models::search(&query);
    found.retain(|model| is_asked_for(model, options));
    if found.is_empty() {
        return Err(nothing(options, &query));
    }
    Ok(if options.json {
        let all: Vec<Value> = found.into_iter().map(as_json).collect();
        format!("{:#}\n", Value::from(all))
    } else {
        table(&found)
    })
}

fn is_asked_for(model: &Model, options: &Prices) -> bool {
    let provider = options.provider.as_deref();
    let provider = provider.is_none_or(|provider| provider == model.provider());
    let mode = options.mode.is_none();
    provider && (mode || options.mode == model.info().mode)
}

/// Says that there is nothing, and what is meant instead.
fn nothing(options: &Prices, query: &str) -> String {
    let mut providers: Vec<&str> = models::all().map(Model::provider).collect();
    providers.dedup();
    if let Some(provider) = options.provider.as_deref()
        && !providers.contains(&provider)
    {
        let meant = nearest_few(provider, providers.iter().copied(), 3);
        return format!(
            "there is no provider `{provider}` in the catalog{}",
            did_you_mean(&meant, &providers)
        );
    }
    let candidates = models::all().filter(|model| is_asked_for(model, options));
    // With its provider, and without.
    let names = candidates.flat_map(|model| {
        let id = model.id();
        [id, id.rsplit('/').next().unwrap_or(id)]
    });
    let meant = nearest_few(&query.to_ascii_lowercase(), names, 3);
    format!(
        "no model in the catalog matches `{query}`{}",
        did_you_mean(&meant, &[])
    )
}

fn did_you_mean(meant: &[&str], all: &[&str]) -> String {
    match (meant, all) {
        ([], []) => String::new(),
        ([], all) => format!("; there are {}", all.join(", ")),
        (meant, _) => format!("; did you mean {}?", meant.join(", ")),
    }
}

fn table(models: &[&Model]) -> String {
    let rows: Vec<[String; 9]> = models.iter().map(|model| row(model)).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADINGS[column].len()]).max().unwrap_or(0)
    };
    let widths: [usize; 9] = std::array::from_fn(width);
    let mut out = String::new();
    line(&mut out, &HEADINGS.map(str::to_owned), &widths);
    for row in &rows {
        line(&mut out, row, &widths);
    }
    let count = models.len();
    let word = if count == 1 { "model" } else { "models" };
    _ = writeln!(
        out,
        "\n{count} {word}. Dollars for a million tokens, without taxes and discounts; the window is in \
         tokens, in/out.\nEvery rate, and the page that it is from: --json"
    );
    out
}

fn line(out: &mut String, cells: &[String; 9], widths: &[usize; 9]) {
    let mut line = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        _ = if NUMBERS.contains(&column) {
            write!(line, "{cell:>width$}  ")
        } else {
            write!(line, "{cell:<width$}  ")
        };
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

fn row(model: &Model) -> [String; 9] {
    let info = model.info();
    let rates = model.price().rates(Service::Standard, 0);
    let limit = |tokens: Option<u64>| tokens.map_or("-".to_owned(), |tokens| tokens.to_string());
    let window = format!(
        "{}/{}",
        limit(info.max_input_tokens),
        limit(info.max_output_tokens)
    );
    [
        model.provider().to_owned(),
        model.id().to_owned(),
        info.mode.map_or("-", |mode| mode.as_str()).to_owned(),
        stated(&rates, Unit::Input),
        stated(&rates, Unit::Output),
        stated(&rates, Unit::CacheRead),
        window,
        model.date().unwrap_or("-").to_owned(),
        rest(model, &rates),
    ]
}

fn stated(rates: &Rates, unit: Unit) -> String {
    match rates.stated(unit) {
        Some(rate) => rate.in_millions().to_string(),
        None => "-".to_owned(),
    }
}

/// What a model can do, and what has no column.
fn rest(model: &Model, rates: &Rates) -> String {
    let price = model.price();
    let abilities = model.info().abilities.iter();
    let mut words: Vec<String> = abilities.map(|it| it.as_str().to_owned()).collect();
    let others = Unit::ALL.into_iter().filter(|unit| !unit.is_token());
    for unit in others {
        if let Some(rate) = rates.stated(unit) {
            words.push(format!("${rate}/{}", unit.as_str()));
        }
    }
    let sizes = price.thresholds().map(|size| format!("above {size}"));
    let services = Service::ALL.into_iter().skip(1);
    let services = services.filter(|service| price.has(*service));
    let others: Vec<String> = sizes
        .chain(services.map(|service| service.as_str().to_owned()))
        .collect();
    if !others.is_empty() {
        words.push(format!("(other rates: {})", others.join(", ")));
    }
    words.join(" ")
}

fn as_json(model: &Model) -> Value {
    let info = model.info();
    let rates = model.price().stated().map(|(tier, unit, rate)| {
        let per = if unit.is_token() { "million" } else { "one" };
        let dollars = if unit.is_token() {
            rate.in_millions().to_string()
        } else {
            rate.to_string()
        };
        json!({
            "unit": unit.as_str(),
            "per": per,
            "dollars": dollars,
            "service": tier.service.as_str(),
            "above_prompt_tokens": tier.above,
        })
    });
    json!({
        "provider": model.provider(),
        "model": model.id(),
        "mode": info.mode.map(Mode::as_str),
        "max_input_tokens": info.max_input_tokens,
        "max_output_tokens": info.max_output_tokens,
        "abilities": info.abilities.iter().map(Ability::as_str).collect::<Vec<_>>(),
        "rates": rates.collect::<Vec<_>>(),
        "source": model.source(),
        "date": model.date(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Prices {
        Prices {
            query: query.split(' ').map(str::to_owned).collect(),
            ..Prices::default()
        }
    }

    #[test]
    fn a_model_is_a_line_with_its_prices_its_window_and_its_day() {
        let options = Prices {
            provider: Some("openai".to_owned()),
            ..asked("gpt-4o-mini-2024-07-18")
        };
        let list = list(&options).unwrap();
        let line = list
            .lines()
            .find(|line| !line.contains("ft:") && line.starts_with("openai"));
        let line = line.unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            cells[1..7],
            [
                "gpt-4o-mini-2024-07-18",
                "chat",
                "0.15",
                "0.6",
                "0.075",
                "128000/16384"
            ]
        );
        assert_eq!(cells[7].len(), "2026-11-28".len());
        assert!(cells.contains(&"tools"), "{line}");
    }

    #[test]
    fn the_provider_and_the_mode_narrow_the_list() {
        let options = Prices {
            provider: Some("voyage".to_owned()),
            mode: Some(Mode::Rerank),
            json: true,
            ..Prices::default()
        };
        let found: Vec<Value> = serde_json::from_str(&list(&options).unwrap()).unwrap();
        assert!(found.len() >= 2);
        for model in &found {
            assert_eq!(
                (&model["provider"], &model["mode"]),
                (&json!("voyage"), &json!("rerank"))
            );
            assert!(model["source"].as_str().unwrap().starts_with("https://"));
        }
        let everything = list(&Prices::default()).unwrap();
        assert!(everything.lines().count() > models::all().count());
    }

    #[test]
    fn json_has_every_rate_and_where_it_applies() {
        let options = Prices {
            json: true,
            ..asked("gemini/gemini-2.5-pro")
        };
        let found: Vec<Value> = serde_json::from_str(&list(&options).unwrap()).unwrap();
        let pro = found
            .iter()
            .find(|it| it["model"] == "gemini/gemini-2.5-pro")
            .unwrap();
        let long = json!({
            "unit": "out", "per": "million", "dollars": "15",
            "service": "default", "above_prompt_tokens": 200_000,
        });
        assert!(pro["rates"].as_array().unwrap().contains(&long), "{pro:#}");
    }

    #[test]
    fn who_finds_nothing_is_told_what_is_nearest() {
        let why = list(&asked("gpt4o-mini")).unwrap_err();
        assert_eq!(
            why.split("; ").next(),
            Some("no model in the catalog matches `gpt4o-mini`")
        );
        assert!(why.contains("did you mean gpt-4o-mini, "), "{why}");

        let why = list(&asked("zzzzzzzzzzzzzzzzzzzz")).unwrap_err();
        assert_eq!(
            why,
            "no model in the catalog matches `zzzzzzzzzzzzzzzzzzzz`"
        );

        let of = |provider: &str| Prices {
            provider: Some(provider.to_owned()),
            ..Prices::default()
        };
        let why = list(&of("antropic")).unwrap_err();
        assert_eq!(
            why,
            "there is no provider `antropic` in the catalog; did you mean anthropic?"
        );
        let why = list(&of("q")).unwrap_err();
        assert!(why.contains("; there are anthropic, azure, "), "{why}");
    }
}
