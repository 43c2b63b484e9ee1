//! A frame of an answer, and what it says that it carries.

use bytes::{Buf, Bytes};
use proptest::prelude::*;

use crate::price::{Cost, Service};
use crate::{Carries, Chunk, Tally, Usage};

const DATA: Bytes = Bytes::from_static(b"data: my secret wish\n\n");
const USAGE: Usage = Usage {
    prompt: 3,
    completion: 4,
    cache_read: 1,
    reasoning: 2,
    ..Usage::ZERO
};

#[test]
fn a_frame_carries_what_it_was_made_for() {
    // content, end, opaque, usage
    let cases = [
        (Chunk::preamble(DATA), [false, false, false, false]),
        (Chunk::content(DATA), [true, false, false, false]),
        (Chunk::end(DATA), [false, true, false, false]),
        (Chunk::opaque(DATA), [false, false, true, false]),
        (Chunk::whole(DATA), [true, true, false, false]),
        (
            Chunk::preamble(DATA).and_usage(USAGE),
            [false, false, false, true],
        ),
        (
            Chunk::whole(DATA).and_usage(USAGE),
            [true, true, false, true],
        ),
        (Chunk::content(DATA).and_end(), [true, true, false, false]),
        (Chunk::end(DATA).and_content(), [true, true, false, false]),
    ];
    for (chunk, expected) in cases {
        let flags = [
            chunk.is_content(),
            chunk.is_end(),
            chunk.is_opaque(),
            chunk.usage().is_some(),
        ];
        assert_eq!(flags, expected, "{chunk:?}");
    }
}

#[test]
fn what_carries_anything_is_no_longer_opaque() {
    let ping = || Chunk::opaque(DATA);
    for chunk in [
        ping().and_content(),
        ping().and_end(),
        ping().and_usage(USAGE),
    ] {
        assert!(!chunk.is_opaque(), "{chunk:?}");
    }
}

#[test]
fn a_generic_layer_sees_what_the_frame_says() {
    let chunk = Chunk::whole(DATA).and_usage(USAGE);
    assert!(Carries::is_content(&chunk) && Carries::is_end(&chunk));
    assert_eq!(Carries::usage(&chunk), Some(&USAGE));
    assert_eq!(Carries::size(&chunk), DATA.len());
    const { assert!(Chunk::SAYS_END) };
}

#[test]
fn of_bare_bytes_any_is_content_and_none_is_the_end() {
    assert!(Carries::is_content(&DATA) && !Carries::is_content(&Bytes::new()));
    assert!(!Carries::is_end(&DATA) && Carries::usage(&DATA).is_none());
    assert_eq!(Carries::size(&DATA), DATA.len());
    const { assert!(!Bytes::SAYS_END) };
}

#[test]
fn a_log_of_a_frame_shows_its_size_and_no_text() {
    let shown = format!("{:?}", Chunk::whole(DATA).and_usage(USAGE));
    assert!(!shown.contains("secret") && !shown.contains("data"));
    assert!(shown.contains(&format!("bytes: {}", DATA.len())));
    assert!(shown.contains("reasoning: 2"));
}

#[test]
fn the_bytes_of_a_frame_are_not_copied() {
    let data = Bytes::from(b"data: hello".to_vec());
    let at = data.as_ptr();
    let chunk = Chunk::content(data);
    assert_eq!(chunk.clone().data().as_ptr(), at);
    assert_eq!(chunk.clone().copy_to_bytes(11).as_ptr(), at);
    assert_eq!(chunk.into_data().as_ptr(), at);
}

#[test]
fn the_largest_figures_of_a_stream_are_its_usage() {
    let early = Usage {
        prompt: 9,
        ..Usage::default()
    };
    let most = early.max(USAGE);
    assert_eq!(most, Usage { prompt: 9, ..USAGE });
    assert_eq!(most.max(most), most);
    assert_eq!(most.total(), 13);
}

