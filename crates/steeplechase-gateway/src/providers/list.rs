use std::fmt::Write as _;

use serde_json::Value;
use steeplechase::dialects::catalog::{Catalog, Provider};

use super::{explain, facts};
use crate::assemble;
use crate::cli::Providers;
use crate::config::{Config, nearest};

/// What the command says. `env` looks up variables of the environment.
///
/// # Errors
///
/// A name that no provider has, or a configuration that cannot be read; for people.
pub fn text(options: &Providers, env: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let Some(path) = &options.config else {
        return say(options, Catalog::built_in(), env);
    };
    let loaded = Config::read(path, env).map_err(|errors| errors.to_string())?;
    let catalog = assemble::catalog(&loaded.config).map_err(|errors| {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    say(options, &catalog, &|name| loaded.variable(name, env))
}

fn say(
    options: &Providers,
    catalog: &Catalog,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let json = |value: Value| format!("{value:#}\n");
    let Some(name) = &options.name else {
        return Ok(if options.json {
            json(
                catalog
                    .all()
                    .map(|provider| facts::of(provider, env))
                    .collect(),
            )
        } else {
            list(catalog, env)
        });
    };
    let provider = catalog.get(name).ok_or_else(|| unknown(name, catalog))?;
    Ok(if options.json {
        json(facts::of(provider, env))
    } else {
        explain::text(provider, env)
    })
}

fn list(catalog: &Catalog, env: &dyn Fn(&str) -> Option<String>) -> String {
    let rows: Vec<_> = catalog.all().map(|provider| row(provider, env)).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for [id, name, key, state] in &rows {
        let [ids, names, keys] = widths;
        _ = writeln!(out, "{id:ids$}  {name:names$}  {key:keys$}  {state}");
    }
    _ = writeln!(
        out,
        "\n{} providers; `steeplechase providers NAME` explains one",
        rows.len()
    );
    out
}

/// The provider's name, its name for people, the variable of its key, and how that is.
fn row<'p>(provider: &'p Provider, env: &dyn Fn(&str) -> Option<String>) -> [&'p str; 4] {
    let keys = provider.key_variables();
    let set = facts::set(keys, env);
    let key = set.or(keys.first().map(String::as_str)).unwrap_or("-");
    let state = match set {
        Some(_) => "set",
        None if provider.is_key_optional() => "not needed",
        None => "not set",
    };
    [provider.id(), provider.name(), key, state]
}

fn unknown(name: &str, catalog: &Catalog) -> String {
    let aliases = catalog.all().flat_map(Provider::aliases);
    let names = catalog.all().map(Provider::id);
    let fix = match nearest(name, names.chain(aliases.map(String::as_str))) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`steeplechase providers` lists those that there are".to_owned(),
    };
    format!("there is no provider `{name}`; {fix}")
}
