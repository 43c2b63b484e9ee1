//! How rows are read and laid over others.

use serde_json::json;

use super::*;

fn read(text: &str) -> Result<Catalog, String> {
    let mut catalog = Catalog::default();
    catalog.read(text).map(|()| catalog)
}

#[test]
fn a_mistake_is_told_with_its_row_and_its_field() {
    for (text, words) in [
        ("[a]\nkey_env = 'A'", ["[a]", "key_env"]),
        ("[a]\nbse_url = 'https://a.b'", ["[a]", "`bse_url`"]),
        ("[a]\nbase_url = 'a.b'", ["[a]", "base_url"]),
        (
            "[a]\nbase_url = 'https://{x'",
            ["[a]", "`{` without its `}`"],
        ),
        ("[a]\ndialect = 'klingon'", ["[a]", "`klingon`"]),
        (
            "[a]\nauth = 'query'\nheaders = {'a b' = 'c'}",
            ["[a]", "headers"],
        ),
        ("[a]\nauth = 'scheme T K'", ["[a]", "auth"]),
        ("[a]\nendpoints = { chat = 'v1' }", ["[a]", "endpoints"]),
        ("[a]\nlimits = { n = { most = 1 } }", ["[a]", "`most`"]),
        ("[a]\nstream_usage = 'often'", ["[a]", "`often`"]),
        ("[a]\nmodel_names = 'upside down'", ["[a]", "model_names"]),
        ("[[a.models]]\ndrops = ['n']", ["[a]", "match"]),
        ("[a]\nname = 1", ["[a]", "name"]),
        ("['a/b']", ["[a/b]", "`/`"]),
        ("[a]\naliases = ['b']\n[b]", ["[b]", "another name of `a`"]),
        ("[a]\n[b]\naliases = ['a']", ["[b]", "aliases"]),
        ("[a", ["", "line 1"]),
    ] {
        let error = read(text).unwrap_err();
        assert!(
            words.iter().all(|word| error.contains(word)),
            "{text}: {error}"
        );
    }
    let mut twice = read("[a]").unwrap();
    assert!(twice.read("[a]").unwrap_err().contains("already"));
}

#[test]
fn a_row_is_laid_over_another_field_by_field() {
    let mut catalog = Catalog::built_in().clone();
    let over = Row::from_field("base_url", json!("https://eu.example.com/v1")).unwrap();
    catalog.lay("groq", over).unwrap();
    let over = Row::from_field("drops", json!(["seed"])).unwrap();
    catalog.lay("groq", over).unwrap();
    let groq = catalog.get("groq").unwrap();
    assert_eq!(groq.base_url(), Some("https://eu.example.com/v1"));
    assert_eq!(groq.key_variables(), ["GROQ_API_KEY"]);
    assert_eq!(groq.profile().params.drops, ["seed".into()]);
    assert_eq!(groq.profile().params.limits.len(), 1);
    let built_in = get("groq").unwrap();
    assert_eq!(built_in.base_url(), Some("https://api.groq.com/openai/v1"));
}

#[test]
fn a_row_of_ones_own_is_found_by_its_name_and_its_aliases() {
    let mut catalog = Catalog::built_in().clone();
    catalog
        .read("[house]\nbase_url = 'https://a.b/v1'\naliases = ['home']")
        .unwrap();
    assert_eq!(catalog.resolve("house/x").unwrap().0.id(), "house");
    assert_eq!(catalog.resolve("home/x/y").unwrap().1, "x/y");
    assert_eq!(catalog.get("home").unwrap().name(), "house");
    // Other aliases take the place of those before.
    let over = Row::from_field("aliases", json!(["flat"])).unwrap();
    catalog.lay("house", over).unwrap();
    assert!(catalog.get("home").is_none() && catalog.get("flat").is_some());
    // Those of the table stay its own.
    let over = Row::from_field("aliases", json!(["openai"])).unwrap();
    assert!(catalog.lay("house", over).is_err());
    assert!(catalog.lay("ollama_chat", Row::default()).is_err());
}

#[test]
fn what_is_said_of_some_models_goes_beside_what_is_said_of_all() {
    let catalog = read(
        "[a]
         renames = { x = 'y' }
         drops = ['n']
         limits = { t = { max = 1 }, s = { max_items = 2 } }
         [[a.models]]
         match = ['m*']
         renames = { z = 'y' }
         ignored = ['u']
         limits = { t = { max = 2, clamp = true } }",
    );
    let catalog = catalog.unwrap();
    let params = &catalog.get("a").unwrap().profile().models[0].params;
    let renames: Vec<_> = params.renames.keys().map(|name| &**name).collect();
    assert_eq!(renames, ["x", "z"]);
    assert_eq!(
        (&params.drops, &params.ignored),
        (&vec!["n".into()], &vec!["u".into()])
    );
    let limits = params
        .limits
        .iter()
        .map(|limit| (&*limit.param, limit.max, limit.clamp));
    assert_eq!(
        limits.collect::<Vec<_>>(),
        [("s", None, false), ("t", Some(2.0), true)]
    );
}

#[test]
fn a_field_is_read_alone() {
    assert!(Row::from_field("key_env", json!(["A"])).is_some());
    assert!(Row::from_field("key_env", json!("A")).is_none());
    assert!(Row::from_field("no_such", json!("A")).is_none());
}

#[test]
fn what_a_provider_has_is_what_is_said() {
    let catalog = read(
        "[a]
         endpoints = { embeddings = false, rerank = true, responses = '/v2/responses' }
         [b]
         dialect = 'anthropic'",
    );
    let catalog = catalog.unwrap();
    assert_eq!(
        catalog.get("a").unwrap().endpoints(),
        [
            ("chat", Some("/chat/completions")),
            ("embeddings", None),
            ("responses", Some("/v2/responses")),
            ("rerank", Some("/rerank")),
        ]
    );
    assert_eq!(
        catalog.get("b").unwrap().endpoints(),
        [("chat", Some("/v1/messages"))]
    );
}

#[test]
fn a_log_of_a_row_shows_nothing_that_may_be_a_secret() {
    let mut catalog = Catalog::default();
    let url = "base_url = 'https://user:canary@a.b/{ACCOUNT}'";
    let row = format!("[a]\n{url}\nheaders = {{ x-a = 'canary' }}");
    catalog.read(&row).unwrap();
    let shown = format!("{catalog:?}");
    assert!(
        shown.contains("ACCOUNT") && !shown.contains("canary"),
        "{shown}"
    );
}
