//! A caller reaches no host but those that the operator has configured, and shows them no key but the operator's.

use std::net::TcpListener;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const PATHS: [&str; 4] = [
    "/v1/chat/completions",
    "/v1/messages",
    "/v1/responses",
    "/v1/embeddings",
];

/// What callers would have as the key of a provider. No provider is to see it.
const CANARY: &str = "sk-canary";

/// A provider, a gateway in front of it, and a host that nobody has configured.
struct World {
    sim: SimServer,
    program: Program,
    trap: TcpListener,
}

// ===== impl World =====

impl World {
    async fn new() -> Self {
        let sim = Sim::new("provider").require_key("up");
        let sim = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
        let trap = TcpListener::bind("127.0.0.1:0").unwrap();
        trap.set_nonblocking(true).unwrap();
        let config = format!(
            "
model_list:
  - model_name: fast
    litellm_params: {{model: anthropic/claude-x, api_base: {url}, api_key: up, cooldown_time: 0}}
  - model_name: plain
    litellm_params: {{model: openai/gpt-x, api_base: {url}/v1, api_key: up, cooldown_time: 0}}
  - model_name: any/*
    litellm_params: {{model: openai/*, api_base: {url}/v1, api_key: up, cooldown_time: 0}}
  - model_name: gemini/*
    litellm_params: {{model: gemini/*, api_base: {url}, api_key: up, cooldown_time: 0}}
  - model_name: azure/*
    litellm_params: {{model: azure/*, api_base: {url}, api_key: up, api_version: v1, cooldown_time: 0}}
  - model_name: dated/*
    litellm_params: {{model: azure/*, api_base: {url}, api_key: up, api_version: 2024-10-21, cooldown_time: 0}}
  - model_name: order/*
    litellm_params: {{model: deepinfra/*, api_base: {url}/v1, api_key: up, cooldown_time: 0}}
router_settings: {{num_retries: 0}}
general_settings: {{master_key: sk-1234}}
",
            url = sim.url()
        );
        let program = Program::start(&config).await;
        Self { sim, program, trap }
    }

    /// The trap, as callers would write it.
    fn url(&self) -> String {
        format!("http://{}", self.host())
    }

    fn host(&self) -> String {
        self.trap.local_addr().unwrap().to_string()
    }

    /// Sends a call with more fields, or others, and with more headers.
    async fn ask(&self, path: &str, fields: &Value, headers: &[(&str, &str)]) -> (u16, String) {
        let mut body = json!({"model": "plain", "max_tokens": 10});
        let name = match path {
            "/v1/responses" | "/v1/embeddings" => "input",
            _ => "messages",
        };
        body[name] = if name == "input" {
            json!("hi")
        } else {
            json!([{"role": "user", "content": "hi"}])
        };
        if path == "/v1/responses" || path == "/v1/embeddings" {
            body.as_object_mut().unwrap().remove("max_tokens");
        }
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let mut request = Request::post(self.program.url(path))
            .header("content-type", "application/json")
            .header("authorization", "Bearer sk-1234");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = send(request.body(Full::from(body.to_string())).unwrap()).await;
        (answer.status().as_u16(), text(answer).await)
    }

    /// Nobody has come to the trap, and nobody was shown a caller's key, or where a caller wants to go.
    fn is_safe(&self, after: &str) {
        let came = self.trap.accept();
        assert!(
            came.is_err(),
            "{after}: the trap was connected to: {came:?}"
        );
        for request in self.sim.sim().requests() {
            let body = String::from_utf8_lossy(&request.body);
            let shown = format!("{} {:?} {body}", request.uri, request.headers);
            assert!(!shown.contains(CANARY), "{after}: {shown}");
        }
    }
}

/// Whether a path leads out of where it begins, for whoever resolves it.
fn climbs(path: &str) -> bool {
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    path.split(['/', '\\']).any(|part| part == "..")
}

#[tokio::test]
async fn fields_of_a_call_lead_nowhere_else() {
    let world = World::new().await;
    let url = world.url();
    let list = json!([{"model_name": "plain",
        "litellm_params": {"model": "openai/gpt-x", "api_base": url, "api_key": CANARY}}]);
    let fields = [
        json!({"api_base": url}),
        json!({"base_url": url}),
        json!({"api_base": url, "api_key": CANARY}),
        json!({"api_base": url, "api_key": CANARY, "custom_llm_provider": "openai"}),
        json!({"custom_llm_provider": "ollama", "api_base": url}),
        json!({"api_type": "azure", "api_version": "v1", "azure_ad_token": CANARY, "base_url": url}),
        json!({"aws_access_key_id": "a", "aws_secret_access_key": CANARY, "api_base": url}),
        json!({"aws_web_identity_token": CANARY, "aws_bedrock_runtime_endpoint": url}),
        json!({"client_secret": CANARY, "api_base": url}),
        json!({"vertex_credentials": CANARY, "api_base": url}),
        json!({"litellm_params": {"api_base": url, "api_key": CANARY}}),
        json!({"litellm_credential_name": "other", "litellm_metadata": {"api_base": url}}),
        json!({"metadata": {"model_group": "plain", "deployment": {"api_base": url}}}),
        json!({"user_config": {"model_list": list}}),
        json!({"extra_body": {"api_base": url}}),
        json!({"extra_headers": {"host": world.host()}}),
        json!({"fallbacks": [{"model": "plain", "api_base": url, "api_key": CANARY}]}),
        json!({"fallbacks": [url]}),
    ];
    for path in PATHS {
        for fields in &fields {
            let before = world.sim.sim().counts().started;
            let (status, told) = world.ask(path, fields, &[]).await;
            world.is_safe(&format!("{path} {fields}: {status}"));
            // It is served as if it had not said so, or refused; by us or by the provider.
            assert!(
                status == 200 || (400..500).contains(&status),
                "{path} {fields}: {status} {told}"
            );
            let is_asked = world.sim.sim().counts().started > before;
            assert!(is_asked || status != 200, "{path} {fields}: {told}");
            assert!(!told.contains(CANARY), "{told}");
        }
    }
}

#[tokio::test]
async fn a_fallback_of_the_call_leads_nowhere_else_when_it_is_followed() {
    let world = World::new().await;
    let url = world.url();
    let targets = [
        // What it says beside a model that there is counts for nothing.
        (
            json!({"model": "plain", "api_base": url, "api_key": CANARY}),
            true,
        ),
        (
            json!({"model": "plain", "base_url": url, "custom_llm_provider": "openai"}),
            true,
        ),
        (
            json!({"model": "plain", "user_config": {"api_key": CANARY}}),
            true,
        ),
        (
            json!({"model": format!("any/{url}/v1"), "api_base": url}),
            true,
        ),
        (json!({"model": format!("{url}/v1")}), false),
        (json!({"model": format!("openai/{url}")}), false),
        (
            json!({"model": format!("openai/gpt-x@{}", world.host()), "api_base": url}),
            false,
        ),
    ];
    for (target, is_known) in targets {
        world.sim.sim().enqueue([Behaviour::error(500)]);
        let fields = json!({"model": "fast", "fallbacks": [target]});
        let (status, told) = world.ask(PATHS[0], &fields, &[]).await;
        world.is_safe(&fields.to_string());
        assert_eq!(status == 200, is_known, "{fields}: {status} {told}");
    }
}

#[tokio::test]
async fn headers_of_a_call_lead_nowhere_else() {
    let world = World::new().await;
    let (url, host) = (world.url(), world.host());
    for name in [
        "x-litellm-api-base",
        "x-litellm-base-url",
        "x-litellm-model",
        "x-litellm-custom-llm-provider",
        "x-steeplechase-api-base",
        "x-steeplechase-deployment",
        "x-api-base",
        "api-base",
        "openai-base-url",
        "x-litellm-fallbacks",
        "x-steeplechase-fallbacks",
        "x-forwarded-host",
        "x-forwarded-for",
        "x-original-url",
        "forwarded",
        "proxy-authorization",
        "referer",
        "custom-llm-provider",
    ] {
        for path in PATHS {
            let (status, told) = world.ask(path, &json!({}), &[(name, &url)]).await;
            world.is_safe(&format!("{path} {name}: {status}"));
            assert_eq!(status, 200, "{path} {name}: {told}");
        }
        // Where all fails, what follows is no other host either.
        world.sim.sim().enqueue([Behaviour::error(500)]);
        world.ask(PATHS[0], &json!({}), &[(name, &url)]).await;
        world.is_safe(name);
    }
    // A key of the caller's for a provider is for nobody.
    for name in [
        "openai-api-key",
        "x-anthropic-api-key",
        "x-openai-key",
        "cookie",
    ] {
        let (status, told) = world.ask(PATHS[0], &json!({}), &[(name, CANARY)]).await;
        assert_eq!(status, 200, "{name}: {told}");
        world.is_safe(name);
    }
    // This one is the gateway's own.
    let key = [("x-litellm-api-key", CANARY)];
    let (status, _) = world.ask(PATHS[0], &json!({}), &key).await;
    assert_eq!(status, 401);
    world.is_safe("x-litellm-api-key");
    let (status, _) = world.ask(PATHS[0], &json!({}), &[("host", &host)]).await;
    world.is_safe("host");
    assert_eq!(status, 200);
}

#[tokio::test]
async fn names_of_models_are_no_addresses() {
    let world = World::new().await;
    let (url, host) = (world.url(), world.host());
    let unknown = [
        url.clone(),
        format!("{url}/v1"),
        format!("openai/{url}"),
        format!("//{host}/v1"),
        format!("@{host}"),
        format!("plain@{host}"),
        format!("plain?api_base={url}"),
        format!("plain#{url}"),
        format!("openai/gpt-4o@{url}"),
        "openai/gpt-4o".to_owned(),
        "ollama/llama3".to_owned(),
        "bedrock/anthropic.claude-3".to_owned(),
        "vertex_ai/gemini-x".to_owned(),
        format!("hosted_vllm/{url}"),
    ];
    for model in unknown {
        for path in PATHS {
            let before = world.sim.sim().counts().started;
            let (status, told) = world.ask(path, &json!({"model": model}), &[]).await;
            assert_eq!(status, 404, "{path} {model}: {told}");
            assert_eq!(world.sim.sim().counts().started, before, "{path} {model}");
            world.is_safe(&model);
        }
    }
    // With a pattern it is the provider's to say; it is asked at its own address.
    for name in [
        format!("{url}/v1"),
        format!("@{host}/v1"),
        "..".to_owned(),
        "%2e%2e".to_owned(),
        format!("../../..//{host}/"),
        format!("x?y={url}"),
        format!("x#{url}"),
        format!("x\\@{host}"),
        "%2e%2e/%2e%2e/v1/files".to_owned(),
        format!("x\r\nhost: {host}"),
    ] {
        for group in ["any", "gemini", "azure", "dated"] {
            let model = format!("{group}/{name}");
            let (status, told) = world.ask(PATHS[0], &json!({"model": model}), &[]).await;
            world.is_safe(&model);
            assert!((200..600).contains(&status), "{model}: {told}");
            let order = json!({"model": format!("order/{name}"), "query": "q", "documents": ["d"]});
            world.ask("/v1/rerank", &order, &[]).await;
            world.is_safe(&model);
            for request in world.sim.sim().requests() {
                let path = request.path();
                let places = [PATHS[0], "/models/", "/openai/", "/v1/inference/"];
                let is_in_place = places.iter().any(|place| path.starts_with(place));
                assert!(is_in_place && !climbs(path), "{model}: {path}");
            }
        }
    }
    let requests = world.sim.sim().requests();
    for place in ["/models/", "/openai/deployments/", "/v1/inference/"] {
        let is_asked = requests.iter().any(|it| it.path().starts_with(place));
        assert!(is_asked, "nobody was asked at {place}");
    }
}

#[tokio::test]
async fn the_gateway_is_no_proxy_and_fetches_nothing_for_a_call() {
    let world = World::new().await;
    let (url, host) = (world.url(), world.host());
    let body = chat("plain", false).to_string();
    for line in [
        format!("POST {url}/v1/chat/completions HTTP/1.1"),
        format!("GET {url}/ HTTP/1.1"),
        format!("CONNECT {host} HTTP/1.1"),
        format!("POST //{host}/v1/chat/completions HTTP/1.1"),
    ] {
        let mut socket = tokio::net::TcpStream::connect(world.program.addr())
            .await
            .unwrap();
        let request = format!(
            "{line}\r\nhost: {host}\r\nauthorization: Bearer sk-1234\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, socket.read_to_end(&mut answer)).await;
        // What it says to such a line is its own affair, as long as it says something.
        let _ = read.expect("an end in time");
        world.is_safe(&line);
    }

    let image = json!([{"role": "user", "content": [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": format!("{url}/x.png")}},
    ]}]);
    let file = json!([{"role": "user", "content": [
        {"type": "file", "file": {"file_id": format!("{url}/x.pdf"), "filename": "x.pdf"}},
    ]}]);
    for model in ["plain", "fast", "gemini/gemini-x", "any/gpt-x"] {
        for messages in [&image, &file] {
            let fields = json!({"model": model, "messages": messages});
            world.ask(PATHS[0], &fields, &[]).await;
            world.is_safe(&fields.to_string());
        }
    }

    let files = format!("/v1/files?custom_llm_provider={url}");
    let answer = get(&world.program, &files, Some("sk-1234")).await;
    assert!(answer.status().is_client_error(), "{answer:?}");
    world.is_safe(&files);
}
