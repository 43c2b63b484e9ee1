use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};

use steeplechase_core::Class;

use super::super::framing::Framing;
use super::super::reader::Reader;
use super::super::target::Target;
use super::*;

const ROLE: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
const WORD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":null}],\"usage\":null}\n\n";
const STOP: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n";
const DONE: &str = "data: [DONE]\n\n";
const BUSY: &str = "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n";
const PING: &str = ": ping\n\n";

#[tokio::test]
async fn a_stream_is_handed_on_event_by_event_and_byte_by_byte() {
    let (chunks, error) = stream(&openai(), [ROLE, PING, WORD, STOP, USAGE, DONE].map(data)).await;
    assert!(error.is_none());
    assert_eq!(
        text(&chunks),
        [ROLE, PING, WORD, STOP, USAGE, DONE].concat()
    );
    assert_eq!(
        flags(&chunks),
        [
            (false, false, false),
            (false, false, true),
            (true, false, false),
            (false, true, false),
            (false, false, false),
            (false, true, false),
        ]
    );
    let usage = chunks[4].usage().unwrap();
    assert_eq!((usage.prompt, usage.completion), (3, 4));
}

#[tokio::test]
async fn nothing_is_mended_in_what_the_model_gives_to_a_tool() {
    let args = |fragment: &str| {
        let call = serde_json::json!({"index": 0, "function": {"arguments": fragment}});
        format!(
            "data: {}\n\n",
            serde_json::json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
        )
    };
    let both = "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"so\",\
        \"reasoning_content\":\"so\"}}]}\n\n";
    let events = [
        ROLE.to_owned(),
        both.to_owned(),
        args("  "),
        args("{}"),
        args("{\"km\":3}"),
        STOP.to_owned(),
        DONE.to_owned(),
    ];
    let steps = events.iter().map(|event| data(event));
    let (chunks, error) = stream(&openai(), steps).await;
    assert!(error.is_none());
    assert_eq!(text(&chunks), events.concat());
}

#[tokio::test]
async fn events_that_come_together_go_together_without_a_copy() {
    let frame = Bytes::from([ROLE, WORD, STOP, USAGE, DONE].concat());
    let (chunks, error) = stream(&openai(), [Step::Data(frame.clone())]).await;
    assert!(error.is_none());
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0].data().as_ptr(), frame.as_ptr());
    assert!(chunks[0].is_content() && chunks[0].is_end());
    assert_eq!(chunks[0].usage().unwrap().prompt, 3);
}

#[tokio::test]
async fn the_head_is_that_of_a_stream() {
    let mut answer = event_stream(script([data(DONE)]));
    answer
        .headers_mut()
        .insert("request-id", "r".parse().unwrap());
    answer
        .headers_mut()
        .insert("x-secret", "r".parse().unwrap());
    let (outcome, _) = ask(&openai(), streamed_call(), answer).await;
    let response = outcome.unwrap();
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-cache");
    assert_eq!(headers["request-id"], "r");
    assert_eq!(headers.len(), 3);
    assert!(!response.body().is_end_stream());
}

#[tokio::test]
async fn an_error_event_is_never_handed_on() {
    for steps in [
        vec![data(ROLE), data(WORD), data(BUSY), data(WORD), data(DONE)],
        vec![data(&[ROLE, WORD, BUSY, WORD, DONE].concat())],
        // A body that was written into the stream as it is.
        vec![
            data(ROLE),
            data(WORD),
            data("{\"error\":{\"message\":\"busy\",\"code\":503}}"),
        ],
        vec![
            data(ROLE),
            data(WORD),
            data("{\"error\":\n {\"code\":503}}\n\n"),
            Step::Hang,
        ],
        vec![data(ROLE), data(WORD), data(BUSY.trim_end())],
    ] {
        let (chunks, error) = stream(&openai(), steps).await;
        assert_eq!(text(&chunks), [ROLE, WORD].concat());
        let error = error.unwrap();
        assert_eq!(error.class(), Class::Overloaded);
        assert_eq!(error.deployment(), Some("eu-1"));
    }
    let (chunks, error) = stream(&openai(), [data(BUSY)]).await;
    assert!(chunks.is_empty());
    assert_eq!(error.unwrap().class(), Class::Overloaded);
}

#[tokio::test]
async fn a_part_of_an_answer_is_handed_on_whatever_kind_it_is_of() {
    for delta in [
        r#""reasoning_content":"Hm.""#,
        r#""annotations":[{"type":"url_citation","url_citation":{"url":"https://a.test"}}]"#,
        r#""tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]"#,
        r#""audio":{"data":"AA"}"#,
        r#""images":[{"type":"image_url","image_url":{"url":"data:,"}}]"#,
    ] {
        let part = format!("data: {{\"choices\":[{{\"delta\":{{{delta}}}}}]}}\n\n");
        let (chunks, error) = stream(&openai(), [ROLE, &part, STOP, DONE].map(data)).await;
        assert!(error.is_none());
        assert_eq!(text(&chunks), [ROLE, &part, STOP, DONE].concat());
    }
}

