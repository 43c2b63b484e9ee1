use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::{Model, names, text};

/// Models, found as LiteLLM finds them.
#[derive(Clone, Debug, Default)]
pub struct ModelTable {
    models: Vec<Model>,
    /// By their names, in small letters.
    by_id: HashMap<Cow<'static, str>, usize>,
}

/// The rows, by provider. A provider may have several files.
const DATA: [(&str, &str); 28] = [
    ("anthropic", include_str!("data/anthropic.prices")),
    ("azure", include_str!("data/azure.prices")),
    ("azure", include_str!("data/azure_zones.prices")),
    ("azure_ai", include_str!("data/azure_ai.prices")),
    ("bedrock", include_str!("data/bedrock.prices")),
    ("bedrock", include_str!("data/bedrock_profiles.prices")),
    ("bedrock", include_str!("data/bedrock_us.prices")),
    ("cerebras", include_str!("data/cerebras.prices")),
    ("cohere", include_str!("data/cohere.prices")),
    ("dashscope", include_str!("data/dashscope.prices")),
    ("deepinfra", include_str!("data/deepinfra.prices")),
    ("deepseek", include_str!("data/deepseek.prices")),
    ("fireworks_ai", include_str!("data/fireworks_ai.prices")),
    ("gemini", include_str!("data/gemini.prices")),
    ("groq", include_str!("data/groq.prices")),
    ("jina_ai", include_str!("data/jina_ai.prices")),
    ("mistral", include_str!("data/mistral.prices")),
    ("moonshot", include_str!("data/moonshot.prices")),
    ("nebius", include_str!("data/nebius.prices")),
    ("novita", include_str!("data/novita.prices")),
    ("openai", include_str!("data/openai.prices")),
    ("perplexity", include_str!("data/perplexity.prices")),
    ("sambanova", include_str!("data/sambanova.prices")),
    ("together_ai", include_str!("data/together_ai.prices")),
    ("vertex_ai", include_str!("data/vertex_ai.prices")),
    ("voyage", include_str!("data/voyage.prices")),
    ("xai", include_str!("data/xai.prices")),
    ("zai", include_str!("data/zai.prices")),
];

static BUILT_IN: LazyLock<Arc<ModelTable>> = LazyLock::new(|| {
    let table = ModelTable::read().expect("the tests read the same table");
    Arc::new(table)
});

/// All models that the catalog has, provider by provider.
pub fn all() -> impl Iterator<Item = &'static Model> {
    BUILT_IN.models().iter()
}

/// The model of a provider's name for it, or of LiteLLM's. See [`ModelTable::get`].
pub fn get(provider: &str, model: &str) -> Option<&'static Model> {
    BUILT_IN.get(provider, model)
}

/// The models whose names have all the words of `query` in them. See [`ModelTable::search`].
pub fn search(query: &str) -> Vec<&'static Model> {
    BUILT_IN.search(query)
}

// ===== impl ModelTable =====

impl ModelTable {
    /// The models that the catalog has.
    pub fn built_in() -> Arc<Self> {
        Arc::clone(&BUILT_IN)
    }

    /// Reads the catalog.
    pub(super) fn read() -> Result<Self, String> {
        let mut models = Vec::with_capacity(2_048);
        for (provider, rows) in DATA {
            text::read(provider, rows, &mut models)?;
        }
        Ok(Self::default().with(models))
    }

    /// The table with more models. One takes the place of another of the same name.
    #[must_use]
    pub fn with(mut self, models: impl IntoIterator<Item = Model>) -> Self {
        let models = models.into_iter();
        self.by_id.reserve(models.size_hint().0);
        for model in models {
            let id = small_id(&model);
            if let Some(at) = self.by_id.get(&id) {
                self.models[*at] = model;
            } else {
                self.by_id.insert(id, self.models.len());
                self.models.push(model);
            }
        }
        self
    }

    /// All models, in the order in which they came.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The models of a provider.
    pub fn of_provider(&self, provider: &str) -> impl Iterator<Item = &Model> {
        let provider = names::provider(provider);
        self.models
            .iter()
            .filter(move |model| model.provider == provider)
    }

    /// The model of a provider, by the provider's name for it, or by LiteLLM's.
    ///
    /// As in LiteLLM it is looked for as `provider/model`, as `model`, and then without what does not make
    /// it another model: a region (Bedrock's `us.`, `eu.`, …), a version (`-001` at Google), a date
    /// (`-2024-08-06`), or the owner of a fine-tuned model. Small and large letters are the same.
    pub fn get(&self, provider: &str, model: &str) -> Option<&Model> {
        let provider = names::provider(provider);
        let candidates = names::candidates(provider, model);
        candidates.iter().find_map(|id| {
            let at = match self.by_id.get(&**id) {
                Some(at) => at,
                None if id.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                    self.by_id.get(&*id.to_ascii_lowercase())?
                }
                None => return None,
            };
            let found = &self.models[*at];
            names::serves(&found.provider, provider).then_some(found)
        })
    }

    /// The models whose names, or whose provider's, have all the words of `query` in them, by provider and
    /// name. Small and large letters are the same.
    pub fn search(&self, query: &str) -> Vec<&Model> {
        let query = query.to_ascii_lowercase();
        let words: Vec<&str> = query.split_ascii_whitespace().collect();
        let fits = |model: &&Model| {
            let name = format!("{} {}", model.provider, model.id).to_ascii_lowercase();
            words.iter().all(|word| name.contains(word))
        };
        let mut found: Vec<&Model> = self.models.iter().filter(fits).collect();
        found.sort_by(|a, b| (&a.provider, &a.id).cmp(&(&b.provider, &b.id)));
        found
    }
}

/// The name of a model in small letters. Most are that already.
fn small_id(model: &Model) -> Cow<'static, str> {
    if model.id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(model.id.to_ascii_lowercase())
    } else {
        model.id.clone()
    }
}
