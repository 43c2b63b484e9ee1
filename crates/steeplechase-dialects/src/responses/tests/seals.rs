use proptest::prelude::*;
use steeplechase_core::Dialect;

use crate::chat::ThinkingBlock;
use crate::responses::seal::Sealed;

pub(super) fn block(text: &str, seal: &str) -> ThinkingBlock {
    ThinkingBlock::Thinking {
        text: text.into(),
        signature: Some(seal.into()),
    }
}

fn blocks() -> impl Strategy<Value = Vec<ThinkingBlock>> {
    let one = prop_oneof![
        any::<String>().prop_map(|data| ThinkingBlock::Redacted { data }),
        any::<(String, String)>().prop_map(|(text, seal)| block(&text, &seal)),
    ];
    proptest::collection::vec(one, 0..4)
}

#[test]
fn what_is_not_ours_or_is_damaged_is_told_from_what_is_whole() {
    let sealed = Sealed {
        blocks: vec![block("hm", "Sg1")],
        calls: Vec::new(),
    };
    let text = sealed.clone().write(Dialect::Anthropic).unwrap();
    assert_eq!(Sealed::read(&text), Some((sealed, Dialect::Anthropic)));
    assert!(text.starts_with("stc1."));
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let damaged = String::from_utf8(bytes).unwrap();
        assert_eq!(Sealed::read(&damaged), None, "{at}");
        assert_eq!(Sealed::read(&text[..at]), None, "{at}");
    }
    assert_eq!(Sealed::read("gAAAAABoxyz"), None);
}

#[test]
fn there_is_nothing_to_carry_if_nothing_is_sealed_or_too_much() {
    assert_eq!(Sealed::default().write(Dialect::Gemini), None);
    let much = Sealed {
        blocks: vec![block(&"x".repeat(2 << 20), "s")],
        calls: Vec::new(),
    };
    assert_eq!(much.write(Dialect::Gemini), None);
}

proptest! {
    #[test]
    fn whatever_is_sealed_comes_back(
        blocks in blocks(),
        calls in proptest::collection::vec(any::<(String, String)>(), 0..3),
    ) {
        let sealed = Sealed { blocks, calls };
        let is_empty = sealed == Sealed::default();
        match sealed.clone().write(Dialect::Gemini) {
            None => prop_assert!(is_empty),
            Some(text) => prop_assert_eq!(Sealed::read(&text), Some((sealed, Dialect::Gemini))),
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "(stc1\\.)?[A-Za-z0-9_.=-]{0,60}") {
        let _ = Sealed::read(&text);
    }
}
