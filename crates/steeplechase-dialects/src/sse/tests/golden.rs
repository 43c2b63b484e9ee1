//! The grammar, case by case.

use super::*;

/// One event of every stream of the matrix: its lines, and what they say.
const SHAPES: [(&[&str], &str); 4] = [
    (&["data:{S}one"], "one"),
    (&["data:{S}one", "data:{S}two"], "one\ntwo"),
    (
        &["data:{S}one", ":{S}comment", "data", "data:{S}two"],
        "one\n\ntwo",
    ),
    (
        &["event:{S}message", "id:{S}7", "data:{S}{\"a\": 1}"],
        "{\"a\": 1}",
    ),
];

#[test]
fn line_ends_byte_order_mark_lines_and_space_make_no_difference() {
    let mut cases = 0;
    for line_end in ["\n", "\r\n", "\r"] {
        for mark in ["", "\u{FEFF}"] {
            for (lines, says) in SHAPES {
                for space in ["", " "] {
                    cases += 1;
                    let event: String = lines
                        .iter()
                        .map(|line| line.replace("{S}", space) + line_end)
                        .collect();
                    // Twice, to see that the first event ends where it should.
                    let text = format!("{mark}{event}{line_end}{event}{line_end}");

                    for cut in [cut_whole(&text), cut_bytewise(&text)] {
                        assert_eq!(cut.data(), [says, says], "{text:?}");
                        assert_eq!(cut.relayed(), text.as_bytes(), "{text:?}");
                        assert!(cut.end.is_ok(), "{text:?}");
                    }
                }
            }
        }
    }
    assert_eq!(cases, 48);
}

#[test]
fn line_ends_may_be_mixed_within_an_event() {
    let cut = cut_whole("data: a\rdata: b\r\ndata: c\n\rdata: d\n\r\ndata: e\r\n\r");

    assert_eq!(cut.data(), ["a\nb\nc", "d", "e"]);
    assert!(cut.end.is_ok());
}

#[test]
fn a_byte_order_mark_counts_only_at_the_start() {
    let cut = cut_whole("\u{FEFF}data: a\n\n\u{FEFF}data: b\n\ndata: c\n\n");
    assert_eq!(cut.data(), ["a", "c"]);

    let twice = cut_whole("\u{FEFF}\u{FEFF}data: a\n\ndata: b\n\n");
    assert_eq!(twice.data(), ["b"]);
}

#[test]
fn a_byte_order_mark_alone_is_an_empty_stream() {
    for cut in [cut_whole("\u{FEFF}"), cut_bytewise("\u{FEFF}")] {
        assert!(cut.end.is_ok());
        assert_eq!(cut.relayed(), "\u{FEFF}".as_bytes());
    }
    assert_eq!(cut_bytewise(b"\xEF\xBB").incomplete(), &b"\xEF\xBB"[..]);
    assert_eq!(
        cut_bytewise(b"\xEF\xBBdata: a\n\ndata: b\n\n").data(),
        ["b"]
    );
}

#[test]
fn only_one_space_is_taken_from_a_value() {
    assert_eq!(
        cut_whole("data:   a \n\ndata:\tb\n\n").data(),
        ["  a ", "\tb"],
    );
}

#[test]
fn a_text_that_has_the_name_of_a_field_in_it_is_a_text() {
    let cut = cut_whole("data: {\"a\":\"data: b\"}\n\ndata:data:data\n\n");

    assert_eq!(cut.data(), ["{\"a\":\"data: b\"}", "data:data"]);
}

#[test]
fn a_field_without_a_colon_has_an_empty_value() {
    let cut = cut_whole("data\n\nevent: x\nevent\ndata\ndata\n\n");

    assert_eq!(cut.data(), ["", "\n"]);
    assert_eq!(cut.events[1].name(), None);
}

#[test]
fn fields_must_be_spelled_as_in_the_standard() {
    let cut = cut_whole("Data: a\n\n data: b\n\ndatas: c\n\ndata : d\n\nevents: e\ndata: f\n\n");

    assert_eq!(cut.data(), ["f"]);
    assert_eq!(cut.events[4].name(), None);
}

#[test]
fn the_last_name_of_an_event_counts() {
    let cut = cut_whole("event: a\nevent:b\ndata: 1\n\ndata: 2\n\n");

    assert_eq!(cut.events[0].name(), Some(&b"b"[..]));
    assert_eq!(cut.events[1].name(), None);
}

