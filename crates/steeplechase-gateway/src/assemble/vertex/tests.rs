use std::sync::Arc;

use http::{HeaderMap, Method};
use serde_json::json;
use steeplechase::deployment::{Auth, Platform};
use steeplechase::{Deployment, Dialect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::assemble::deployments::{Deployments, read};
use crate::assemble::{Upkeep, from_config};
use crate::config::{Config, Diagnostic};

/// A login that nobody has.
const LOGIN: &str =
    r#"{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}"#;

fn nothing(_: &str) -> Option<String> {
    None
}

fn config(params: &[&str]) -> Config {
    let models = params
        .iter()
        .map(|params| format!("  - model_name: m\n    litellm_params: {{{params}}}\n"));
    let text = format!("model_list:\n{}", models.collect::<String>());
    Config::parse(&text, "config.yaml", nothing).unwrap().config
}

fn deployments(params: &[&str]) -> Result<Deployments, Vec<Diagnostic>> {
    let env = |name: &str| (name == "VERTEXAI_CREDENTIALS").then(|| LOGIN.to_owned());
    read(&config(params), &env)
}

fn one(params: &str) -> Arc<Deployment> {
    let read = deployments(&[params]);
    let read = read.unwrap_or_else(|errors| panic!("{errors:?}"));
    Arc::clone(&read.groups[0].1[0])
}

fn refused(params: &str) -> String {
    let read = deployments(&[params]);
    let Err(errors) = read else {
        panic!("it was taken");
    };
    errors[0].to_string()
}

#[test]
fn a_models_maker_says_in_which_dialect_and_where() {
    let base = "https://us-central1-aiplatform.googleapis.com/v1/projects/p1/locations/us-central1";
    let vertex = |dialect, model| (dialect, Platform::Vertex, model, base.to_owned());
    let openai = |model, path: &str| {
        (
            Dialect::OpenAi,
            Platform::Own,
            model,
            format!("{base}{path}"),
        )
    };
    for (name, (dialect, platform, model, url)) in [
        (
            "gemini-2.5-flash",
            vertex(Dialect::Gemini, "gemini-2.5-flash"),
        ),
        (
            "google/gemini-2.5-pro",
            vertex(Dialect::Gemini, "gemini-2.5-pro"),
        ),
        ("gemini/1234567890", vertex(Dialect::Gemini, "1234567890")),
        (
            "text-embedding-005",
            vertex(Dialect::Gemini, "text-embedding-005"),
        ),
        (
            "claude-sonnet-4-5@20250929",
            vertex(Dialect::Anthropic, "claude-sonnet-4-5@20250929"),
        ),
        (
            "meta/llama-4-maas",
            openai("meta/llama-4-maas", "/endpoints/openapi"),
        ),
        (
            "openai/gpt-oss-120b-maas",
            openai("openai/gpt-oss-120b-maas", "/endpoints/openapi"),
        ),
        ("openai/99", openai("99", "/endpoints/99")),
    ] {
        let deployment = one(&format!("model: vertex_ai/{name}, vertex_project: p1"));
        let found = (deployment.dialect(), deployment.platform().clone());
        assert_eq!(found, (dialect, platform), "{name}");
        assert_eq!(deployment.upstream_model(), model);
        assert_eq!(*deployment.base_url(), *url, "{name}");
        assert!(matches!(deployment.auth(), Auth::Each(_)));
    }
}

#[test]
fn a_location_is_a_part_of_the_host() {
    for (params, host) in [
        (
            "vertex_location: europe-west4",
            "europe-west4-aiplatform.googleapis.com",
        ),
        ("vertex_ai_location: global", "aiplatform.googleapis.com"),
        ("vertex_location: eu", "aiplatform.eu.rep.googleapis.com"),
    ] {
        let deployment = one(&format!(
            "model: vertex_ai/gemini-x, vertex_ai_project: 12, {params}"
        ));
        assert_eq!(deployment.base_url().host(), Some(host));
    }
    for location in ["evil.test/x", "a.b", "Europe", "\"\"", "-x"] {
        let params =
            format!("model: vertex_ai/gemini-x, vertex_project: p, vertex_location: {location}");
        let error = refused(&params);
        assert!(
            error.contains("config.yaml:3") || error.contains("config.yaml:2"),
            "{error}"
        );
        assert!(
            error.contains("vertex_location: this is no location"),
            "{error}"
        );
    }
}

#[test]
fn a_beta_a_proxy_and_a_key_have_their_own_urls() {
    let beta = one("model: vertex_ai_beta/gemini-x, vertex_project: p1, vertex_location: us-east5");
    assert_eq!(
        beta.base_url().path(),
        "/v1beta1/projects/p1/locations/us-east5"
    );
    let proxy = one("model: vertex_ai/gemini-x, api_base: 'https://proxy.test/v1/x/'");
    assert_eq!(*proxy.base_url(), "https://proxy.test/v1/x");
    let express = one("model: vertex_ai/gemini-x, api_key: k");
    assert_eq!(*express.base_url(), "https://aiplatform.googleapis.com/v1");
    let auth = express.auth();
    assert!(
        matches!(auth, Auth::Header(name, key) if name == "x-goog-api-key" && key.expose() == "k")
    );
}

#[test]
fn a_project_is_written_or_set_or_that_of_the_credentials() {
    let login = json!({"type": "authorized_user", "client_id": "c", "client_secret": "s",
                       "refresh_token": "r", "quota_project_id": "of-login"});
    let params = format!("model: vertex_ai/gemini-x, vertex_credentials: {login}");
    let path = |env: &dyn Fn(&str) -> Option<String>| {
        let read = read(&config(&[&params]), env).unwrap_or_else(|errors| panic!("{errors:?}"));
        read.groups[0].1[0].base_url().path().to_owned()
    };
    assert!(path(&nothing).contains("/projects/of-login/"));
    let set = |name: &str| (name == "VERTEXAI_PROJECT").then(|| "of-env".to_owned());
    assert!(path(&set).contains("/projects/of-env/"));
    let error = refused("model: vertex_ai/gemini-x");
    assert!(
        error.contains("vertex_project: nobody says which project"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_used_is_left_out_with_a_warning() {
    let usable = "model: openai/x, api_key: k";
    for (params, says) in [
        (
            "model: vertex_ai/mistral-large@2407, vertex_project: p",
            "dialect of its own",
        ),
        (
            "model: vertex_ai/gemini-x, vertex_project: p, vertex_credentials: /nowhere/key.json",
            "/nowhere/key.json",
        ),
        (
            "model: vertex_ai/gemini-x, vertex_project: p, vertex_credentials: {type: strange}",
            "`strange`",
        ),
    ] {
        let assembled = from_config(&config(&[params, usable]), &nothing).unwrap();
        assert_eq!(assembled.providers, [Arc::from("openai")]);
        let warning = assembled.warnings[0].to_string();
        assert!(
            warning.contains(says) && warning.contains("left out"),
            "{warning}"
        );
    }
}

/// A server that answers all with a token.
async fn token_server() -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let token = r#"{"access_token":"t-1","expires_in":3600,"token_type":"Bearer"}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{token}",
                token.len()
            );
            _ = stream.read(&mut [0; 8192]).await;
            _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (url, serving)
}

fn external(token_url: &str) -> String {
    // A file that is there: its contents are the token of somebody else.
    let file = env!("CARGO_MANIFEST_DIR").to_owned() + "/Cargo.toml";
    json!({"type": "external_account", "audience": "a", "subject_token_type": "t",
           "token_url": token_url, "credential_source": {"file": file}})
    .to_string()
}

#[tokio::test]
async fn deployments_of_one_account_share_a_token_that_is_there_before_the_first_call() {
    let (url, _serving) = token_server().await;
    let params = |model: &str| {
        let credentials = external(&url);
        format!("model: vertex_ai/{model}, vertex_project: p, vertex_credentials: '{credentials}'")
    };
    let (one, other) = (params("gemini-x"), params("claude-x"));
    let read = deployments(&[&one, &other]).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(read.upkeep.len(), 1);
    let _fresh = Upkeep::start(read.upkeep).await;
    for deployment in &read.groups[0].1 {
        let Auth::Each(authorize) = deployment.auth() else {
            panic!("it is called with a token");
        };
        let mut headers = HeaderMap::new();
        let outcome = authorize.authorize(&Method::POST, deployment.base_url(), &mut headers, b"");
        outcome.unwrap();
        assert_eq!(headers["authorization"], "Bearer t-1");
    }
}

#[tokio::test]
async fn without_a_token_there_is_a_start_all_the_same() {
    let credentials = external("http://127.0.0.1:1/");
    let params = format!(
        "model: vertex_ai/gemini-x, vertex_project: p, vertex_credentials: '{credentials}'"
    );
    let read = deployments(&[&params]).unwrap_or_else(|errors| panic!("{errors:?}"));
    let deployment = Arc::clone(&read.groups[0].1[0]);
    assert!(format!("{:?}", read.upkeep[0]).contains("\"m\""));
    let _fresh = Upkeep::start(read.upkeep).await;
    let Auth::Each(authorize) = deployment.auth() else {
        panic!("it is called with a token");
    };
    let mut headers = HeaderMap::new();
    let outcome = authorize.authorize(&Method::POST, deployment.base_url(), &mut headers, b"");
    assert_eq!(outcome.unwrap_err().class(), steeplechase::Class::Auth);
}
