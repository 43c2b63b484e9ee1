//! How it ends.

use super::*;

#[tokio::test]
async fn told_to_stop_it_finishes_what_it_has_begun_takes_nothing_new_and_exits_with_0() {
    let (openai, _anthropic, mut program) = world().await;
    let slow = Behaviour::answer()
        .tokens(8)
        .token_gap(Duration::from_millis(100));
    openai.sim().set_always(slow);
    let answer = post(&program, "/v1/chat/completions", &chat("lone", true)).await;
    assert_eq!(answer.status(), StatusCode::OK);

    program.terminate();
    program.wait_closed().await;
    let stream = text(answer).await;
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    assert_eq!(program.exit_code().await, Some(0));
}

#[tokio::test]
async fn told_to_stop_twice_it_ends_at_once() {
    let (openai, _anthropic, mut program) = world().await;
    let endless = Behaviour::answer()
        .tokens(1000)
        .token_gap(Duration::from_millis(100));
    openai.sim().set_always(endless);
    let answer = post(&program, "/v1/chat/completions", &chat("lone", true)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    program.terminate();
    program.wait_closed().await;
    program.terminate();
    assert_eq!(program.exit_code().await, Some(0));
    // It was cut off.
    assert!(answer.into_body().collect().await.is_err());
}
