use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request, Response};
use steeplechase::attempts::Kind;
use steeplechase::layers::models::ModelGroup;
use steeplechase::layers::race::Won;
use steeplechase::layers::route::ServedBy;
use steeplechase::{Attempts, Cost, Error, Usage};

use super::fell_back;

use crate::decisions::Decisions;

const DEPLOYMENT: HeaderName = HeaderName::from_static("x-steeplechase-deployment");
const COST: HeaderName = HeaderName::from_static("x-steeplechase-cost");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-steeplechase-attempts");
const MODEL: HeaderName = HeaderName::from_static("x-steeplechase-model");
const IGNORED: HeaderName = HeaderName::from_static("x-steeplechase-ignored");
const LITELLM_ID: HeaderName = HeaderName::from_static("x-litellm-model-id");
const LITELLM_COST: HeaderName = HeaderName::from_static("x-litellm-response-cost");
const LITELLM_GROUP: HeaderName = HeaderName::from_static("x-litellm-model-group");
const LITELLM_RETRIES: HeaderName = HeaderName::from_static("x-litellm-attempted-retries");
const LITELLM_FALLBACKS: HeaderName = HeaderName::from_static("x-litellm-attempted-fallbacks");
const LITELLM_FASTEST: HeaderName =
    HeaderName::from_static("x-litellm-fastest_response_batch_completion");

/// Headers in which callers say what belongs to a call, and not to the way it takes.
const SPOKEN: [HeaderName; 1] = [HeaderName::from_static("anthropic-beta")];

/// Takes a caller's headers off a call that has been taken in, but for those that are a part of it: no
/// provider is shown the others, and each attempt would be a copy of them.
pub(super) fn strip<B>(mut request: Request<B>) -> Request<B> {
    let headers = std::mem::take(request.headers_mut());
    for name in SPOKEN {
        for value in headers.get_all(&name) {
            request.headers_mut().append(name.clone(), value.clone());
        }
    }
    request
}

/// Says in headers what became of a call: who has served it, after how many attempts, and what it has cost.
pub(super) fn annotate<B>(mut response: Response<B>) -> Response<B> {
    let (mut parts, body) = response.into_parts();
    let headers = &mut parts.headers;
    let served_by = parts.extensions.get().map(|ServedBy(by)| by);
    if let Some(id) = served_by.and_then(|by| by.id_value()) {
        headers.insert(DEPLOYMENT, id.clone());
        headers.insert(LITELLM_ID, id.clone());
    }
    if let Some(usage) = parts.extensions.get() {
        cost(headers, &parts.extensions, usage);
    }
    if let Some(ModelGroup(model)) = parts.extensions.get() {
        // A deployment has the value at hand.
        let value = match served_by {
            Some(by) if by.model() == &**model => by.model_value().cloned(),
            _ => HeaderValue::from_str(model).ok(),
        };
        // A name that no header can carry is left out.
        if let Some(value) = value {
            headers.insert(MODEL, value.clone());
            headers.insert(LITELLM_GROUP, value);
        }
    }
    if parts.extensions.get::<Won>().is_some() {
        headers.insert(LITELLM_FASTEST, HeaderValue::from_static("true"));
    }
    if let Some(attempts) = parts.extensions.get::<Attempts>() {
        if let Some(controls) = attempts.controls().filter(|it| !it.ignored.is_empty()) {
            text(headers, IGNORED, &controls.ignored.join(", "));
        }
        // LiteLLM has no hedges. To its users one is a retry that came early.
        let retries = attempts.count(Kind::Retry) + attempts.count(Kind::Hedge);
        headers.insert(ATTEMPTS, number(attempts.used()));
        headers.insert(LITELLM_RETRIES, number(retries));
        headers.insert(LITELLM_FALLBACKS, number(attempts.count(Kind::Fallback)));
    }
    fell_back::annotate(headers, &parts.extensions);
    if let Some(error) = parts.extensions.get::<Error>() {
        log(error);
    }
    response = Response::from_parts(parts, body);
    Decisions::tell(&mut response);
    response
}

/// What a whole answer has cost. Of a stream nobody knows it when its head is sent, so there is none, as in
/// LiteLLM.
fn cost(headers: &mut HeaderMap, extensions: &Extensions, usage: &Usage) {
    let Some(pricing) = ServedBy::pricing(extensions) else {
        return;
    };
    let Some(cost) = pricing.cost(usage) else {
        headers.insert(COST, HeaderValue::from_static("unpriced"));
        return;
    };
    text(headers, LITELLM_COST, &as_litellm(cost));
    let estimated = if pricing.is_estimated() || usage.is_estimated {
        "; estimated"
    } else {
        ""
    };
    text(headers, COST, &format!("{cost}{estimated}"));
}

/// Dollars, as Python prints a number: `0.0075`, `7.5e-06`, `12.0`.
fn as_litellm(cost: Cost) -> String {
    const SMALLEST_PLAIN: u64 = 100_000;

    if cost != Cost::ZERO && cost.nanos() < SMALLEST_PLAIN {
        let digits = cost.nanos().to_string();
        let exponent = 10 - digits.len();
        let (first, rest) = digits.split_at(1);
        let rest = rest.trim_end_matches('0');
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{first}{point}{rest}e-{exponent:02}");
    }
    let plain = cost.to_string();
    if plain.contains('.') {
        plain
    } else {
        plain + ".0"
    }
}

