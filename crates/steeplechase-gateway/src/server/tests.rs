use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::*;

const SHORT: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(20);

/// A body that never ends. It tells when it is dropped, which is what an upstream sees as a cancel.
struct Endless(mpsc::Sender<()>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 16_384])))))
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        _ = self.0.try_send(());
    }
}

/// A server of endless answers.
struct World {
    addr: SocketAddr,
    // One for each answer that was dropped.
    dropped: mpsc::Receiver<()>,
    serving: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn world(config: ServerConfig) -> World {
    let addr = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::bind(addr, config).await.unwrap();
    let addr = server.addr().unwrap();
    let (drops, dropped) = mpsc::channel(8);
    let service = tower::service_fn(move |_: Request<Incoming>| {
        let body = Endless(drops.clone());
        std::future::ready(Ok::<_, Infallible>(Response::new(body)))
    });
    let serving = tokio::spawn(server.serve(service, std::future::pending()));
    World {
        addr,
        dropped,
        serving,
    }
}

async fn is_closed_after(sent: &[u8]) {
    let world = world(ServerConfig::new().head_timeout(SHORT)).await;
    let mut client = TcpStream::connect(world.addr).await.unwrap();
    client.write_all(sent).await.unwrap();
    let mut rest = Vec::new();
    let end = timeout(PATIENCE, client.read_to_end(&mut rest)).await;
    assert!(end.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    is_closed_after(b"").await;
}

#[tokio::test]
async fn one_that_says_only_p_is_closed() {
    is_closed_after(b"P").await;
}

#[tokio::test]
async fn one_that_says_half_a_head_is_closed() {
    is_closed_after(b"GET / HTTP/1.1\r\nho").await;
}

#[tokio::test]
async fn a_reader_that_stalls_is_cut_and_its_upstream_sees_the_cancel() {
    let mut world = world(ServerConfig::new().write_timeout(SHORT)).await;
    let mut client = TcpStream::connect(world.addr).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    client.write_all(request).await.unwrap();
    let dropped = timeout(PATIENCE, world.dropped.recv()).await;
    assert_eq!(dropped, Ok(Some(())));
}

#[tokio::test]
async fn a_reader_that_reads_is_not_cut() {
    let mut world = world(ServerConfig::new().write_timeout(SHORT)).await;
    let mut client = TcpStream::connect(world.addr).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut buf = vec![0; 65_536];
    let end = Instant::now() + SHORT * 3;
    while Instant::now() < end {
        assert_ne!(client.read(&mut buf).await.unwrap(), 0);
    }
    assert!(world.dropped.try_recv().is_err());
}

#[tokio::test]
async fn beyond_the_cap_a_connection_waits_until_another_is_closed() {
    let world = world(ServerConfig::new().max_connections(1)).await;
    let mut first = TcpStream::connect(world.addr).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    first.write_all(request).await.unwrap();
    first.read_u8().await.unwrap();
    let mut second = TcpStream::connect(world.addr).await.unwrap();
    second.write_all(request).await.unwrap();
    assert!(timeout(SHORT, second.read_u8()).await.is_err());
    drop(first);
    let byte = timeout(PATIENCE, second.read_u8()).await;
    assert_eq!(byte.unwrap().unwrap(), b'H');
}

const HEAD: Duration = Duration::from_secs(30);
const WRITE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn the_preface_has_one_deadline_however_it_trickles() {
    let (mut client, mut server) = duplex(64);
    let start = Instant::now();
    let trickle = tokio::spawn(async move {
        for byte in b"PRI * HTTP/2.0" {
            tokio::time::sleep(Duration::from_secs(10)).await;
            if client.write_u8(*byte).await.is_err() {
                break;
            }
        }
        client
    });
    let error = Greeting::read(&mut server, HEAD).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(start.elapsed() >= HEAD && start.elapsed() <= HEAD + Duration::from_secs(1));
    trickle.abort();
}

#[tokio::test(start_paused = true)]
async fn what_has_told_the_version_is_read_once_more_and_then_reads_may_wait() {
    for (greeting, expected) in [
        (&b"G"[..], Version::Http1),
        (b"PRX", Version::Http1),
        (
            b"GET / HTTP/1.1\r\nhost: example.com\r\n\r\n",
            Version::Http1,
        ),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Version::Http2),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore", Version::Http2),
    ] {
        for room in [1, 7, 100] {
            let (mut client, mut server) = duplex(64);
            client.write_all(greeting).await.unwrap();
            let (first, version) = Greeting::read(&mut server, HEAD).await.unwrap();
            assert_eq!(version, expected);
            let mut server = Guarded::new(server, first, WRITE);
            let mut read = Vec::new();
            let mut buf = vec![0; room];
            while read.len() < greeting.len() {
                let count = server.read(&mut buf).await.unwrap();
                assert!(
                    count == room || read.len() + count == greeting.len(),
                    "as much as fits"
                );
                read.extend_from_slice(&buf[..count]);
            }
            assert_eq!(read, greeting);
            assert!(timeout(HEAD * 10, server.read_u8()).await.is_err());
        }
    }
}

#[tokio::test]
async fn a_client_that_goes_before_it_has_told_is_an_error() {
    let (mut client, mut server) = duplex(64);
    client.write_all(b"PRI").await.unwrap();
    drop(client);
    let error = Greeting::read(&mut server, HEAD).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test(start_paused = true)]
async fn a_write_fails_when_nothing_is_taken_for_too_long_and_each_byte_taken_starts_anew() {
    let (mut client, mut server) = duplex(1);
    client.write_u8(b'G').await.unwrap();
    let (greeting, _) = Greeting::read(&mut server, HEAD).await.unwrap();
    let mut server = Guarded::new(server, greeting, WRITE);
    let reader = tokio::spawn(async move {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(50)).await;
            client.read_u8().await.unwrap();
        }
        client
    });
    let start = Instant::now();
    let error = server.write_all(b"0123456789").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    let took = start.elapsed().as_secs();
    assert!((210..=211).contains(&took), "{took}");
    drop(reader);
}
