//! What becomes of a call, one sentence for each test.

use metrics_util::debugging::DebuggingRecorder;

use super::*;

type Client = mock::Mock<Request<Call>, Response<Body>>;

#[tokio::test]
async fn a_call_goes_to_the_group_of_its_model() {
    let table = Table::builder()
        .group("fast", echo("1"), None)
        .group("slow", echo("1"), None);
    let models = Models::new(table.build().unwrap());
    for model in ["fast", "slow"] {
        let response = models.clone().oneshot(call(model)).await.unwrap();
        assert_eq!(response.extensions().get(), Some(&ModelGroup(model.into())));
        assert_eq!(text(response).await, format!("1: {model}"));
    }
}

#[tokio::test]
async fn a_call_by_an_alias_goes_on_under_the_name_of_the_group() {
    let table = Table::builder()
        .group("fast", echo("1"), None)
        .alias("quick", "fast");
    let models = Models::new(table.build().unwrap());
    let response = models.oneshot(call("quick")).await.unwrap();
    assert_eq!(
        response.extensions().get(),
        Some(&ModelGroup("fast".into()))
    );
    assert_eq!(text(response).await, "1: fast");
}

#[tokio::test]
async fn a_call_for_an_unknown_model_is_told_so_at_once() {
    let (client, mut upstream) = mock::pair::<Request<Call>, Response<Body>>();
    let models = Models::new(
        Table::builder()
            .group("fast", client, None)
            .build()
            .unwrap(),
    );
    let mut unknown = task::spawn(models.clone().call(call("fsat")));
    let error = assert_ready_err!(unknown.poll());
    assert_eq!(error.class(), Class::NotFound);
    assert_eq!(error.status(), 404);
    assert_eq!(error.code(), Some("model_not_found"));
    assert_eq!(error.param(), Some("model"));
    assert_eq!(error.message(), "the model `fsat` does not exist");
    assert_pending!(upstream.poll_request());

    let unnamed = models.clone().oneshot(call("")).await.unwrap_err();
    assert_eq!(
        (unnamed.status().as_u16(), unnamed.param()),
        (400, Some("model"))
    );
}

#[tokio::test]
async fn of_a_long_or_dirty_name_only_so_much_is_repeated() {
    let models = Models::new(
        Table::builder()
            .group("fast", echo("1"), None)
            .build()
            .unwrap(),
    );
    for (name, shown) in [
        ("ä".repeat(100), "ä".repeat(100)),
        ("ä".repeat(101), "ä".repeat(100) + "…"),
        (
            "a\n\u{1b}[31mb".to_owned(),
            "a\u{fffd}\u{fffd}[31mb".to_owned(),
        ),
    ] {
        let error = models.clone().oneshot(call(&name)).await.unwrap_err();
        assert_eq!(
            error.message(),
            format!("the model `{shown}` does not exist")
        );
    }
}

#[tokio::test]
async fn a_call_counts_in_the_budget_of_its_group_until_it_is_forgotten() {
    let budget = Budget::default();
    let table = Table::builder()
        .group("fast", echo("1"), budget.clone())
        .group("free", echo("2"), None)
        .build()
        .unwrap();
    let mut models = Models::new(table);
    let mut request = call("fast");
    let attempts = Attempts::of(request.extensions_mut());
    models.call(request).await.unwrap();
    assert_eq!(budget.requests_in_flight(), 1);
    drop(attempts);
    assert_eq!(budget.requests_in_flight(), 0);

    models.call(call("free")).await.unwrap();
    assert_eq!(budget.requests_in_flight(), 0);
}

