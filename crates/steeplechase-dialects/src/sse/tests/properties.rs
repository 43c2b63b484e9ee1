//! What holds for any stream, cut anywhere.
//!
//! `check` takes any bytes and any cuts, and panics if something is wrong: it is what a fuzzer
//! would call.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::sample::select;

use super::*;

proptest! {
    #[test]
    fn any_cut_of_any_stream_says_what_the_standard_says(
        bytes in any_stream(),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        check(&bytes, &cuts);
    }

    #[test]
    fn any_cut_of_any_bytes_says_what_the_standard_says(
        bytes in vec(select(&b"\r\n: dat\0\xEF\xBB\xBF\xC3"[..]), 0..40),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        check(&bytes, &cuts);
    }

    #[test]
    fn any_cut_of_any_stream_meets_the_cap_in_the_same_place(
        bytes in any_stream(),
        cuts in vec(any::<Index>(), 0..12),
        cap in 0..60_usize,
    ) {
        let run = |frames: Vec<Bytes>| cut(EventCutter::with_max_event_bytes(cap), frames);
        let whole = run(vec![Bytes::from(bytes.clone())]);
        let pieces = run(frames(&bytes, &cuts));

        prop_assert_eq!(pieces.too_long, whole.too_long);
        prop_assert_eq!(pieces.stream(), whole.stream());
        for event in whole.events.iter().chain(&pieces.events) {
            // The LF of a CRLF is not counted.
            prop_assert!(event.raw().len() <= cap + 1 || is_mark(event.raw()));
        }
    }

    #[test]
    fn what_is_pushed_too_early_is_cut_alike(
        bytes in any_stream(),
        cuts in vec(any::<Index>(), 0..12),
        takes in vec(any::<bool>(), 14),
    ) {
        let mut cutter = EventCutter::new();
        let mut relayed = Vec::new();
        for (frame, take) in frames(&bytes, &cuts).into_iter().zip(takes) {
            prop_assert_eq!(cutter.push(frame), Ok(()));
            if take {
                relayed.extend(cutter.take_whole().unwrap_or_default());
            }
        }
        while let Some(piece) = cutter.take_whole() {
            relayed.extend(piece);
        }
        let whole = cut_whole(&bytes);
        prop_assert_eq!(lossy(&relayed), lossy(&whole.relayed()));
        prop_assert_eq!(cutter.finish().is_ok(), whole.end.is_ok());
    }

    #[test]
    fn what_was_encoded_is_decoded_again(
        events in vec(("[a-z ._:]{0,8}", "[^\r]{0,20}"), 0..6),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let mut out = BytesMut::new();
        for (name, data) in &events {
            encode_comment(data, &mut out);
            encode_event(name.trim_start(), data.as_bytes(), &mut out);
        }
        let cut = cut(EventCutter::new(), frames(&out, &cuts));

        let expected: Vec<_> = events
            .into_iter()
            .map(|(name, data)| Message {
                name: match name.trim_start() {
                    "" => "message".to_owned(),
                    name => name.to_owned(),
                },
                data,
                last_id: String::new(),
            })
            .collect();
        prop_assert_eq!(cut.stream().messages, expected.clone());
        prop_assert_eq!(cut.comments(), expected.len());
        prop_assert!(cut.end.is_ok());
    }

    #[test]
    fn both_ways_to_encode_write_the_same(name in "[a-z\n]{0,8}", data in "[a-z\r\n]{0,20}") {
        let mut copied = BytesMut::new();
        encode_event(&name, data.as_bytes(), &mut copied);

        let mut in_place = BytesMut::new();
        let result = encode_event_with(&name, &mut in_place, |out| {
            out.extend_from_slice(data.as_bytes());
            Ok::<(), ()>(())
        });
        prop_assert_eq!(result, Ok(()));
        prop_assert_eq!(in_place, copied);
    }
}