#[tokio::test]
async fn a_refusal_in_a_stream_has_the_providers_words_and_names_the_deployment() {
    for (code, class) in [
        ("400", Class::InvalidRequest),
        ("\"content_policy_violation\"", Class::ContentPolicy),
    ] {
        let event =
            format!("data: {{\"error\":{{\"message\":\"not that one\",\"code\":{code}}}}}\n\n");
        let (chunks, error) = stream(&openai(), [data(&event), data(DONE)]).await;
        assert!(chunks.is_empty());
        let error = error.unwrap();
        assert_eq!((error.class(), error.status().as_u16()), (class, 400));
        assert_eq!(
            (error.message(), error.deployment()),
            ("not that one", Some("eu-1"))
        );
    }
}

#[tokio::test]
async fn a_stream_that_ends_before_its_end_is_truncated() {
    for steps in [
        vec![],
        vec![data(PING)],
        vec![data(ROLE)],
        vec![data(ROLE), data(WORD)],
        vec![data(ROLE), data(WORD), data("data: {\"choices\":")],
        vec![data(ROLE), data(WORD), data(STOP.trim_end())],
        vec![data(ROLE), data(WORD), data(DONE.trim_end())],
        vec![data(ROLE), data(WORD), data(STOP), data(USAGE.trim_end())],
    ] {
        let (chunks, error) = stream(&openai(), steps).await;
        assert_eq!(error.unwrap().class(), Class::Truncated);
        assert!(!text(&chunks).contains("[DONE]"));
    }
}

#[tokio::test]
async fn a_reason_is_an_end_without_the_mark() {
    let (chunks, error) = stream(&openai(), [ROLE, WORD, STOP].map(data)).await;
    assert!(error.is_none());
    assert_eq!(text(&chunks), [ROLE, WORD, STOP].concat());
    // And the mark is one without a reason, and with no blank line after it.
    let (_, error) = stream(&openai(), [WORD, DONE].map(data)).await;
    assert!(error.is_none());
    let (chunks, error) = stream(&openai(), [WORD, STOP, "data: [DONE]\n"].map(data)).await;
    assert!(error.is_none());
    assert_eq!(text(&chunks), [WORD, STOP, DONE].concat());
}