fn log(error: &Error) {
    // The level of an event is fixed where it is written, so it is written twice.
    macro_rules! failed {
        ($level:expr) => {
            tracing::event!(
                $level,
                class = error.class().as_str(),
                status = error.status().as_u16(),
                deployment = error.deployment(),
                // Not `message`, which is the event's own. Debug quotes what providers write.
                error = ?error.message(),
                detail = error.detail().map(tracing::field::debug),
                upstream_request_id = error
                    .upstream()
                    .and_then(|upstream| upstream.request_id.as_deref())
                    .map(tracing::field::debug),
                "a call failed"
            )
        };
    }
    if error.class().is_callers_fault() {
        failed!(tracing::Level::INFO);
    } else {
        failed!(tracing::Level::WARN);
    }
}

fn text(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // A text that no header can carry is left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn number(number: u8) -> HeaderValue {
    // No call has more attempts than these.
    const SMALL: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    match SMALL.get(usize::from(number)) {
        Some(small) => HeaderValue::from_static(small),
        None => HeaderValue::from(u16::from(number)),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use http::StatusCode;
    use serde_json::Value;
    use steeplechase::dialects::catalog::models::{PriceBook, Unpriced};
    use steeplechase::error::Upstream;
    use steeplechase::{Class, Deployment, Dialect, Pricing};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged of a response with an error.
    fn logged(error: Error) -> Value {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || writer.clone())
            .finish();
        let mut response = Response::new(());
        response.extensions_mut().insert(error);
        tracing::subscriber::with_default(subscriber, || annotate(response));
        let written = log.0.lock().unwrap();
        serde_json::from_slice(&written).expect("one event")
    }

    /// The headers that say what an answer of 1 000 and 500 tokens has cost.
    fn costs(deployment: Pricing, answer: Option<Pricing>) -> [Option<String>; 2] {
        let deployment = Deployment::builder("eu-1", "m", Dialect::OpenAi)
            .pricing(deployment)
            .build();
        let mut response = Response::new(());
        response.extensions_mut().insert(ServedBy(deployment));
        response.extensions_mut().insert(Usage {
            prompt: 1_000,
            completion: 500,
            ..Usage::ZERO
        });
        if let Some(pricing) = answer {
            response.extensions_mut().insert(pricing);
        }
        let response = annotate(response);
        ["x-litellm-response-cost", "x-steeplechase-cost"].map(|name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        })
    }

    fn pair(litellm: &str, ours: &str) -> [Option<String>; 2] {
        [Some(litellm.to_owned()), Some(ours.to_owned())]
    }

    #[test]
    fn a_whole_answer_says_what_it_has_cost_if_anybody_knows() {
        let book = PriceBook::built_in().unpriced(Unpriced::Estimate);
        let known = book.pricing("openai", "gpt-4o");
        assert_eq!(costs(known.clone(), None), pair("0.0075", "0.0075"));
        assert_eq!(
            costs(Pricing::Unpriced, None),
            [None, Some("unpriced".to_owned())]
        );
        let [litellm, ours] = costs(book.pricing("openai", "mystery"), None);
        assert_eq!(ours, litellm.map(|cost| cost + "; estimated"));

        // A deployment of many models: the answer knows which one it was.
        let many = || book.pricing("openai", "*");
        assert_eq!(costs(many(), Some(known)), pair("0.0075", "0.0075"));
        assert_eq!(costs(many(), None), [None, None]);
    }

    #[test]
    fn a_stream_does_not_say_what_it_has_cost() {
        let book = PriceBook::built_in();
        let deployment = Deployment::builder("eu-1", "m", Dialect::OpenAi)
            .pricing(book.pricing("openai", "gpt-4o"))
            .build();
        let mut response = Response::new(());
        response.extensions_mut().insert(ServedBy(deployment));
        let response = annotate(response);
        assert!(!response.headers().contains_key(LITELLM_COST));
        assert!(!response.headers().contains_key(COST));
    }

    #[test]
    fn a_cost_is_printed_as_python_prints_a_number() {
        for (nanos, printed) in [
            (0, "0.0"),
            (1, "1e-09"),
            (150, "1.5e-07"),
            (7_500, "7.5e-06"),
            (10_000, "1e-05"),
            (99_990, "9.999e-05"),
            (100_000, "0.0001"),
            (7_500_000, "0.0075"),
            (12_000_000_000, "12.0"),
            (12_340_000_000, "12.34"),
        ] {
            assert_eq!(as_litellm(Cost::from_nanos(nanos)), printed);
        }
    }

    #[test]
    fn a_failure_is_logged_with_all_that_helps_to_find_its_cause() {
        let mut upstream = Upstream::new(StatusCode::INTERNAL_SERVER_ERROR);
        upstream.request_id = Some("req-1".into());
        let error = Error::new(Class::Server, "line one\nline two").with_upstream(upstream);
        let event = logged(error);
        assert_eq!(event["level"], "WARN");
        let fields = &event["fields"];
        assert_eq!(fields["message"], "a call failed");
        assert_eq!(fields["error"], r#""line one\nline two""#);
        assert_eq!(fields["upstream_request_id"], r#""req-1""#);
    }

    #[test]
    fn a_callers_fault_is_no_warning() {
        let event = logged(Error::new(Class::InvalidRequest, "no model"));
        assert_eq!(event["level"], "INFO");
    }
}
