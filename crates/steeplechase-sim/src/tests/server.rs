//! The sim on a socket. Loopback only, and never for longer than a few seconds.

use std::io;

use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::*;

const LONG: Duration = Duration::from_secs(10);

fn client(http2: bool) -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .http2_only(http2)
        .build_http()
}

async fn serve(sim: &Sim) -> SimServer {
    SimServer::bind("127.0.0.1:0", sim.clone()).await.unwrap()
}

fn to(server: &SimServer, body: &Value) -> Request<Full<Bytes>> {
    let mut request = openai(body);
    *request.uri_mut() = format!("{}/v1/chat/completions", server.url())
        .parse()
        .unwrap();
    request
}

/// Sends a request over a socket of its own, and reads all that comes back.
async fn raw(server: &SimServer, body: &Value) -> (Vec<u8>, io::Result<()>) {
    let body = body.to_string();
    let mut socket = TcpStream::connect(server.addr()).await.unwrap();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(LONG, socket.read_to_end(&mut answer))
        .await
        .unwrap();
    (answer, read.map(|_| ()))
}

#[tokio::test]
async fn it_answers_over_http_1_and_http_2() {
    let sim = Sim::new("north");
    let server = serve(&sim).await;
    for http2 in [false, true] {
        let call = client(http2).request(to(&server, &chat(true)));
        let answer = timeout(LONG, call).await.unwrap().unwrap();
        assert_eq!(answer.headers()["x-sim"], "north");
        let body = timeout(LONG, answer.into_body().collect()).await.unwrap();
        let events = events(&body.unwrap().to_bytes());
        assert_eq!(events.last().unwrap().1, "[DONE]");
    }
    assert_eq!(sim.counts().completed, 2);
    server.shutdown().await;
}

#[tokio::test]
async fn a_reset_resets_the_socket_before_any_byte() {
    let sim = Sim::new("north").always(Behaviour::reset());
    let server = serve(&sim).await;
    let (answer, read) = raw(&server, &chat(true)).await;
    assert!(answer.is_empty());
    assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    for http2 in [false, true] {
        let call = client(http2).request(to(&server, &chat(true)));
        assert!(timeout(LONG, call).await.unwrap().is_err());
    }
}

#[tokio::test]
async fn a_cut_ends_the_connection_after_the_last_byte_and_without_a_terminator() {
    let sim = Sim::new("north").always(Behaviour::answer().tokens(9).cut_after_tokens(4));
    let server = serve(&sim).await;
    let (answer, read) = raw(&server, &chat(true)).await;
    read.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains("transfer-encoding: chunked"));
    assert_eq!(answer.matches("data: ").count(), 5, "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"));

    for http2 in [false, true] {
        let call = client(http2).request(to(&server, &chat(true)));
        let answer = timeout(LONG, call).await.unwrap().unwrap();
        assert_eq!(answer.status(), 200);
        let body = timeout(LONG, answer.into_body().collect()).await.unwrap();
        assert!(body.is_err());
    }
    assert_eq!(sim.counts().failed, 3);
}

#[tokio::test]
async fn a_client_that_goes_away_is_a_cancel() {
    let sim = Sim::new("north").script([
        Behaviour::stall_before_head(),
        Behaviour::answer().stall_after_tokens(1),
    ]);
    let server = serve(&sim).await;
    for cancelled in 1..=2 {
        let mut socket = TcpStream::connect(server.addr()).await.unwrap();
        let body = chat(true).to_string();
        let request = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let arrived = sim.wait_until(|counts| counts.started == cancelled);
        timeout(LONG, arrived).await.unwrap();
        drop(socket);
        timeout(LONG, sim.wait_cancelled(cancelled)).await.unwrap();
    }
}

#[tokio::test]
async fn after_a_shutdown_nobody_listens_and_what_was_in_flight_is_cancelled() {
    let sim = Sim::new("north").always(Behaviour::answer().stall_after_tokens(0));
    let server = serve(&sim).await;
    let address = server.addr();
    let call = client(false).request(to(&server, &chat(true)));
    let answer = timeout(LONG, call).await.unwrap().unwrap();
    timeout(LONG, server.shutdown()).await.unwrap();
    assert!(
        timeout(LONG, answer.into_body().collect())
            .await
            .unwrap()
            .is_err()
    );
    assert!(TcpStream::connect(address).await.is_err());
    assert_eq!(sim.counts().cancelled, 1);
}
