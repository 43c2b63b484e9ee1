use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use steeplechase::attempts::Kind;
use steeplechase::layers::models::ModelGroup;
use steeplechase::layers::race::Won;
use steeplechase::layers::route::ServedBy;
use steeplechase::{Attempts, Error};

const DEPLOYMENT: HeaderName = HeaderName::from_static("x-steeplechase-deployment");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-steeplechase-attempts");
const MODEL: HeaderName = HeaderName::from_static("x-steeplechase-model");
const LITELLM_ID: HeaderName = HeaderName::from_static("x-litellm-model-id");
const LITELLM_GROUP: HeaderName = HeaderName::from_static("x-litellm-model-group");
const LITELLM_RETRIES: HeaderName = HeaderName::from_static("x-litellm-attempted-retries");
const LITELLM_FALLBACKS: HeaderName = HeaderName::from_static("x-litellm-attempted-fallbacks");
const LITELLM_FASTEST: HeaderName =
    HeaderName::from_static("x-litellm-fastest_response_batch_completion");

/// Takes a caller's headers off a call that has been taken in: nothing in the stack reads them, no
/// provider is shown them, and each attempt would be a copy of them.
pub(super) fn strip<B>(mut request: Request<B>) -> Request<B> {
    *request.headers_mut() = HeaderMap::new();
    request
}

/// Says in headers what became of a call: who has served it, and after how many attempts.
pub(super) fn annotate<B>(mut response: Response<B>) -> Response<B> {
    let (mut parts, body) = response.into_parts();
    let headers = &mut parts.headers;
    let served_by = parts.extensions.get().map(|ServedBy(by)| by);
    if let Some(id) = served_by.and_then(|by| by.id_value()) {
        headers.insert(DEPLOYMENT, id.clone());
        headers.insert(LITELLM_ID, id.clone());
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
        // LiteLLM has no hedges. To its users one is a retry that came early.
        let retries = attempts.count(Kind::Retry) + attempts.count(Kind::Hedge);
        headers.insert(ATTEMPTS, number(attempts.used()));
        headers.insert(LITELLM_RETRIES, number(retries));
        headers.insert(LITELLM_FALLBACKS, number(attempts.count(Kind::Fallback)));
    }
    if let Some(error) = parts.extensions.get::<Error>() {
        log(error);
    }
    response = Response::from_parts(parts, body);
    response
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
    use steeplechase::Class;
    use steeplechase::error::Upstream;

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
