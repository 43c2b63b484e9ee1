//! Another configuration while the program serves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use http::StatusCode;
use steeplechase_sim::{Behaviour, Sim, SimServer};
use tokio::time::{Instant, sleep};

use crate::program::{File, Program};
use crate::{PATIENCE, chat, get, post, text};

const KEY: &str = "sk-1234";

/// An entry of `model_list` for a simulated provider, with an id of its own.
fn entry(model: &str, sim: &SimServer, key: &str) -> String {
    let url = sim.url();
    format!(
        "  - model_name: {model}\n    litellm_params: {{model: openai/gpt-x, api_base: {url}/v1, \
         api_key: {key}}}\n    model_info: {{id: {model}-1}}\n"
    )
}

fn config(entries: &[String]) -> String {
    let entries = entries.concat();
    format!("general_settings: {{master_key: {KEY}}}\nmodel_list:\n{entries}")
}

async fn provider() -> SimServer {
    let sim = Sim::new("provider").require_key("up");
    SimServer::bind("127.0.0.1:0", sim).await.unwrap()
}

/// Waits until the program says of a model what it is to say.
async fn until_model(program: &Program, model: &str, key: &str, status: StatusCode) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = get(program, &format!("/v1/models/{model}"), Some(key)).await;
        if answer.status() == status {
            return;
        }
        assert!(Instant::now() < deadline, "{}", program.log());
        sleep(Duration::from_millis(5)).await;
    }
}

