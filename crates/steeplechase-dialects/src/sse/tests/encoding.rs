//! What is written.

use super::*;

fn encoded(write: impl FnOnce(&mut BytesMut)) -> String {
    let mut out = BytesMut::from("before|");
    write(&mut out);
    let text = lossy(&out);
    text.strip_prefix("before|")
        .expect("what was there stays")
        .to_owned()
}

#[test]
fn data_becomes_one_line() {
    assert_eq!(
        encoded(|out| encode_data(b"{\"a\":1}", out)),
        "data: {\"a\":1}\n\n",
    );
    assert_eq!(encoded(|out| encode_data(b"", out)), "data: \n\n");
}

#[test]
fn every_line_break_starts_another_data_line() {
    assert_eq!(
        encoded(|out| encode_data(b"a\nb\r\nc\rd\n", out)),
        "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n",
    );
}

#[test]
fn a_name_comes_first() {
    assert_eq!(
        encoded(|out| encode_event("ping", b"{}", out)),
        "event: ping\ndata: {}\n\n",
    );
}

#[test]
fn a_name_cannot_smuggle_in_another_line() {
    assert_eq!(
        encoded(|out| encode_event("a\r\n\ndata: b", b"{}", out)),
        "event: adata: b\ndata: {}\n\n",
    );
}

#[test]
fn comments_are_events_of_their_own() {
    assert_eq!(encoded(|out| encode_comment("hb", out)), ": hb\n\n");
    assert_eq!(
        encoded(|out| encode_comment("a\ndata: b", out)),
        ": a\n: data: b\n\n",
    );
}

#[test]
fn data_can_be_written_in_place() {
    let write = |text: &'static str| {
        encoded(|out| {
            let result = encode_event_with("e", out, |out| {
                out.extend_from_slice(text.as_bytes());
                Ok::<(), ()>(())
            });
            assert_eq!(result, Ok(()));
        })
    };

    assert_eq!(write("{}"), "event: e\ndata: {}\n\n");
    assert_eq!(write("{\n}"), "event: e\ndata: {\ndata: }\n\n");
}

#[test]
fn what_fails_while_it_is_written_leaves_nothing_behind() {
    let text = encoded(|out| {
        let result = encode_event_with("e", out, |out| {
            out.extend_from_slice(b"half");
            Err("no more")
        });
        assert_eq!(result, Err("no more"));
    });

    assert_eq!(text, "");
}

#[test]
fn the_constants_are_whole_events() {
    let done = cut_whole(DONE);
    assert_eq!(done.data(), ["[DONE]"]);
    assert!(done.end.is_ok());

    let keepalive = cut_whole(KEEPALIVE);
    assert_eq!(keepalive.comments(), 1);
    assert!(keepalive.data().is_empty());
    assert!(keepalive.end.is_ok());
}
