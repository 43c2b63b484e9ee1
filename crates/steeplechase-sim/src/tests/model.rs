//! Random behaviours, against a model that knows nothing of frames, time or compression.

use std::io::Read;

use fastrand::Rng;
use flate2::read::GzDecoder;

use super::*;

/// How a random behaviour should end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Clean,
    Cut,
}

#[tokio::test(start_paused = true)]
async fn whatever_the_form_the_bytes_are_those_of_the_plain_answer_up_to_the_break() {
    let mut rng = Rng::with_seed(11);
    for round in 0..400 {
        let body = chat(rng.bool());
        let tokens = rng.usize(0..20);
        let plain = bytes(&Sim::new("north").tokens(tokens), openai(&body)).await;

        let mut behaviour = Behaviour::answer().tokens(tokens);
        let mut expected = (plain.len(), End::Clean);
        if rng.bool() {
            let cut = rng.usize(0..plain.len() + 50);
            behaviour = behaviour.cut_after_bytes(cut);
            expected = (cut.min(plain.len()), End::Cut);
        }
        if rng.bool() {
            behaviour = behaviour.slice(rng.usize(0..300));
        }
        if rng.bool() {
            behaviour = behaviour.token_gap(rng.u32(0..5) * MS);
        }
        let gzip = rng.bool();
        if gzip {
            behaviour = behaviour.gzip();
        }

        let sim = Sim::new("north").always(behaviour.clone());
        let answer = send(&sim, openai(&body)).await.unwrap();
        let (frames, error) = frames(answer.into_body()).await;
        let mut got = frames.concat();
        if gzip {
            let mut unpacked = Vec::new();
            let outcome = GzDecoder::new(&got[..]).read_to_end(&mut unpacked);
            assert_eq!(
                outcome.is_ok(),
                expected.1 == End::Clean,
                "{round}: {behaviour:?}"
            );
            got = unpacked;
        }
        assert_eq!(got, plain[..expected.0], "{round}: {behaviour:?}");
        assert_eq!(
            error.is_some(),
            expected.1 == End::Cut,
            "{round}: {behaviour:?}"
        );
        assert_eq!(sim.in_flight(), 0, "{round}: {behaviour:?}");
    }
}
