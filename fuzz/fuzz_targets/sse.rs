#![no_main]

use bytes::Bytes;
use steeplechase_dialects::sse::EventCutter;

// However the bytes come, the events are the same.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [at, data @ ..] = data else { return };
    let at = usize::from(*at).min(data.len());
    let whole = events(&[data]);
    assert_eq!(whole, events(&[&data[..at], &data[at..]]));
});

fn events(pieces: &[&[u8]]) -> Vec<(Option<Vec<u8>>, Vec<u8>)> {
    let mut cutter = EventCutter::new();
    let mut all = Vec::new();
    for piece in pieces {
        if cutter.push(Bytes::copy_from_slice(piece)).is_err() {
            return Vec::new();
        }
        while !cutter.whole().is_empty() {
            for event in cutter.events() {
                // One without data is none: a comment, or a line end too many.
                let Some(data) = event.data() else { continue };
                all.push((event.name().map(<[u8]>::to_vec), data.to_vec()));
            }
            drop(cutter.take_whole());
        }
    }
    all
}
