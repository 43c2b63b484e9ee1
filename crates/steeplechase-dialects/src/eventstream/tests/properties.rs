//! What holds for any stream, cut anywhere and damaged anywhere.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

proptest! {
    #[test]
    fn any_cut_of_any_stream_gives_the_messages_that_were_written(
        events in vec(("[a-z]{0,12}", vec(any::<u8>(), 0..80)), 0..6),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let (stream, expected) = write(&events);
        for frames in [frames(&stream, &cuts), bytewise(&stream)] {
            let cut = cut(MessageCutter::new(), frames);
            prop_assert!(cut.fault.is_none());
            prop_assert_eq!(&cut.messages, &expected);
            prop_assert_eq!(cut.held, 0);
        }
    }

    #[test]
    fn a_flipped_bit_is_a_fault_and_never_another_message(
        events in vec(("[a-z]{0,12}", vec(any::<u8>(), 0..40)), 1..4),
        cuts in vec(any::<Index>(), 0..6),
        at in any::<Index>(),
        bit in 0..8_u32,
    ) {
        let (mut stream, expected) = write(&events);
        let at = at.index(stream.len());
        stream[at] ^= 1 << bit;
        let cut = cut(MessageCutter::new(), frames(&stream, &cuts));
        prop_assert!(cut.fault.is_some());
        prop_assert!(cut.messages.len() < expected.len());
        prop_assert_eq!(&cut.messages[..], &expected[..cut.messages.len()]);
    }

    #[test]
    fn no_bytes_make_it_panic_or_hold_more_than_was_pushed(
        bytes in vec(any::<u8>(), 0..200),
        cuts in vec(any::<Index>(), 0..6),
        cap in 0..64_usize,
    ) {
        let cut = cut(MessageCutter::with_max_message_bytes(cap), frames(&bytes, &cuts));
        prop_assert!(cut.held <= bytes.len());
    }

    #[test]
    fn what_is_pushed_too_early_is_cut_alike(
        events in vec(("[a-z]{0,12}", vec(any::<u8>(), 0..40)), 0..4),
        cuts in vec(any::<Index>(), 0..8),
        takes in vec(any::<bool>(), 10),
    ) {
        let (stream, _) = write(&events);
        let mut cutter = MessageCutter::new();
        let mut relayed = Vec::new();
        for (frame, take) in frames(&stream, &cuts).into_iter().zip(takes) {
            prop_assert!(cutter.push(frame).is_ok());
            if take {
                relayed.extend(cutter.take_whole().unwrap_or_default());
            }
        }
        while let Some(piece) = cutter.take_whole() {
            relayed.extend(piece);
        }
        prop_assert_eq!(relayed, stream);
    }
}

fn write(events: &[(String, Vec<u8>)]) -> (Vec<u8>, Vec<Said>) {
    let mut out = BytesMut::new();
    let mut expected = Vec::new();
    for (kind, payload) in events {
        encode_event(kind, payload, &mut out);
        expected.push(Said {
            kind: format!("Event({kind:?})"),
            payload: payload.clone(),
        });
    }
    (out.to_vec(), expected)
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
