//! What passes through: at once, in place, and not too much of it.

use super::*;

/// A cutter with `text` in it, in one frame.
fn holding(text: &'static str) -> EventCutter {
    let mut cutter = EventCutter::new();
    cutter
        .push(Bytes::from_static(text.as_bytes()))
        .expect("shorter than the cap");
    cutter
}

/// Pushes one more frame.
fn push(cutter: &mut EventCutter, frame: &'static str) {
    cutter
        .push(Bytes::from_static(frame.as_bytes()))
        .expect("shorter than the cap");
}

#[test]
fn a_frame_of_whole_events_is_handed_on_as_the_very_same_memory() {
    let frame = Bytes::from_static(b"data: a\n\ndata: b\n\n: c\n\n");
    let mut cutter = EventCutter::new();
    cutter.push(frame.clone()).expect("shorter than the cap");

    let relayed = cutter.take_whole().expect("three events are whole");

    assert_eq!(relayed.as_ptr(), frame.as_ptr());
    assert_eq!(relayed.len(), frame.len());
    assert_eq!(cutter.take_whole(), None);
    assert_eq!(cutter.held_bytes(), 0);
}

#[test]
fn looking_at_events_copies_and_takes_nothing() {
    let cutter = holding("data: a\n\nevent: e\ndata: b\n\n");
    let whole = cutter.whole().as_ptr_range();

    for event in cutter.events() {
        let data = event.data().expect("both have data");
        assert!(matches!(data, std::borrow::Cow::Borrowed(_)));
        assert!(whole.contains(&data.as_ptr()));
    }
    let places: Vec<_> = cutter.events().map(|e| (e.start(), e.end())).collect();
    assert_eq!(places, [(0, 9), (9, 27)]);
    assert_eq!(cutter.held_bytes(), 27);
}

#[test]
fn a_frame_can_be_split_between_any_two_events() {
    let mut cutter = holding("data: a\n\ndata: b\n\ndata: c\n\n");
    let end = cutter.events().nth(1).expect("there are three").end();

    assert_eq!(cutter.take(end), "data: a\n\ndata: b\n\n");
    let last = cutter.next_event().expect("one is left");
    assert_eq!(last.raw(), "data: c\n\n");
    assert_eq!(last.into_raw(), "data: c\n\n");
    assert!(cutter.next_event().is_none());
}

#[test]
fn only_the_event_that_spans_frames_is_copied() {
    let first = Bytes::from_static(b"data: a\n\ndata: ");
    let second = Bytes::from_static(b"b\n\ndata: c\n\ndata: d\n\nda");
    let mut cutter = EventCutter::new();

    cutter.push(first.clone()).expect("shorter than the cap");
    let a = cutter.take_whole().expect("the first event is whole");
    assert_eq!(a.as_ptr(), first.as_ptr());
    assert_eq!(cutter.take_whole(), None);

    cutter.push(second.clone()).expect("shorter than the cap");
    assert_eq!(cutter.take_whole().expect("now it is"), "data: b\n\n");
    let rest = cutter.take_whole().expect("two more");
    assert_eq!(rest, "data: c\n\ndata: d\n\n");
    assert_eq!(rest.as_ptr(), second[3..].as_ptr());
    assert_eq!(cutter.take_whole(), None);
    assert_eq!(cutter.held_bytes(), 2);
}

#[test]
fn the_buffer_of_events_that_span_frames_is_used_again() {
    let mut cutter = holding("data: ");
    let kilobytes = Bytes::from(vec![b'a'; 8 << 10]);
    cutter.push(kilobytes).expect("shorter than the cap");
    push(&mut cutter, "\n\n");
    // The caller is done with the event, so its place is free for the next ones.
    drop(cutter.take_whole());

    let mut span = || {
        push(&mut cutter, "data: spa");
        push(&mut cutter, "ns frames\n\n");
        cutter.take_whole().expect("it is whole now")
    };
    let (first, second) = (span(), span());

    assert_eq!(first, "data: spans frames\n\n");
    assert_eq!(second, first);
    // Buffers of their own would not be next to each other.
    assert_eq!(first.as_ptr_range().end, second.as_ptr());
}

#[test]
fn a_huge_event_does_not_leave_its_buffer_behind() {
    let mut cutter = EventCutter::new();
    push(&mut cutter, "data: ");
    cutter
        .push(Bytes::from(vec![b'a'; 1 << 20]))
        .expect("shorter than the cap");
    push(&mut cutter, "\n\n");

    let event = cutter.take_whole().expect("it is whole now");
    assert_eq!(event.len(), (1 << 20) + 8);
    assert!(event.is_unique());
}

#[test]
fn an_event_that_ends_with_two_lone_crs_does_not_wait() {
    let mut cutter = holding("data: a\r\r");
    assert_eq!(cutter.take_whole().expect("it is whole"), "data: a\r\r");

    // The LF was part of that line end after all. It is handed on, and says nothing.
    push(&mut cutter, "\ndata: b\r\r");
    let data: Vec<_> = cutter.events().map(|event| event.data()).collect();
    assert_eq!(data, [None, Some(b"b"[..].into())]);
    assert_eq!(cutter.take_whole().expect("both are"), "\ndata: b\r\r");

    push(&mut cutter, "\n");
    assert_eq!(cutter.take_whole().expect("so is this"), "\n");
    assert!(cutter.finish().is_ok());
}

