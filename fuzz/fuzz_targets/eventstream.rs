#![no_main]

use bytes::Bytes;
use steeplechase_dialects::eventstream::{Message, MessageCutter};

// However the bytes come, the messages are the same.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [at, data @ ..] = data else { return };
    let at = usize::from(*at).min(data.len());
    assert_eq!(messages(&[data]), messages(&[&data[..at], &data[at..]]));
});

fn messages(pieces: &[&[u8]]) -> Vec<String> {
    let mut cutter = MessageCutter::new();
    let mut all = Vec::new();
    for piece in pieces {
        let outcome = cutter.push(Bytes::copy_from_slice(piece));
        while !cutter.whole().is_empty() {
            // But where they are in their piece: that depends on how the bytes came.
            let told = |message: Message<'_>| format!("{:?} {:?}", message.kind(), message.payload());
            all.extend(cutter.messages().map(told));
            drop(cutter.take_whole());
        }
        if outcome.is_err() {
            break;
        }
    }
    all
}
