//! What is on the wire for each provider, against `providers.jsonl`.
//!
//! The file was written from the providers' documentation, and not from the table. A provider that is
//! added to the table needs its line there.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::{Map, Value};
use steeplechase_core::call::{Call, Operation};
use steeplechase_core::{Class, Deployment, Error};
use tower::{Layer, ServiceExt};

use super::*;
use crate::intake::scan;
use crate::translate::TranslateLayer;

/// What a caller asks of each of them; `LIMIT` is a name for the most tokens of the answer.
const ASKED: &str = r#"{"model":"fast","messages":[{"role":"user","content":"hi"}],"LIMIT":64,
    "temperature":0.5,"top_p":0.5,"frequency_penalty":0.25,"presence_penalty":0.25,
    "logit_bias":{"1":1},"logprobs":true,"seed":7,"stop":["x"],"user":"u",
    "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}"#;

const LIMITS: [&str; 2] = ["max_completion_tokens", "max_tokens"];

/// Those of which it makes no difference to the answer that they are left out.
const HARMLESS: [&str; 1] = ["user"];

/// A line of the file.
struct Golden(Map<String, Value>);

impl Golden {
    fn all() -> impl Iterator<Item = Self> {
        let lines = include_str!("providers.jsonl").lines();
        lines.map(|line| Self(serde_json::from_str(line).unwrap()))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn id(&self) -> &str {
        self.text("id").unwrap()
    }

    fn pairs(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        let object = self.0.get(name).and_then(Value::as_object);
        let pairs = object.into_iter().flatten();
        pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
    }

    fn without(&self) -> Vec<&str> {
        let names = self.0.get("without").and_then(Value::as_array);
        names
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// A deployment of the provider, as an operator would have it.
    fn deployment(&self, drop_params: bool) -> Arc<Deployment> {
        let mut variables: Vec<_> = self.pairs("env").collect();
        variables.extend(self.text("key").map(|name| (name, "KEY")));
        let env = env(&variables);
        let asked = self.text("model").unwrap_or("model-1");
        let name = format!("{}/{asked}", self.id());
        let (provider, model) = resolve(&name).unwrap();
        let key = provider.key(&env).unwrap_or_else(|| ApiKey::new("KEY"));
        let url = match self.text("api_base") {
            Some(url) => base_url(url).unwrap(),
            None => provider.url(&env).unwrap(),
        };
        let builder = Deployment::builder("d", "fast", provider.dialect())
            .upstream_model(model)
            .base_url(url)
            .drop_params(drop_params);
        provider.equip(builder, Some(key), &env).unwrap().build()
    }

    /// The body that the provider is to get.
    fn body(&self, limit: &str) -> Value {
        if let Some(body) = self.0.get("body") {
            return body.clone();
        }
        let asked: Map<String, Value> =
            serde_json::from_str(&ASKED.replace("LIMIT", limit)).unwrap();
        let without = self.without();
        let kept = asked
            .into_iter()
            .filter(|(name, _)| !without.contains(&&**name));
        let renamed = kept.map(|(name, value)| {
            let new = self.pairs("renames").find(|(old, _)| *old == name);
            (new.map_or(name.clone(), |(_, new)| new.to_owned()), value)
        });
        let mut body: Map<String, Value> = renamed.collect();
        body["model"] = self.text("theirs").unwrap_or("model-1").into();
        Value::Object(body)
    }
}

/// The request that is sent for a call, if one is.
async fn sent(deployment: &Arc<Deployment>, limit: &str) -> Result<Request<Full<Bytes>>, Error> {
    let sent = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&sent);
    let client = tower::service_fn(move |request: Request<Full<Bytes>>| {
        keep.lock().unwrap().replace(request);
        // What is answered does not matter here.
        async {
            Ok::<_, Infallible>(
                Response::builder()
                    .status(500)
                    .body(Full::<Bytes>::default())
                    .unwrap(),
            )
        }
    });
    let raw = Bytes::from(ASKED.replace("LIMIT", limit));
    let head = scan(&raw).unwrap();
    let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
    let service = TranslateLayer::to(deployment).layer(client);
    let error = service.oneshot(Request::new(call)).await.unwrap_err();
    let sent = sent.lock().unwrap().take();
    sent.ok_or(error)
}

#[test]
fn each_provider_with_chat_has_its_line() {
    let golden = Golden::all().map(|golden| golden.id().to_owned());
    let golden: BTreeSet<_> = golden.collect();
    assert!(golden.len() >= 110);
    // The others have golden cases of their dialects, or of their platform.
    let is_here = |provider: &Provider| {
        matches!(
            provider.dialect(),
            Dialect::Anthropic | Dialect::Bedrock | Dialect::OpenAi
        ) && !provider.id().starts_with("azure")
    };
    let with_chat =
        all().filter(|provider| is_here(provider) && provider.endpoints()[0].1.is_some());
    let names = with_chat.flat_map(|provider| {
        let aliases = provider.aliases().iter().cloned();
        aliases.chain([provider.id().to_owned()])
    });
    assert_eq!(names.collect::<BTreeSet<_>>(), golden);
}

#[tokio::test]
async fn the_url_the_headers_and_the_body_are_what_the_provider_documents() {
    for golden in Golden::all() {
        let id = golden.id();
        let deployment = golden.deployment(true);
        for limit in LIMITS {
            let request = sent(&deployment, limit).await.unwrap();
            assert_eq!(request.uri(), golden.text("url").unwrap(), "{id}");

            let (name, value) = golden.text("auth").unwrap().split_once(": ").unwrap();
            assert_eq!(request.headers()[name], value, "{id}");
            assert!(request.headers()[name].is_sensitive(), "{id}");
            let mut more = 4;
            for (name, value) in golden.pairs("headers") {
                assert_eq!(request.headers()[name], value, "{id}");
                more += 1;
            }
            assert_eq!(
                request.headers().len(),
                more,
                "{id}: {:?}",
                request.headers()
            );

            let body = request.into_body().collect().await.unwrap().to_bytes();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body, golden.body(limit), "{id}");
        }
    }
}

#[tokio::test]
async fn what_a_provider_refuses_is_an_error_that_names_it_unless_it_may_be_left_out() {
    for golden in Golden::all().filter(|golden| !golden.0.contains_key("body")) {
        let id = golden.id();
        let outcome = sent(&golden.deployment(false), "max_completion_tokens").await;
        let refused: Vec<_> = golden.without();
        let mut refused = refused.iter().filter(|name| !HARMLESS.contains(*name));
        match outcome {
            Ok(_) => assert_eq!(refused.next(), None, "{id}"),
            Err(error) => {
                assert_eq!(error.class(), Class::Unsupported, "{id}: {error}");
                let param = error.param().unwrap().to_owned();
                assert!(refused.any(|name| *name == param), "{id}: {error}");
                let provider = resolve(&format!("{id}/x")).unwrap().0.id();
                assert!(
                    error.message().contains(&format!("`{provider}`")),
                    "{id}: {error}"
                );
            }
        }
    }
}