async fn until_logged(program: &Program, words: &str) {
    let deadline = Instant::now() + PATIENCE;
    while !program.log().contains(words) {
        assert!(Instant::now() < deadline, "{}", program.log());
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_reloads_under_load_lose_no_call() {
    let sim = provider().await;
    let fast = entry("fast", &sim, "up");
    let program = Arc::new(Program::start(&config(std::slice::from_ref(&fast))).await);
    let (is_over, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let callers = (0..4).map(|caller| {
        let (program, is_over) = (Arc::clone(&program), Arc::clone(&is_over));
        let calls = Arc::clone(&calls);
        tokio::spawn(async move {
            while !is_over.load(Ordering::Relaxed) {
                let streamed = caller % 2 == 0;
                let answer = post(&program, "/v1/chat/completions", &chat("fast", streamed)).await;
                assert_eq!(answer.status(), StatusCode::OK);
                let answer = text(answer).await;
                assert!(
                    !streamed || answer.ends_with("data: [DONE]\n\n"),
                    "{answer}"
                );
                calls.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    for round in 0..100 {
        let other = entry(&format!("v{round}"), &sim, "up");
        program.config().replace(&config(&[fast.clone(), other]));
        program.hang_up();
        until_model(&program, &format!("v{round}"), KEY, StatusCode::OK).await;
    }
    is_over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(calls.load(Ordering::Relaxed) > 100);
    let metrics = text(get(&program, "/metrics", None).await).await;
    let count = metrics.lines().find_map(|line| {
        line.strip_prefix("steeplechase_gateway_reloads_total{outcome=\"replaced\"} ")
    });
    assert!(count.unwrap().parse::<u32>().unwrap() >= 100, "{metrics}");
}

#[tokio::test]
async fn a_stream_that_runs_across_a_reload_ends_complete_and_its_model_is_gone_for_others() {
    let sim = provider().await;
    let (slow, other) = (entry("slow", &sim, "up"), entry("other", &sim, "up"));
    let program = Program::start(&config(&[slow, other.clone()])).await;
    let behaviour = Behaviour::answer()
        .tokens(20)
        .token_gap(Duration::from_millis(50));
    sim.sim().set_always(behaviour);
    let stream = post(&program, "/v1/chat/completions", &chat("slow", true)).await;
    assert_eq!(stream.status(), StatusCode::OK);

    program.config().replace(&config(&[other]));
    program.hang_up();
    until_model(&program, "slow", KEY, StatusCode::NOT_FOUND).await;
    let refused = post(&program, "/v1/chat/completions", &chat("slow", true)).await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    let stream = text(stream).await;
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    until_logged(&program, "removed=slow/slow-1").await;
}

#[tokio::test]
async fn a_broken_file_is_refused_with_its_line_until_it_is_mended_and_nobody_has_to_say_so() {
    let sim = provider().await;
    let fast = entry("fast", &sim, "up");
    let program = Program::start(&config(std::slice::from_ref(&fast))).await;
    let broken = config(std::slice::from_ref(&fast)) + "router_settings: {num_retries: many}\n";
    program.config().replace(&broken);
    until_logged(&program, "still served").await;
    let log = program.log();
    assert!(log.contains(":6: router_settings.num_retries: "), "{log}");
    let answer = post(&program, "/v1/chat/completions", &chat("fast", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let metrics = text(get(&program, "/metrics", None).await).await;
    assert!(
        metrics.contains("steeplechase_gateway_config_stale 1"),
        "{metrics}"
    );

    let more = entry("more", &sim, "up");
    program.config().replace(&config(&[fast, more]));
    until_model(&program, "more", KEY, StatusCode::OK).await;
    let metrics = text(get(&program, "/metrics", None).await).await;
    assert!(
        metrics.contains("steeplechase_gateway_config_stale 0"),
        "{metrics}"
    );
    // A file that is wrong, and stays as it is, is told of once.
    assert_eq!(program.log().matches("still served").count(), 1);
}

#[tokio::test]
async fn a_change_of_an_included_file_is_seen_too() {
    let sim = provider().await;
    let list = |entries: &[String]| format!("model_list:\n{}", entries.concat());
    let fast = entry("fast", &sim, "up");
    let included = File::new(&list(std::slice::from_ref(&fast)));
    let name = included.path().rsplit('/').next().unwrap();
    let main = format!("include: [{name}]\ngeneral_settings: {{master_key: {KEY}}}\n");
    let program = Program::start(&main).await;
    included.replace(&list(&[fast, entry("more", &sim, "up")]));
    until_model(&program, "more", KEY, StatusCode::OK).await;
}

#[tokio::test]
async fn another_master_key_is_asked_for_at_once() {
    let sim = provider().await;
    let text = config(&[entry("fast", &sim, "up")]);
    let program = Program::start(&text).await;
    program.config().replace(&text.replace(KEY, "sk-5678"));
    program.hang_up();
    until_model(&program, "fast", "sk-5678", StatusCode::OK).await;
    let answer = post(&program, "/v1/chat/completions", &chat("fast", false)).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_deployment_that_has_asked_to_be_left_alone_is_so_after_a_reload_unless_its_key_is_new() {
    let sim = provider().await;
    let lone = entry("lone", &sim, "up");
    let config = |entries: &[String]| config(entries) + "router_settings: {num_retries: 0}\n";
    let program = Program::start(&config(std::slice::from_ref(&lone))).await;
    let busy = Behaviour::error(429).header("retry-after", "60");
    sim.sim().set_always(busy);
    let path = "/v1/chat/completions";
    let answer = post(&program, path, &chat("lone", false)).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let asked = sim.sim().counts().started;

    let more = entry("more", &sim, "up");
    program.config().replace(&config(&[lone, more.clone()]));
    program.hang_up();
    until_model(&program, "more", KEY, StatusCode::OK).await;
    let answer = post(&program, path, &chat("lone", false)).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(sim.sim().counts().started, asked, "it is left alone");

    let rekeyed = entry("lone", &sim, "new");
    let again = entry("again", &sim, "up");
    program.config().replace(&config(&[rekeyed, more, again]));
    program.hang_up();
    until_model(&program, "again", KEY, StatusCode::OK).await;
    post(&program, path, &chat("lone", false)).await;
    assert!(
        sim.sim().counts().started > asked,
        "nobody has asked that of the new key"
    );
}