#[test]
fn usage_adds_up_and_does_not_wrap() {
    let mut sum = USAGE;
    sum += USAGE;
    assert_eq!((sum.prompt, sum.completion, sum.reasoning), (6, 8, 4));
    let huge = Usage {
        prompt: u64::MAX,
        completion: 1,
        ..Usage::default()
    };
    assert_eq!((huge + USAGE).prompt, u64::MAX);
    assert_eq!(huge.total(), u64::MAX);
}

#[test]
fn a_class_of_service_and_a_reported_cost_are_not_lost_with_another_report() {
    let said = Usage {
        service: Service::Flex,
        reported: Some(Cost::from_nanos(7)),
        ..Usage::ZERO
    };
    for both in [
        said.max(USAGE),
        USAGE.max(said),
        said + USAGE,
        USAGE + said,
        said.max(said),
    ] {
        assert_eq!(both.service, Service::Flex);
        assert_eq!(both.reported, Some(Cost::from_nanos(7)));
    }
    assert_eq!((said + said).reported, Some(Cost::from_nanos(14)));
}

#[test]
fn one_estimate_makes_the_whole_an_estimate() {
    let guess = Usage::estimate(7, 2);
    assert!(guess.is_estimated && !USAGE.is_estimated);
    for both in [
        guess.max(USAGE),
        USAGE.max(guess),
        guess + USAGE,
        USAGE + guess,
    ] {
        assert!(both.is_estimated);
    }
    assert!(!(USAGE + USAGE).is_estimated && !USAGE.max(USAGE).is_estimated);
}

#[test]
fn fields_without_figures_say_nothing() {
    assert!(Usage::ZERO.is_blank());
    let flex = Usage {
        service: Service::Flex,
        ..Usage::ZERO
    };
    assert!(flex.is_blank() && Usage::estimate(0, 0).is_blank());
    let searched = Usage {
        searches: 1,
        ..Usage::ZERO
    };
    assert!(!searched.is_blank() && !USAGE.is_blank());
}

#[test]
fn a_frame_says_how_much_the_model_has_said_in_it() {
    let chunk = Chunk::content(DATA);
    assert!(chunk.said().is_zero() && Carries::said(&DATA).is_zero());
    let chunk = chunk.and_said(Tally::from_thousandths(2_300));
    assert_eq!(Carries::said(&chunk).tokens(), 3);
    // It takes no room.
    assert_eq!(size_of::<Chunk>(), size_of::<Bytes>() + 16);
    // More than fits is as much as fits.
    let most = Chunk::content(DATA).and_said(Tally::from_tokens(u64::MAX));
    assert_eq!(most.said().thousandths(), u64::from(u32::MAX));
}

proptest! {
    #[test]
    fn a_text_has_as_many_tokens_in_pieces_as_it_has_whole(parts in proptest::collection::vec(0..90_000_u64, 0..20)) {
        let whole = Tally::from_thousandths(parts.iter().sum());
        let sum: Tally = parts.iter().copied().map(Tally::from_thousandths).sum();
        prop_assert_eq!(sum, whole);
        prop_assert_eq!(sum - sum, Tally::ZERO);
        prop_assert!(Tally::from_tokens(sum.tokens()) >= sum);
        prop_assert!(Tally::from_tokens(sum.tokens()) - sum < Tally::from_tokens(1));
    }

    #[test]
    fn a_frame_is_read_as_its_bytes_are(
        data in proptest::collection::vec(any::<u8>(), 0..64),
        steps in proptest::collection::vec((0..9_usize, any::<bool>()), 0..16),
    ) {
        let mut bytes = Bytes::from(data);
        let mut chunk = Chunk::content(bytes.clone());
        for (step, copies) in steps {
            let step = step.min(bytes.len());
            if copies {
                prop_assert_eq!(chunk.copy_to_bytes(step), bytes.split_to(step));
            } else {
                chunk.advance(step);
                bytes.advance(step);
            }
            prop_assert_eq!(chunk.remaining(), bytes.len());
            prop_assert_eq!(chunk.has_remaining(), !bytes.is_empty());
            prop_assert_eq!(Buf::chunk(&chunk), &bytes[..]);
        }
    }
}
