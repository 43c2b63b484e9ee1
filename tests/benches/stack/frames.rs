//! A frame of a stream. Each stream has two lengths: the frames in between are what is judged.

use divan::Bencher;
use http::Request;
use steeplechase::Stack;
use steeplechase::call::Dialect;

use crate::world::{self, Canned};

/// In the caller's dialect: bytes that are looked at, and handed on.
mod relay {
    use bytes::Bytes;
    use http::Request;
    use steeplechase::dialects::intake::IntakeLayer;
    use tower::ServiceBuilder;

    use super::{Bencher, Canned, Dialect, stream_bare, stream_stack, world};

    const TOKENS: [usize; 2] = [16, 1016];

    fn upstream(tokens: usize) -> Canned<Bytes> {
        Canned::provider(Dialect::OpenAi, true, tokens)
    }

    #[divan::bench(args = TOKENS)]
    fn bare(bencher: Bencher<'_, '_>, tokens: usize) {
        stream_bare(bencher, &upstream(tokens));
    }

    #[divan::bench(args = TOKENS)]
    fn bare_waited(bencher: Bencher<'_, '_>, tokens: usize) {
        stream_bare(bencher, &upstream(tokens).waited());
    }

    #[divan::bench(args = TOKENS)]
    fn preset(bencher: Bencher<'_, '_>, tokens: usize) {
        stream_stack(bencher, &world::preset(Dialect::OpenAi, upstream(tokens)));
    }

    #[divan::bench(args = TOKENS)]
    fn everything(bencher: Bencher<'_, '_>, tokens: usize) {
        let stack = world::everything(Dialect::OpenAi, upstream(tokens));
        stream_stack(bencher, &stack);
    }

    #[divan::bench(args = TOKENS)]
    fn everything_waited(bencher: Bencher<'_, '_>, tokens: usize) {
        let stack = world::everything(Dialect::OpenAi, upstream(tokens).waited());
        stream_stack(bencher, &stack);
    }

    #[divan::bench(args = TOKENS)]
    fn bare_anthropic(bencher: Bencher<'_, '_>, tokens: usize) {
        stream_bare(bencher, &Canned::provider(Dialect::Anthropic, true, tokens));
    }

    #[divan::bench(args = TOKENS)]
    fn everything_anthropic(bencher: Bencher<'_, '_>, tokens: usize) {
        stream_in(bencher, Dialect::Anthropic, tokens);
    }

    #[divan::bench(args = TOKENS)]
    fn bare_responses(bencher: Bencher<'_, '_>, tokens: usize) {
        stream_bare(bencher, &Canned::provider(Dialect::Responses, true, tokens));
    }

    #[divan::bench(args = TOKENS)]
    fn everything_responses(bencher: Bencher<'_, '_>, tokens: usize) {
        stream_in(bencher, Dialect::Responses, tokens);
    }

    /// A stream to a caller who speaks the provider's dialect.
    fn stream_in(bencher: Bencher<'_, '_>, dialect: Dialect, tokens: usize) {
        let _guard = world::enter();
        let upstream = Canned::provider(dialect, true, tokens);
        let stack = world::everything(dialect, upstream);
        let call = world::call_of(dialect);
        bencher.bench_local(|| world::run(stack.clone(), Request::new(call.clone())));
    }

    #[divan::bench(args = TOKENS)]
    fn to_http(bencher: Bencher<'_, '_>, tokens: usize) {
        let _guard = world::enter();
        let stack = world::everything(Dialect::OpenAi, upstream(tokens));
        let service = ServiceBuilder::new()
            .layer(IntakeLayer::new())
            .service(stack);
        let raw = world::raw(true);
        bencher.bench_local(|| world::run(service.clone(), world::http_request(&raw)));
    }
}

/// From Anthropic's dialect: events that are parsed, and others that are written.
mod translate {
    use serde_json::Value;

    use super::{Bencher, Canned, Dialect, stream_bare, stream_stack, world};

    const TOKENS: [usize; 2] = [20, 120];

    #[divan::bench(args = TOKENS)]
    fn bare(bencher: Bencher<'_, '_>, tokens: usize) {
        stream_bare(bencher, &Canned::provider(Dialect::Anthropic, true, tokens));
    }

    #[divan::bench(args = TOKENS)]
    fn everything(bencher: Bencher<'_, '_>, tokens: usize) {
        let upstream = Canned::provider(Dialect::Anthropic, true, tokens);
        stream_stack(bencher, &world::everything(Dialect::Anthropic, upstream));
    }

    #[divan::bench(args = TOKENS)]
    fn json_tree(bencher: Bencher<'_, '_>, tokens: usize) {
        let events = events(tokens);
        bencher.bench_local(|| {
            let parsed = events.iter().map(|event| {
                let value: Value = serde_json::from_slice(event).expect("it is JSON");
                usize::from(value.is_object())
            });
            parsed.sum::<usize>()
        });
    }

    #[divan::bench(args = TOKENS)]
    fn json_typed(bencher: Bencher<'_, '_>, tokens: usize) {
        let events = events(tokens);
        bencher.bench_local(|| {
            let parsed = events.iter().map(|event| {
                let event: Event<'_> = serde_json::from_slice(event).expect("it is an event");
                event.kind.len() + event.delta.and_then(|delta| delta.text).map_or(0, str::len)
            });
            parsed.sum::<usize>()
        });
    }

    /// The fields that a translation of text needs, borrowed: the least that a parse can be.
    #[derive(serde::Deserialize)]
    struct Event<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        #[serde(borrow)]
        delta: Option<Delta<'a>>,
    }

    #[derive(serde::Deserialize)]
    struct Delta<'a> {
        #[serde(borrow)]
        text: Option<&'a str>,
    }

    /// The data of the same events.
    fn events(tokens: usize) -> Vec<Vec<u8>> {
        let frames = world::answer(Dialect::Anthropic, true, tokens);
        let stream = frames.concat();
        stream
            .split(|byte| *byte == b'\n')
            .filter_map(|line| line.strip_prefix(b"data: "))
            .map(<[u8]>::to_vec)
            .collect()
    }
}

fn stream_bare(bencher: Bencher<'_, '_>, upstream: &Canned<bytes::Bytes>) {
    bencher.bench_local(|| world::run(upstream.clone(), Request::new(())));
}

fn stream_stack(bencher: Bencher<'_, '_>, stack: &Stack) {
    let _guard = world::enter();
    let call = world::call(true);
    bencher.bench_local(|| world::run(stack.clone(), Request::new(call.clone())));
}
