//! Names of some deployments of a group.

use steeplechase_core::deployment::Only;

use super::*;

/// A service that says which model it was asked for, and for which deployments.
fn told()
-> impl Service<Request<Call>, Response = Response<Body>, Error = BoxError, Future: Send> + Clone {
    tower::service_fn(|request: Request<Call>| async move {
        let only = request.extensions().get::<Only>();
        let text = format!("{} {:?}", request.body().model(), only.map(|only| &*only.0));
        Ok(Response::new(Body::from(text)))
    })
}

async fn answer<S>(models: &Models<S>, model: &str) -> String
where
    S: Service<Request<Call>, Response = Response<Body>, Error = BoxError> + Clone,
{
    match models.clone().oneshot(call(model)).await {
        Ok(response) => String::from_utf8(text(response).await.to_vec()).unwrap(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_name_of_a_part_goes_on_as_the_group_and_says_which() {
    let table = Models::builder()
        .group("fast", told(), None)
        .part("eu-1", "fast", [7])
        .last_resort("gpt-4o", "fast", [7, 8])
        .build()
        .unwrap();
    assert_eq!(table.names(), ["fast".into()], "nobody is told of them");
    assert_eq!(table.only("eu-1"), Some(&[7][..]));
    assert_eq!((table.only("fast"), table.only("unknown")), (None, None));
    let models = Models::new(table);
    assert_eq!(answer(&models, "fast").await, "fast None");
    assert_eq!(answer(&models, "eu-1").await, "fast Some([7])");
    assert_eq!(answer(&models, "gpt-4o").await, "fast Some([7, 8])");
    assert_eq!(
        answer(&models, "eu-2").await,
        "the model `eu-2` does not exist"
    );
}

#[tokio::test]
async fn a_group_goes_before_a_part_a_part_before_a_pattern_and_a_pattern_before_the_last_resort() {
    let table = Models::builder()
        .group("a", told(), None)
        .group("b", told(), None)
        .group("p/*", told(), None)
        .alias("q", "a")
        .part("b", "a", [1])
        .part("q", "b", [2])
        .part("p/x", "a", [3])
        .part("p/x", "b", [4])
        .last_resort("p/y", "a", [5])
        .last_resort("z", "a", [6]);
    let models = Models::new(table.build().unwrap());
    assert_eq!(answer(&models, "b").await, "b None");
    assert_eq!(answer(&models, "q").await, "a None");
    assert_eq!(
        answer(&models, "p/x").await,
        "a Some([3])",
        "the first counts"
    );
    assert_eq!(answer(&models, "p/y").await, "p/y None");
    assert_eq!(answer(&models, "z").await, "a Some([6])");
}

#[test]
fn a_part_is_of_a_group_that_there_is() {
    let table = Models::builder().group("a", told(), None);
    let error = table.part("eu-1", "b", [1]).build().map(drop).unwrap_err();
    assert_eq!(error.name(), "eu-1");
    assert!(
        error.to_string().contains("`b`, which is no group"),
        "{error}"
    );
    let table = Models::builder().group("a", told(), None);
    assert!(table.last_resort("", "a", [1]).build().is_err());
}
