//! The line in front of a gateway that has as many calls in progress as it may.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::*;

const CHAT: &str = "/v1/chat/completions";

/// One call at a time, and so many in line.
async fn world(queued: u32) -> (SimServer, Arc<Program>) {
    let sim = Sim::new("openai").require_key("up");
    let sim = SimServer::bind("127.0.0.1:0", sim.always(Behaviour::answer().held()));
    let sim = sim.await.unwrap();
    let config = format!(
        "
model_list:
  - model_name: fast
    litellm_params: {{model: openai/gpt-x, api_base: {url}/v1, api_key: up}}
general_settings:
  master_key: sk-1234
  max_in_flight_requests_per_worker: 1
  max_queued_requests_per_worker: {queued}
  admission_queue_timeout_seconds: 15
",
        url = sim.url()
    );
    let program = Program::start(&config).await;
    (sim, Arc::new(program))
}

/// Sends a call. What becomes of it is known when it is waited for.
fn call(program: &Arc<Program>, fields: Value) -> JoinHandle<Response<Incoming>> {
    let program = Arc::clone(program);
    tokio::spawn(async move {
        let mut body = chat("fast", false);
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        post(&program, CHAT, &body).await
    })
}

/// Waits until so many calls are in line.
async fn until_waiting(program: &Program, waiting: u32) {
    let line = format!("steeplechase_admission_waiting{{queue=\"all\"}} {waiting}");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let metrics = text(get(program, "/metrics", Some("sk-1234")).await).await;
        if metrics.lines().any(|it| it == line) {
            return;
        }
        assert!(Instant::now() < deadline, "{metrics}");
        sleep(Duration::from_millis(5)).await;
    }
}

async fn until_started(sim: &SimServer, started: u64) {
    let counts = sim.sim().wait_until(|counts| counts.started >= started);
    timeout(PATIENCE, counts).await.expect("it is sent");
}

/// Reads an answer to its end.
async fn served(call: JoinHandle<Response<Incoming>>) {
    let answer = call.await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    text(answer).await;
}

/// The users of the requests that the provider has had, in order.
fn users(sim: &SimServer) -> Vec<String> {
    let requests = sim.sim().requests().into_iter();
    let user = |it: steeplechase_sim::Recorded| it.json()["user"].as_str().map(str::to_owned);
    requests.filter_map(user).collect()
}

#[tokio::test]
async fn the_second_call_waits_and_is_served_and_the_third_is_told_when_to_come_back() {
    let (sim, program) = world(1).await;
    let first = call(&program, json!({}));
    until_started(&sim, 1).await;
    let second = call(&program, json!({}));
    until_waiting(&program, 1).await;

    let third = call(&program, json!({})).await.unwrap();
    assert_eq!(third.status(), StatusCode::SERVICE_UNAVAILABLE);
    let after = third.headers()["retry-after"].to_str().unwrap();
    assert!((1..=60).contains(&after.parse::<u64>().unwrap()), "{after}");
    let told = value(third).await;
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("in progress"), "{told}");
    assert_eq!(sim.sim().counts().started, 1, "nobody else was sent");

    sim.sim().release();
    served(first).await;
    until_started(&sim, 2).await;
    sim.sim().release();
    served(second).await;
    until_waiting(&program, 0).await;
    // And there is a place again.
    sim.sim().set_always(Behaviour::answer());
    served(call(&program, json!({}))).await;
    assert_eq!(sim.sim().peak_in_flight(), 1);
}

#[tokio::test]
async fn priority_says_who_is_next_and_who_came_first_among_equals() {
    let (sim, program) = world(4).await;
    let mut calls = vec![call(&program, json!({"user": "now"}))];
    until_started(&sim, 1).await;
    let waits = [("late", 5), ("usual", 0), ("usual-too", 0), ("soon", -1)];
    for (number, (user, priority)) in (1..).zip(waits) {
        let fields = if priority == 0 {
            json!({"user": user})
        } else {
            json!({"user": user, "priority": priority})
        };
        calls.push(call(&program, fields));
        until_waiting(&program, number).await;
    }
    for started in 2..=5 {
        sim.sim().release();
        until_started(&sim, started).await;
    }
    sim.sim().release();
    for call in calls {
        served(call).await;
    }
    assert_eq!(users(&sim), ["now", "soon", "usual", "usual-too", "late"]);
    assert_eq!(sim.sim().peak_in_flight(), 1);
}

/// Sends a call from another address of this machine, and returns when its answer is there.
async fn call_from(address: &str, program: &Program, user: &str) {
    let socket = TcpSocket::new_v4().unwrap();
    socket
        .bind(format!("{address}:0").parse().unwrap())
        .unwrap();
    let mut stream = socket.connect(program.addr()).await.unwrap();
    let mut body = chat("fast", false);
    body["user"] = user.into();
    let body = body.to_string();
    let request = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-1234\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn one_caller_with_many_calls_is_not_before_another_with_one() {
    let (sim, program) = world(6).await;
    let mut calls = tokio::task::JoinSet::new();
    let mut send = |address: &'static str, user: &'static str| {
        let program = Arc::clone(&program);
        calls.spawn(async move { call_from(address, &program, user).await });
    };
    send("127.0.0.1", "many-0");
    until_started(&sim, 1).await;
    let rest = [
        ("127.0.0.1", "many-1"),
        ("127.0.0.1", "many-2"),
        ("127.0.0.1", "many-3"),
        ("127.0.0.2", "one"),
    ];
    for (number, (address, user)) in (1..).zip(rest) {
        send(address, user);
        until_waiting(&program, number).await;
    }
    for started in 2..=5 {
        sim.sim().release();
        until_started(&sim, started).await;
    }
    sim.sim().release();
    while let Some(ended) = calls.join_next().await {
        ended.unwrap();
    }
    assert_eq!(users(&sim), ["many-0", "many-1", "one", "many-2", "many-3"]);
}

#[tokio::test]
async fn who_goes_away_leaves_the_line_and_frees_its_place() {
    let (sim, program) = world(1).await;
    let first = call(&program, json!({"user": "first"}));
    until_started(&sim, 1).await;
    let gone = call(&program, json!({"user": "gone"}));
    until_waiting(&program, 1).await;
    gone.abort();
    until_waiting(&program, 0).await;
    let third = call(&program, json!({"user": "third"}));
    until_waiting(&program, 1).await;
    // The one in progress goes away too.
    first.abort();
    until_started(&sim, 2).await;
    sim.sim().release();
    served(third).await;
    assert_eq!(users(&sim), ["first", "third"]);
}