#[test]
fn a_name_without_data_says_nothing() {
    let cut = cut_whole("event: ping\n\ndata: a\n\n");

    assert_eq!(cut.events.len(), 2);
    assert_eq!(cut.events[0].data(), None);
    assert_eq!(cut.events[0].name(), Some(&b"ping"[..]));
    assert!(!cut.events[0].is_comment());
}

#[test]
fn an_id_with_a_nul_is_ignored() {
    let cut = cut_whole("id: 1\nid: \0\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n");
    let ids: Vec<_> = cut.events.iter().map(|event| event.view().id()).collect();

    assert_eq!(ids, [Some(&b"1"[..]), None, Some(&b""[..])]);
}

#[test]
fn a_retry_must_be_a_number() {
    let retry = |value: &str| cut_whole(format!("retry: {value}\n\n")).stream().retry;

    assert_eq!(retry("1500"), Some(Duration::from_millis(1500)));
    assert_eq!(retry("0"), Some(Duration::ZERO));
    for value in [
        "",
        "-1",
        "+1",
        "1.5",
        "1 ",
        "\u{663}",
        "99999999999999999999",
    ] {
        assert_eq!(retry(value), None, "{value:?}");
    }
}

#[test]
fn comments_are_told_from_events() {
    let cut = cut_whole(": ping\n\n:\n:x\n\n: and\ndata: a\n\n\nretry: 1\n\n");
    let are_comments: Vec<_> = cut.events.iter().map(RawEvent::is_comment).collect();

    assert_eq!(are_comments, [true, true, false, false, false]);
    assert_eq!(cut.data(), ["a"]);
}

#[test]
fn a_code_point_may_be_split_over_frames() {
    let text = "data: {\"text\":\"Grüße, 世界 🏇\"}\n\n";
    for at in 0..=text.len() {
        let (head, tail) = text.as_bytes().split_at(at);
        let cut = cut(EventCutter::new(), [head.to_vec(), tail.to_vec()]);

        assert_eq!(cut.data(), ["{\"text\":\"Grüße, 世界 🏇\"}"], "cut at {at}");
    }
}

#[test]
fn bytes_that_are_not_utf8_pass_unchanged() {
    let text = b"event: \xFF\ndata: \x80\xC3\n\ndata: \xE2\x82\n\n";
    let cut = cut_bytewise(text);

    assert_eq!(cut.relayed(), text);
    assert_eq!(cut.events[0].data().as_deref(), Some(&b"\x80\xC3"[..]));
    assert_eq!(cut.events[0].name(), Some(&b"\xFF"[..]));
}

#[test]
fn a_line_of_a_megabyte_is_read_from_frames_of_any_size() {
    let text = format!("data: {}\n\ndata: b\n\n", "a".repeat(1 << 20));
    for frame_size in [1, 1000, 16 * 1024, 2 << 20] {
        let frames = text.as_bytes().chunks(frame_size).map(<[u8]>::to_vec);
        let cut = cut(EventCutter::new(), frames);

        let lengths: Vec<_> = cut.data().iter().map(String::len).collect();
        assert_eq!(lengths, [1 << 20, 1], "frames of {frame_size}");
        assert_eq!(cut.relayed(), text.as_bytes());
    }
}

#[test]
fn an_empty_stream_ends_well() {
    assert!(cut_whole("").end.is_ok());
    assert!(cut(EventCutter::new(), Vec::<Bytes>::new()).end.is_ok());
}

#[test]
fn an_event_without_its_blank_line_is_incomplete_and_no_event() {
    for tail in [
        "data: [DONE]\n",
        "data: [DONE]",
        "data: [DONE]\r\n",
        "data: [DONE]\r",
    ] {
        let text = format!("data: a\n\n{tail}");
        for cut in [cut_whole(&text), cut_bytewise(&text)] {
            assert_eq!(cut.data(), ["a"]);
            let incomplete = cut.end.expect_err("the blank line is missing");
            assert_eq!(incomplete.raw(), tail);
            // Still, one can see what it would have been.
            assert_eq!(incomplete.event().data().as_deref(), Some(&b"[DONE]"[..]),);
        }
    }
}

#[test]
fn a_bare_json_body_is_incomplete() {
    let incomplete = cut_whole("{\"error\":{}}").end.expect_err("no blank line");

    assert_eq!(incomplete.raw(), "{\"error\":{}}");
    assert_eq!(incomplete.event().data(), None);
    assert_eq!(
        incomplete.to_string(),
        "the stream ended 12 bytes into a server-sent event",
    );
}
