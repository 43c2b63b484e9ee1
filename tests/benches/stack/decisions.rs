//! What it costs to record why a call was served as it was: the difference between `off` and `on`, which is to
//! be less than a microsecond.

use divan::Bencher;
use http::{Request, Response};
use steeplechase::call::{Call, Dialect};
use steeplechase::dialects::intake::IntakeLayer;
use steeplechase_gateway::decisions::Decisions;
use tower::{ServiceBuilder, ServiceExt};

use crate::world::{self, Canned};

/// Of a stream. A whole answer has as many.
const TOKENS: usize = 16;

/// As many calls come before those that are measured, so that each of these writes over another.
const KEPT: usize = 1_000;

mod whole {
    use super::{Bencher, off, on};

    #[divan::bench]
    fn recorded(bencher: Bencher<'_, '_>) {
        on(bencher, false);
    }

    #[divan::bench]
    fn unrecorded(bencher: Bencher<'_, '_>) {
        off(bencher, false);
    }
}

mod streamed {
    use super::{Bencher, off, on};

    #[divan::bench]
    fn recorded(bencher: Bencher<'_, '_>) {
        on(bencher, true);
    }

    #[divan::bench]
    fn unrecorded(bencher: Bencher<'_, '_>) {
        off(bencher, true);
    }
}

fn upstream(stream: bool) -> Canned<bytes::Bytes> {
    Canned::provider(Dialect::OpenAi, stream, TOKENS)
}

fn off(bencher: Bencher<'_, '_>, stream: bool) {
    let _guard = world::enter();
    let service = ServiceBuilder::new()
        .layer(IntakeLayer::new())
        .service(world::everything(Dialect::OpenAi, upstream(stream)));
    let raw = world::raw(stream);
    bencher.bench_local(|| world::run(service.clone(), world::http_request(&raw)));
}

/// As the gateway does it.
fn on(bencher: Bencher<'_, '_>, stream: bool) {
    let _guard = world::enter();
    let decisions = Decisions::new(KEPT).expect("there is room");
    let stack = world::everything(Dialect::OpenAi, upstream(stream));
    let stack = stack.map_request(|request: Request<Call>| {
        Decisions::ask(&request);
        request
    });
    let service = ServiceBuilder::new()
        .map_response(|mut response: Response<_>| {
            Decisions::tell(&mut response);
            response
        })
        .map_request(move |request| decisions.begin(request))
        .layer(IntakeLayer::new())
        .service(stack);
    let raw = world::raw(stream);
    let run = || world::run(service.clone(), world::http_request(&raw));
    for _ in 0..KEPT {
        run();
    }
    bencher.bench_local(run);
}
