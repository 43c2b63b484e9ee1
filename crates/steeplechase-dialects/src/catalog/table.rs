use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Provider, Row};

/// Providers, by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    providers: BTreeMap<String, Provider>,
    /// Other names, and the names that they stand for.
    aliases: BTreeMap<String, String>,
}

/// The files of the table that is built in.
const FILES: [&str; 6] = [
    include_str!("providers/hosts_a_to_l.toml"),
    include_str!("providers/hosts_m_to_z.toml"),
    include_str!("providers/makers.toml"),
    include_str!("providers/platforms.toml"),
    include_str!("providers/routers.toml"),
    include_str!("providers/servers.toml"),
];

static BUILT_IN: LazyLock<Catalog> = LazyLock::new(|| {
    let mut catalog = Catalog::default();
    for text in FILES {
        catalog.read(text).expect("the tests read the same table");
    }
    catalog
});

/// All providers of the table that is built in, by name.
pub fn all() -> impl Iterator<Item = &'static Provider> {
    Catalog::built_in().all()
}

/// The provider of a name, in the table that is built in.
pub fn get(id: &str) -> Option<&'static Provider> {
    Catalog::built_in().get(id)
}

/// As [`Catalog::resolve`], in the table that is built in.
pub fn resolve(name: &str) -> Option<(&'static Provider, &str)> {
    Catalog::built_in().resolve(name)
}

// ===== impl Catalog =====

impl Catalog {
    /// The table that is built in. It is read when it is first asked for.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Adds the rows of a table, as TOML.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for people: the row, the field and why.
    pub fn read(&mut self, text: &str) -> Result<(), String> {
        let rows: BTreeMap<String, toml::Value> =
            toml::from_str(text).map_err(|error| error.to_string())?;
        for (id, row) in rows {
            if self.providers.contains_key(&id) {
                return Err(format!("[{id}]: there is such a row already"));
            }
            let row: Row = row.try_into().map_err(|error: toml::de::Error| {
                format!("[{id}]: {}", error.to_string().trim().replace('\n', " "))
            })?;
            self.lay(&id, row).map_err(|why| format!("[{id}]: {why}"))?;
        }
        Ok(())
    }

    /// Lays a row over the one with its name, field by field, or adds it if there is none.
    ///
    /// # Errors
    ///
    /// What is wrong with the name or with an alias, for people.
    pub fn lay(&mut self, id: &str, row: Row) -> Result<(), String> {
        if id.is_empty() || id.contains(['/', '*', ' ']) {
            return Err(format!(
                "`{id}` cannot stand before the `/` of a model's name"
            ));
        }
        if let Some(other) = self.aliases.get(id) {
            return Err(format!("`{id}` is another name of `{other}`"));
        }
        let row = match self.providers.get(id) {
            Some(below) => below.row.clone().overlay(row),
            None => row,
        };
        let provider = Provider::new(id, row);
        for alias in provider.aliases() {
            let other = self.aliases.get(alias).filter(|other| *other != id);
            if self.providers.contains_key(alias) || other.is_some() {
                return Err(format!("aliases: there is a provider `{alias}` already"));
            }
        }
        self.aliases.retain(|_, other| other != id);
        let aliases = provider.aliases().iter().cloned();
        self.aliases
            .extend(aliases.map(|alias| (alias, id.to_owned())));
        self.providers.insert(id.to_owned(), provider);
        Ok(())
    }

    /// All providers, by name.
    pub fn all(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }

    /// The provider of a name.
    pub fn get(&self, id: &str) -> Option<&Provider> {
        let id = self.aliases.get(id).map_or(id, String::as_str);
        self.providers.get(id)
    }

    /// The provider of a model's name, and the provider's own name for the model.
    ///
    /// A prefix up to the first `/` names the provider. A name without a known one goes by its family:
    /// `claude…` is Anthropic's, `command…` is Cohere's, `gpt…`, `o1`, `text-embedding…` and their kin are
    /// OpenAI's. `None` if nobody can tell.
    pub fn resolve<'n>(&self, name: &'n str) -> Option<(&Provider, &'n str)> {
        const COHERE: [&str; 3] = ["command-", "embed-english-", "embed-multilingual-"];
        const OPENAI: [&str; 7] = [
            "gpt-",
            "chatgpt-",
            "o1",
            "o3",
            "o4",
            "text-embedding-",
            "codex-",
        ];
        let prefixed = name.split_once('/');
        let prefixed = prefixed.and_then(|(id, model)| Some((self.get(id)?, model)));
        if let Some((provider, model)) = prefixed {
            return Some((provider, model));
        }
        if name.starts_with("claude") {
            return Some((self.get("anthropic")?, name));
        }
        if name.starts_with("gemini-") {
            // As LiteLLM has it: for AI Studio one writes `gemini/`.
            return Some((self.get("vertex_ai")?, name));
        }
        if COHERE.iter().any(|family| name.starts_with(family)) {
            return Some((self.get("cohere")?, name));
        }
        let openai = OPENAI.iter().any(|family| name.starts_with(family));
        openai
            .then(|| self.get("openai"))
            .flatten()
            .map(|provider| (provider, name))
    }
}