#[tokio::test]
async fn an_answer_of_two_choices_needs_two_ends() {
    let call = call(r#"{"model":"fast","messages":[],"stream":true,"n":2}"#);
    for (ends, is_whole) in [(1, false), (2, true)] {
        let steps = [data(WORD)]
            .into_iter()
            .chain((0..ends).map(|_| data(STOP)));
        let answer = event_stream(script(steps));
        let (outcome, _) = ask(&openai(), call.clone(), answer).await;
        let (_, error) = read(outcome.unwrap().into_body()).await;
        assert_eq!(error.is_none(), is_whole);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_truncated_answer_after_content() {
    let (_, error) = stream(&openai(), [data(ROLE), data(WORD), Step::Fail]).await;
    let error = error.unwrap();
    assert_eq!(error.class(), Class::Truncated);
    assert!(std::error::Error::source(&error).is_some());

    let (_, error) = stream(&openai(), [data(ROLE), Step::Fail]).await;
    assert_eq!(error.unwrap().class(), Class::Transport);
}

#[tokio::test]
async fn what_comes_after_the_mark_is_read_and_thrown_away() {
    let late = [
        data(WORD),
        data(DONE),
        data(WORD),
        data(BUSY),
        Step::Trailers,
    ];
    let (chunks, error) = stream(&openai(), late).await;
    assert!(error.is_none());
    assert_eq!(text(&chunks), [WORD, DONE].concat());

    let (chunks, error) = stream(&openai(), [data(WORD), data(DONE), Step::Fail]).await;
    assert!(error.is_none());
    assert_eq!(text(&chunks), [WORD, DONE].concat());

    // The same in one frame, and without an end.
    let endless = std::iter::once(data(&[WORD, DONE, WORD, BUSY].concat()))
        .chain((0..9).map(|_| Step::Data(Bytes::from(vec![b'x'; 32 * 1024]))))
        .chain([Step::Hang]);
    let (chunks, error) = stream(&openai(), endless).await;
    assert!(error.is_none());
    assert_eq!(text(&chunks), [WORD, DONE].concat());
}

async fn next(body: &mut Chunks<Script>) -> Chunk {
    let frame = body.frame().await.unwrap().unwrap();
    frame.into_data().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_stays_open_after_the_mark_does_not_keep_the_caller() {
    for late in [vec![], vec![data(PING)]] {
        let steps = [data(WORD), data(DONE)].into_iter().chain(late);
        let upstream = script(steps.chain([Step::Hang]));
        let alive = Arc::downgrade(&upstream.alive);
        let (outcome, _) = ask(&openai(), streamed_call(), event_stream(upstream)).await;
        let mut body = outcome.unwrap().into_body();
        assert!(next(&mut body).await.is_content());
        assert!(next(&mut body).await.is_end());
        let mut frame = tokio_test::task::spawn(poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)));
        assert!(frame.poll().is_pending());
        tokio::time::advance(std::time::Duration::from_millis(99)).await;
        assert!(frame.poll().is_pending());
        tokio::time::advance(std::time::Duration::from_millis(1)).await;
        assert!(frame.is_woken());
        assert!(matches!(frame.poll(), Poll::Ready(None)));
        drop(frame);
        assert!(alive.upgrade().is_none());
        assert!(body.is_end_stream());
    }
}

#[tokio::test]
async fn an_end_that_comes_a_little_later_is_read_so_that_the_connection_can_be_used_again() {
    let ended = Arc::default();
    let upstream = Late {
        steps: [Some(WORD), Some(DONE), None].into_iter(),
        ended: Arc::clone(&ended),
    };
    let target = Arc::new(Target::new(&openai()));
    let (_, plan) = target
        .prepare(&streamed_call(), &http::HeaderMap::new(), None)
        .unwrap();
    let chunks = Chunks::stream(upstream, target, Framing::ServerSent, Reader::new(plan));
    let (chunks, error) = read(chunks).await;
    assert!(error.is_none());
    assert_eq!(text(&chunks), [WORD, DONE].concat());
    assert!(ended.load(Ordering::Relaxed));
}

/// A body whose end is there a little after its last frame, as that of a connection is.
struct Late {
    steps: std::array::IntoIter<Option<&'static str>, 3>,
    ended: Arc<AtomicBool>,
}

impl Body for Late {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.steps.next() {
            Some(Some(text)) => Poll::Ready(Some(Ok(Frame::data(text.into())))),
            Some(None) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => {
                self.ended.store(true, Ordering::Relaxed);
                Poll::Ready(None)
            }
        }
    }
}

#[tokio::test]
async fn the_upstream_is_dropped_with_a_failure_and_with_the_body() {
    let body = script([data(ROLE), data(&[WORD, BUSY].concat()), Step::Hang]);
    let alive = Arc::downgrade(&body.alive);
    let (outcome, _) = ask(&openai(), streamed_call(), event_stream(body)).await;
    let mut body = outcome.unwrap().into_body();
    assert!(body.frame().await.unwrap().is_ok());
    assert!(alive.upgrade().is_some());
    assert!(body.frame().await.unwrap().is_ok());
    assert!(body.frame().await.unwrap().is_err());
    assert!(alive.upgrade().is_none());
    assert!(body.is_end_stream());

    let body = script([data(ROLE), Step::Hang]);
    let alive = Arc::downgrade(&body.alive);
    let (outcome, _) = ask(&openai(), streamed_call(), event_stream(body)).await;
    drop(outcome);
    assert!(alive.upgrade().is_none());
}

#[tokio::test]
async fn an_event_that_is_too_large_is_the_providers_failure() {
    let mut steps = vec![data(WORD), data("data: ")];
    steps.extend((0..17).map(|_| Step::Data(Bytes::from(vec![b'x'; 1 << 20]))));
    steps.push(Step::Hang);
    let (chunks, error) = stream(&openai(), steps).await;
    assert_eq!(text(&chunks), WORD);
    assert_eq!(error.unwrap().class(), Class::Server);
}

#[tokio::test]
async fn a_page_instead_of_a_stream_is_the_providers_failure() {
    for kind in ["text/html", "application/x-ndjson", "text/plain"] {
        let answer = Response::builder().header("content-type", kind);
        let answer = answer.body(script([data(WORD)])).unwrap();
        let (outcome, _) = ask(&openai(), streamed_call(), answer).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.class(), Class::Server);
        assert!(error.detail().unwrap().contains(kind));
    }
    // One that does not say what it is, is taken at its word.
    let answer = Response::new(script([data(WORD), data(DONE)]));
    let (outcome, _) = ask(&openai(), streamed_call(), answer).await;
    let (chunks, error) = read(outcome.unwrap().into_body()).await;
    assert!(error.is_none() && chunks.len() == 2);
}
