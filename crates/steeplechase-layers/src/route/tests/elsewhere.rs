//! A further attempt goes to another provider, one sentence for each test.

use super::*;

/// Deployments of these providers, named by their place.
fn of(providers: &[&str]) -> Vec<Arc<Deployment>> {
    let providers = providers.iter().enumerate();
    let build = |(index, provider): (usize, &&str)| {
        let builder = builder(&index.to_string());
        builder.provider(*provider).build()
    };
    providers.map(build).collect()
}

/// Who serves a request that has been to the first of a group.
async fn next_after_first(group: &[Arc<Deployment>]) -> usize {
    let mut request = Request::new(());
    attempts(&mut request).mark_tried(group[0].key());
    serve(group, request).await.unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_further_attempt_prefers_a_provider_that_has_not_been_tried() {
    let group = of(&["azure", "azure", "openai", "azure"]);
    for _ in 0..20 {
        assert_eq!(next_after_first(&group).await, 2);
    }
    // Which says nothing of whether others could.
    let mut request = Request::new(());
    let attempts = attempts(&mut request);
    attempts.mark_tried(group[0].key());
    serve(&group, request).await.unwrap();
    assert_eq!(attempts.alternatives(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn if_nobody_else_can_take_it_the_same_provider_is_asked_again() {
    let group = of(&["azure", "openai", "azure"]);
    cool_for(&group[1], SECOND);
    assert_eq!(next_after_first(&group).await, 2);
}

#[tokio::test(start_paused = true)]
async fn an_order_says_more_than_a_provider() {
    let build = |id: &str, provider: &str, order| {
        let builder = builder(id).provider(provider);
        builder.order(order).build()
    };
    let group = [
        build("0", "azure", 0),
        build("1", "azure", 0),
        build("2", "openai", 1),
    ];
    assert_eq!(next_after_first(&group).await, 1);
}

#[tokio::test(start_paused = true)]
async fn one_without_weight_is_for_when_there_is_no_other_of_any_provider() {
    let group = [
        builder("0").provider("azure").build(),
        builder("1").provider("azure").build(),
        builder("2").provider("openai").weight(0.0).build(),
    ];
    assert_eq!(next_after_first(&group).await, 1);
}

#[tokio::test(start_paused = true)]
async fn of_many_too_another_provider_is_found() {
    let mut providers = ["azure"; 300];
    providers[123] = "openai";
    let group = of(&providers);
    for _ in 0..20 {
        assert_eq!(next_after_first(&group).await, 123);
    }
}
