//! What a call asks of the gateway itself, in its body and in its headers, from the outside.

mod asked;
mod mocks;
mod refused;
mod settings;

use super::*;

const CHAT: &str = "/v1/chat/completions";

/// Providers that answer with their own names: two of `fast`, which are asked in order, and one of `spare`.
struct World {
    one: SimServer,
    two: SimServer,
    three: SimServer,
    program: Program,
}

// ===== impl World =====

impl World {
    /// A world with more settings: lines of YAML.
    async fn new(settings: &str) -> Self {
        Self::with("", settings).await
    }

    /// The same, with more parameters of the first deployment.
    async fn with(params: &str, settings: &str) -> Self {
        let bind = |name: &str| {
            let sim = Sim::new(name).require_key("up");
            SimServer::bind("127.0.0.1:0", sim.always(says(name)))
        };
        let one = bind("one").await.unwrap();
        let two = bind("two").await.unwrap();
        let three = bind("three").await.unwrap();
        let config = format!(
            "
model_list:
  - model_name: fast
    litellm_params: {{model: openai/gpt-x, api_base: {one}/v1, api_key: up, order: 1, tags: [eu]{params}}}
    model_info: {{id: one}}
  - model_name: fast
    litellm_params: {{model: openai/gpt-x, api_base: {two}/v1, api_key: up, order: 2, tags: [us]}}
    model_info: {{id: two}}
  - model_name: spare
    litellm_params: {{model: openai/gpt-x, api_base: {three}/v1, api_key: up}}
    model_info: {{id: three}}
{settings}",
            one = one.url(),
            two = two.url(),
            three = three.url(),
        );
        let config = if settings.contains("general_settings") {
            config
        } else {
            config + "\ngeneral_settings: {master_key: sk-1234}\n"
        };
        let program = Program::start(&config).await;
        Self {
            one,
            two,
            three,
            program,
        }
    }

    /// Sends a chat for `fast` with more fields, or with others.
    async fn ask(&self, fields: Value, headers: &[(&str, &str)]) -> Response<Incoming> {
        self.ask_at(CHAT, fields, headers).await
    }

    async fn ask_at(
        &self,
        path: &str,
        fields: Value,
        headers: &[(&str, &str)],
    ) -> Response<Incoming> {
        let mut body = chat("fast", false);
        body["max_tokens"] = json!(100);
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let mut request = Request::post(self.program.url(path))
            .header("content-type", "application/json")
            .header("authorization", "Bearer sk-1234");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request.body(Full::from(body.to_string())).unwrap()).await
    }

    /// The deployment that answers a chat with more fields, or with others.
    async fn who(&self, fields: Value, headers: &[(&str, &str)]) -> String {
        let answer = self.ask(fields.clone(), headers).await;
        assert_eq!(answer.status(), StatusCode::OK, "{fields} {headers:?}");
        header(&answer, "x-steeplechase-deployment")
    }

    /// Sends a chat that the first provider and `winner` are asked for at once, and that `winner` answers as soon as
    /// both have it. Both hold their answers.
    async fn race(
        &self,
        fields: Value,
        headers: &[(&str, &str)],
        winner: &SimServer,
    ) -> Response<Incoming> {
        let sims = [self.one.sim(), winner.sim()].map(|sim| (sim, sim.counts().started));
        let both = async {
            for (sim, before) in sims {
                let asked = sim.wait_until(|counts| counts.started > before);
                timeout(PATIENCE, asked).await.expect("both are asked");
            }
            winner.sim().release();
        };
        tokio::join!(self.ask(fields, headers), both).0
    }

    /// Waits until so many requests to the first provider have been given up.
    async fn cancelled(&self, requests: u64) {
        let cancelled = self.one.sim().wait_cancelled(requests);
        timeout(PATIENCE, cancelled).await.expect("it is given up");
    }

    /// How many requests each of the providers has had.
    fn asked(&self) -> [u64; 3] {
        let all = [&self.one, &self.two, &self.three];
        all.map(|server| server.sim().counts().started)
    }
}

fn says(name: &str) -> Behaviour {
    Behaviour::answer().text(format!("I am {name}"))
}

fn header(answer: &Response<Incoming>, name: &str) -> String {
    let value = answer.headers().get(name);
    let value = value.unwrap_or_else(|| panic!("no {name} in {answer:?}"));
    value.to_str().unwrap().to_owned()
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
