//! Deployments that cannot take a request, however well they are.

use std::sync::Mutex;

use steeplechase_core::{Class, ModelInfo};

use super::*;

/// What a request may have at most, in its body.
type Asked = u64;

/// A request has to fit. Notes whom it was asked of.
#[derive(Clone, Debug, Default)]
struct Fits(Arc<Mutex<Vec<String>>>);

impl Eligible<Asked> for Fits {
    fn is_eligible(&self, request: &Request<Asked>, deployment: &Deployment) -> bool {
        self.0.lock().unwrap().push(deployment.id().to_owned());
        let most = deployment.model_info().max_input_tokens;
        most.is_none_or(|most| *request.body() <= most)
    }

    fn refusal(&self, request: &Request<Asked>, deployments: &[Arc<Deployment>]) -> Error {
        let message = format!("{} do not fit into {}", request.body(), deployments.len());
        Error::new(Class::ContextWindow, message)
    }
}

fn sized(id: &str, most: u64) -> DeploymentBuilder {
    let info = ModelInfo {
        max_input_tokens: Some(most),
        ..ModelInfo::default()
    };
    builder(id).model_info(info)
}

/// Sends a request of a size to a service that always succeeds. Returns who has served it.
async fn serve_sized<P>(
    group: &[Arc<Deployment>],
    eligible: P,
    request: Request<Asked>,
) -> Result<String, Error>
where
    P: Eligible<Asked> + Clone,
{
    let client = tower::service_fn(|_: Request<Asked>| async {
        Ok::<_, BoxError>(Response::new(Body::from("hello")))
    });
    let route = RouteLayer::new(group.to_vec(), WeightedShuffle::new(), tag).eligible(eligible);
    let response = route.layer(client).oneshot(request).await?;
    Ok(response.served_by().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_request_goes_only_where_it_fits() {
    let group = [
        sized("small", 10).build(),
        sized("large", 100).order(1).build(),
        builder("unsaid").order(2).build(),
    ];
    for (size, served_by) in [
        (10, "small"),
        (11, "large"),
        (100, "large"),
        (101, "unsaid"),
    ] {
        let mut request = Request::new(size);
        let attempts = Attempts::of(request.extensions_mut());
        let served = serve_sized(&group, Fits::default(), request).await.unwrap();
        assert_eq!(served, served_by, "{size}");
        let others = group.iter().filter(|it| {
            let most = it.model_info().max_input_tokens;
            it.id() != served_by && most.is_none_or(|most| size <= most)
        });
        let others = u32::try_from(others.count()).unwrap();
        assert_eq!(attempts.alternatives(), Some(others), "{size}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fits_nowhere_is_refused_with_the_reason() {
    let group = [sized("a", 10).build(), sized("b", 20).build()];
    let mut request = Request::new(21);
    let attempts = Attempts::of(request.extensions_mut());
    let error = serve_sized(&group, Fits::default(), request)
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::ContextWindow);
    assert_eq!(error.message(), "21 do not fit into 2");
    assert_eq!(attempts.alternatives(), Some(0));
    assert!(attempts.with_tried(<[u32]>::is_empty));
}

#[tokio::test(start_paused = true)]
async fn of_those_into_which_it_fits_the_usual_reasons_are_told() {
    let group = [sized("small", 10).build(), sized("large", 100).build()];
    cool_for(&group[1], SECOND * 9);
    let error = serve_sized(&group, Fits::default(), Request::new(50))
        .await
        .unwrap_err();
    assert_eq!(error.status(), http::StatusCode::TOO_MANY_REQUESTS);
    // Nor is it sent where it does not fit because nobody else can take it.
    open_for(&group[0], SECOND);
    let error = serve_sized(&group, Fits::default(), Request::new(50))
        .await
        .unwrap_err();
    assert_eq!(error.status(), http::StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(start_paused = true)]
async fn each_is_asked_about_once_for_an_attempt() {
    let group = [
        sized("a", 10).build(),
        sized("b", 100).build(),
        sized("c", 100).build(),
        sized("d", 10).build(),
    ];
    let fits = Fits::default();
    serve_sized(&group, fits.clone(), Request::new(50))
        .await
        .unwrap();
    let mut asked = std::mem::take(&mut *fits.0.lock().unwrap());
    asked.sort();
    assert_eq!(asked, ["a", "b", "c", "d"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_there_asks_nothing() {
    let group = [sized("small", 10).build()];
    let none: Option<Arc<dyn Eligible<Asked> + Send + Sync>> = None;
    let served = serve_sized(&group, none, Request::new(50)).await.unwrap();
    assert_eq!(served, "small");
    let fits: Arc<dyn Eligible<Asked> + Send + Sync> = Arc::new(Fits::default());
    let error = serve_sized(&group, Some(fits), Request::new(50))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::ContextWindow);
    // A group of nobody has no reason of its own.
    let error = serve_sized(&[], Fits::default(), Request::new(50))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Unavailable);
}
