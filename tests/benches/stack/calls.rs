//! A call from end to end.

use divan::Bencher;
use http::Request;
use http_body_util::Full;
use steeplechase::call::Dialect;
use steeplechase::dialects::intake::IntakeLayer;
use tower::ServiceBuilder;

use crate::world::{self, Canned};

/// Of a stream. A whole answer has as many.
const TOKENS: usize = 16;

mod whole {
    use super::{Bencher, Dialect, call_bare, call_http, call_stack, upstream, world};

    #[divan::bench]
    fn bare(bencher: Bencher<'_, '_>) {
        call_bare(bencher, false);
    }

    #[divan::bench]
    fn preset(bencher: Bencher<'_, '_>) {
        call_stack(
            bencher,
            false,
            &world::preset(Dialect::OpenAi, upstream(false)),
        );
    }

    #[divan::bench]
    fn everything(bencher: Bencher<'_, '_>) {
        let stack = world::everything(Dialect::OpenAi, upstream(false));
        call_stack(bencher, false, &stack);
    }

    #[divan::bench]
    fn everything_waited(bencher: Bencher<'_, '_>) {
        let stack = world::everything(Dialect::OpenAi, upstream(false).waited());
        call_stack(bencher, false, &stack);
    }

    #[divan::bench]
    fn from_http(bencher: Bencher<'_, '_>) {
        call_http(bencher, false);
    }
}

mod streamed {
    use super::{Bencher, Dialect, call_bare, call_http, call_stack, upstream, world};

    #[divan::bench]
    fn bare(bencher: Bencher<'_, '_>) {
        call_bare(bencher, true);
    }

    #[divan::bench]
    fn preset(bencher: Bencher<'_, '_>) {
        call_stack(
            bencher,
            true,
            &world::preset(Dialect::OpenAi, upstream(true)),
        );
    }

    #[divan::bench]
    fn everything(bencher: Bencher<'_, '_>) {
        let stack = world::everything(Dialect::OpenAi, upstream(true));
        call_stack(bencher, true, &stack);
    }

    #[divan::bench]
    fn everything_waited(bencher: Bencher<'_, '_>) {
        let stack = world::everything(Dialect::OpenAi, upstream(true).waited());
        call_stack(bencher, true, &stack);
    }

    #[divan::bench]
    fn from_http(bencher: Bencher<'_, '_>) {
        call_http(bencher, true);
    }
}

fn upstream(stream: bool) -> Canned<bytes::Bytes> {
    Canned::provider(Dialect::OpenAi, stream, TOKENS)
}

fn call_bare(bencher: Bencher<'_, '_>, stream: bool) {
    let (upstream, raw) = (upstream(stream), world::raw(stream));
    bencher.bench_local(|| {
        let request = Request::new(Full::new(bytes::Bytes::clone(&raw)));
        world::run(upstream.clone(), request)
    });
}

fn call_stack(bencher: Bencher<'_, '_>, stream: bool, stack: &steeplechase::Stack) {
    let _guard = world::enter();
    let call = world::call(stream);
    bencher.bench_local(|| world::run(stack.clone(), Request::new(call.clone())));
}

/// With the intake, which collects and scans the request.
fn call_http(bencher: Bencher<'_, '_>, stream: bool) {
    let _guard = world::enter();
    let stack = world::everything(Dialect::OpenAi, upstream(stream));
    let service = ServiceBuilder::new()
        .layer(IntakeLayer::new())
        .service(stack);
    let raw = world::raw(stream);
    bencher.bench_local(|| world::run(service.clone(), world::http_request(&raw)));
}