/// Everything that must be true of `bytes`, cut at `cuts`.
fn check(bytes: &[u8], cuts: &[Index]) {
    let expected = reference::read(bytes);
    let whole = cut_whole(bytes);
    for cut in [
        cut(EventCutter::new(), frames(bytes, cuts)),
        cut_bytewise(bytes),
    ] {
        assert_eq!(cut.stream(), expected);
        assert_eq!(cut.comments(), whole.comments());
        // Nothing is lost, and nothing whole is held back.
        assert_eq!(cut.bytes(), bytes);
        assert_eq!(cut.relayed(), whole.relayed());
        assert_eq!(cut.incomplete(), whole.incomplete());
        assert_eq!(cut.end.is_ok(), cut.incomplete().is_empty());
    }
    assert_eq!(whole.stream(), expected);
    assert_eq!(whole.bytes(), bytes);
    check_looking_is_taking(bytes);
    check_incomplete_is_not_whole(&whole.incomplete());
}

/// Events that are looked at are the events that are taken.
fn check_looking_is_taking(bytes: &[u8]) {
    let mut cutter = EventCutter::new();
    let pushed = cutter.push(Bytes::copy_from_slice(bytes));
    pushed.expect("shorter than the cap");
    while !cutter.whole().is_empty() {
        let seen: Vec<_> = cutter
            .events()
            .map(|event| (event.raw().to_vec(), event.data().map(|data| data.to_vec())))
            .collect();
        assert!(!seen.is_empty());
        for (raw, data) in seen {
            let event = cutter.next_event().expect("it was seen");
            assert_eq!(*event.raw(), raw);
            assert_eq!(event.data().as_deref(), data.as_deref());
        }
    }
}

/// What is left at the end has no blank line in it.
fn check_incomplete_is_not_whole(tail: &[u8]) {
    let lines = lossy(tail).replace("\r\n", "\n").replace('\r', "\n");
    assert!(!lines.starts_with('\n'), "{lines:?}");
    assert!(!lines.contains("\n\n"), "{lines:?}");
}

/// `bytes` in frames, some of which may be empty.
fn frames(bytes: &[u8], cuts: &[Index]) -> Vec<Bytes> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|ends| Bytes::copy_from_slice(&bytes[ends[0]..ends[1]]))
        .collect()
}

fn is_mark(bytes: &[u8]) -> bool {
    bytes == "\u{FEFF}".as_bytes()
}

/// Streams that look like streams: lines of every kind, with line ends of every kind.
fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        4 => Just(b"data: {\"a\":1}".to_vec()),
        2 => Just(b"data:b".to_vec()),
        2 => Just(b"data: Gr\xC3\xBC\xC3\x9Fe".to_vec()),
        1 => Just(b"data".to_vec()),
        1 => Just(b"data:".to_vec()),
        1 => Just(b"data:  \xFF\xE2\x82".to_vec()),
        2 => Just(b"event: ping".to_vec()),
        1 => Just(b"event".to_vec()),
        1 => Just(b"id: 7".to_vec()),
        1 => Just(b"id: 8\0".to_vec()),
        1 => Just(b"id".to_vec()),
        1 => Just(b"retry: 1000".to_vec()),
        1 => Just(b"retry: +1".to_vec()),
        2 => Just(b": comment".to_vec()),
        1 => Just(b"other: x".to_vec()),
        1 => Just(b"\xEF\xBB\xBFdata: x".to_vec()),
        6 => Just(Vec::new()),
    ];
    let end = select(&["\n", "\n", "\r\n", "\r\n", "\r", "\n\n", "\r\r", "\r\n\r\n"][..]);
    let lines = vec((line, end), 0..16);
    (
        select(&["", "\u{FEFF}"][..]),
        lines,
        any::<Index>(),
        any::<bool>(),
    )
        .prop_map(|(mark, lines, end, is_cut_off)| {
            let mut bytes = mark.as_bytes().to_vec();
            for (line, end) in lines {
                bytes.extend(line);
                bytes.extend(end.as_bytes());
            }
            if is_cut_off {
                bytes.truncate(end.index(bytes.len() + 1));
            }
            bytes
        })
}