#[tokio::test]
async fn it_is_always_ready_and_a_call_waits_for_its_own_group() {
    let (client, mut upstream) = mock::pair::<Request<Call>, Response<Body>>();
    let (stuck, mut never) = mock::pair::<Request<Call>, Response<Body>>();
    let table = Table::builder()
        .group("fast", client, None)
        .group("stuck", stuck, None);
    let mut models = Models::new(table.build().unwrap());
    upstream.allow(0);
    never.allow(0);
    task::spawn(()).enter(|cx, _| {
        assert_ready_ok!(Service::<Request<Call>>::poll_ready(&mut models, cx));
    });

    let mut running = task::spawn(models.call(call("fast")));
    assert_pending!(running.poll());
    upstream.allow(1);
    assert!(running.is_woken());
    assert_pending!(running.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(Response::new(Body::default()));
    assert!(running.is_woken());
    assert_ready_ok!(running.poll());
}

#[tokio::test]
async fn a_call_that_is_given_up_is_dropped_in_its_group() {
    let alive = Arc::new(());
    let client = {
        let alive = Arc::clone(&alive);
        tower::service_fn(move |_: Request<Call>| {
            let alive = Arc::clone(&alive);
            async move {
                std::future::pending::<()>().await;
                drop(alive);
                Ok::<_, BoxError>(Response::new(Body::default()))
            }
        })
    };
    let mut models = Models::new(
        Table::builder()
            .group("fast", client, None)
            .build()
            .unwrap(),
    );
    let mut running = task::spawn(models.call(call("fast")));
    assert_pending!(running.poll());
    assert_eq!(Arc::strong_count(&alive), 3);
    drop(running);
    assert_eq!(Arc::strong_count(&alive), 2);
}

#[tokio::test]
async fn a_new_table_leaves_running_calls_alone() {
    let (old, mut old_upstream) = mock::pair::<Request<Call>, Response<Body>>();
    let (new, mut new_upstream) = mock::pair::<Request<Call>, Response<Body>>();
    let models = Models::new(Table::builder().group("fast", old, None).build().unwrap());
    let mut clone = models.clone();

    let mut running = task::spawn(clone.call(call("fast")));
    assert_pending!(running.poll());
    let (_, reply) = old_upstream.next_request().await.unwrap();

    let table = Models::builder()
        .group("fast", new, None)
        .group("slow", clone_of(&models), None);
    models.replace(table.build().unwrap());
    assert_eq!(clone.names(), ["fast".into(), "slow".into()]);

    let mut later = task::spawn(clone.call(call("fast")));
    assert_pending!(later.poll());
    let (_, new_reply) = new_upstream.next_request().await.unwrap();
    assert_pending!(old_upstream.poll_request());

    reply.send_response(Response::new(Body::from("old")));
    assert!(running.is_woken());
    assert_eq!(text(assert_ready_ok!(running.poll())).await, "old");
    new_reply.send_response(Response::new(Body::from("new")));
    assert!(later.is_woken());
    assert_eq!(text(assert_ready_ok!(later.poll())).await, "new");
}

fn clone_of(models: &Models<Client>) -> Client {
    models.table().get("fast").unwrap().clone()
}

#[tokio::test]
async fn the_error_of_a_bare_client_becomes_ours() {
    let client = tower::service_fn(|_: Request<Call>| async {
        Err::<Response<Body>, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let models = Models::new(
        Table::builder()
            .group("fast", client, None)
            .build()
            .unwrap(),
    );
    let error = models.oneshot(call("fast")).await.unwrap_err();
    assert_eq!(error.class(), Class::Transport);
}

#[tokio::test]
async fn a_layer_builds_a_stack_for_each_group_over_one_client() {
    #[derive(Clone)]
    struct Mark(&'static str);

    let client = tower::service_fn(|request: Request<Call>| async move {
        let Mark(mark) = *request.extensions().get().unwrap();
        Ok::<_, Error>(Response::new(Body::from(mark)))
    });
    let groups = Table::builder()
        .group("fast", "one", None)
        .group("slow", "two", None)
        .alias("quick", "fast")
        .build()
        .unwrap();
    let layer = ModelsLayer::new(groups, |mark: &&'static str| {
        let mark = Mark(mark);
        (MapRequestLayer::new(move |mut request: Request<Call>| {
            request.extensions_mut().insert(mark.clone());
            request
        }),)
    });
    assert!(format!("{layer:?}").contains("slow"));
    let models = layer.layer(client);
    for (model, mark) in [("fast", "one"), ("slow", "two"), ("quick", "one")] {
        let response = models.clone().oneshot(call(model)).await.unwrap();
        assert_eq!(text(response).await, mark);
    }
    models.replace(layer.table(&client));
    assert_eq!(models.names().len(), 3);
}

#[test]
fn unknown_models_are_counted_without_their_names() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    ::metrics::with_local_recorder(&recorder, || {
        let mut models = Models::new(
            Table::builder()
                .group("fast", echo("1"), None)
                .build()
                .unwrap(),
        );
        for model in ["a", "b", "fast"] {
            let _ = task::spawn(models.call(call(model))).poll();
        }
    });
    let counted = snapshotter.snapshot().into_vec();
    let counted: Vec<_> = counted
        .into_iter()
        .map(|(key, _, _, value)| format!("{} = {value:?}", key.key()))
        .collect();
    assert_eq!(
        counted,
        ["Key(steeplechase_models_unknown_total) = Counter(2)"]
    );
}

#[tokio::test]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let mut models = Models::new(
        Table::builder()
            .group("fast", echo("1"), None)
            .build()
            .unwrap(),
    );
    let mut running = task::spawn(models.call(call("fast")));
    assert_ready_ok!(running.poll());
    let _ = running.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_send_sync<T: Send + Sync>(_: &T) {}

    let (client, _upstream): (Client, _) = mock::pair();
    let mut models = Models::new(
        Table::builder()
            .group("fast", client, None)
            .build()
            .unwrap(),
    );
    assert_send_sync(&models);
    assert!(format!("{models:?}").contains("fast"));
    assert_send(&models.call(call("fast")));
}