#[test]
fn an_lf_in_the_same_frame_belongs_to_the_event() {
    let cutter = holding("data: a\r\r\ndata: b\n\n");
    let raw: Vec<_> = cutter.events().map(|event| event.raw()).collect();

    assert_eq!(raw, [&b"data: a\r\r\n"[..], b"data: b\n\n"]);
}

#[test]
fn a_crlf_split_over_frames_is_one_line_end() {
    let mut cutter = holding("data: a\r");
    push(&mut cutter, "\ndata: b\r");
    assert!(cutter.whole().is_empty());
    push(&mut cutter, "\n\r");

    let event = cutter.next_event().expect("the blank line is there");
    assert_eq!(event.data().as_deref(), Some(&b"a\nb"[..]));
}

#[test]
fn blank_lines_pass_at_once() {
    let mut cutter = holding("\n");
    assert_eq!(cutter.take_whole().expect("a heartbeat"), "\n");
    push(&mut cutter, "\r\n");
    assert_eq!(cutter.take_whole().expect("another"), "\r\n");
    assert!(cutter.finish().is_ok());
}

#[test]
fn frames_may_be_pushed_before_events_are_taken() {
    let mut cutter = holding("data: a\n\nda");
    push(&mut cutter, "ta: b\n\ndata: c\n");
    push(&mut cutter, "\nd");

    let whole = cutter.take_whole().expect("three events are whole");
    assert_eq!(whole, "data: a\n\ndata: b\n\ndata: c\n\n");
    assert_eq!(cutter.finish().expect_err("one is not").raw(), "d");
}

#[test]
fn finishing_leaves_whole_events_in_place() {
    let mut cutter = holding("data: a\n\ndata: b");

    assert!(cutter.finish().is_err());
    assert!(cutter.finish().is_ok());
    assert_eq!(cutter.take_whole().expect("still here"), "data: a\n\n");
}

#[test]
#[should_panic(expected = "take(10) of 9 bytes of whole events")]
fn taking_more_than_whole_events_is_a_mistake() {
    let _ = holding("data: a\n\ndata: b").take(10);
}

#[test]
fn an_event_may_be_as_long_as_the_cap() {
    let text = "data: 0123\n\n";
    for frame_size in 1..=text.len() {
        let run = |cap| {
            let frames = text.repeat(3);
            let frames = frames.as_bytes().chunks(frame_size).map(<[u8]>::to_vec);
            cut(EventCutter::with_max_event_bytes(cap), frames)
        };

        assert_eq!(run(text.len()).too_long, None, "frames of {frame_size}");
        assert_eq!(run(text.len()).events.len(), 3);
        let error = run(text.len() - 1).too_long.expect("one byte too many");
        assert_eq!(error.max_event_bytes(), text.len() - 1);
        assert_eq!(
            error.to_string(),
            "a server-sent event is longer than the 11 bytes that are allowed",
        );
    }
}

#[test]
fn the_cap_is_met_in_the_same_place_however_the_line_ends_are_cut() {
    for text in [
        "data: a\r\n\r\n",
        "data: a\r\r\n",
        "data: a\r\n",
        "data: a\r",
        "\r\n",
    ] {
        for cap in 0..=text.len() {
            let whole = cut(EventCutter::with_max_event_bytes(cap), [text]);
            for at in 0..=text.len() {
                let (head, tail) = text.split_at(at);
                let pieces = cut(EventCutter::with_max_event_bytes(cap), [head, tail]);
                assert_eq!(pieces.too_long, whole.too_long, "{text:?}, {at}, cap {cap}");
            }
        }
    }
}

#[test]
fn the_default_cap_is_sixteen_mebibytes() {
    let mebibyte = Bytes::from(vec![b'a'; 1 << 20]);
    let frames = |count| std::iter::repeat_n(mebibyte.clone(), count);

    assert_eq!(cut(EventCutter::new(), frames(16)).too_long, None);
    assert!(cut(EventCutter::new(), frames(17)).too_long.is_some());
}

#[test]
fn after_a_too_long_event_the_ones_before_it_are_still_there() {
    let mut cutter = EventCutter::with_max_event_bytes(10);
    let frame = Bytes::from_static(b"data: a\n\ndata: too long\n\ndata: b\n\n");

    let error = cutter.push(frame).expect_err("the second is too long");
    assert_eq!(cutter.take_whole().expect("the first"), "data: a\n\n");
    assert_eq!(cutter.held_bytes(), 0);

    // It does not recover: what comes next might be the middle of an event.
    assert_eq!(cutter.push(Bytes::from_static(b"data: c\n\n")), Err(error));
    assert!(cutter.next_event().is_none());
    assert!(
        cutter
            .finish()
            .expect_err("it never ended")
            .raw()
            .is_empty()
    );
}

#[test]
fn debug_output_does_not_show_what_was_said() {
    let mut cutter = holding("event: secret\ndata: secret\n\ndata: secret");
    let held = format!("{cutter:?} {:?}", cutter.events());
    let event = cutter.next_event().expect("one is whole");
    let incomplete = cutter.finish().expect_err("one is not");
    let taken = format!("{event:?} {:?} {incomplete:?}", event.view());

    assert!(!held.contains("secret"), "{held}");
    assert!(!taken.contains("secret"), "{taken}");
}

#[test]
fn everything_can_be_sent_between_threads() {
    fn check<T: Send + Sync + Unpin + 'static>() {}
    check::<EventCutter>();
    check::<RawEvent>();
    check::<TooLong>();
    check::<Incomplete>();
    check::<Event<'static>>();
    check::<Events<'static>>();
}
