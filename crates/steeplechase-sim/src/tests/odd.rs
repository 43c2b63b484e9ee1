//! Odd requests, in every dialect.

use super::languages::languages;
use super::*;

#[tokio::test(start_paused = true)]
async fn what_is_not_json_is_refused_and_never_a_panic() {
    for language in languages() {
        let sim = Sim::new("every");
        for text in ["", "{", "[]", "null", "\u{0}", "{\"model\": \"\\ud83d\"}"] {
            let mut request = language.request(false);
            *request.body_mut() = Full::from(text);
            let (status, _) = answered(&sim, request).await;
            assert_eq!(status, 400, "{}: {text:?}", language.name);
        }
    }
}

/// A value of a wrong kind.
fn odd(rng: &mut fastrand::Rng) -> Value {
    let odd = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("æ\u{0}"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"type": "x", "text": 5, "parts": [{}], "role": "user"}),
        json!(true),
    ];
    odd[rng.usize(..odd.len())].clone()
}

/// Puts something odd in some place of a value.
fn spoil(value: &mut Value, rng: &mut fastrand::Rng) {
    match value {
        Value::Object(fields) if !fields.is_empty() && rng.u8(..4) > 0 => {
            let number = rng.usize(..fields.len());
            spoil(fields.values_mut().nth(number).unwrap(), rng);
        }
        Value::Array(values) if !values.is_empty() && rng.u8(..4) > 0 => {
            let number = rng.usize(..values.len());
            spoil(&mut values[number], rng);
        }
        _ => *value = odd(rng),
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_is_in_a_request_it_is_answered_or_refused() {
    let mut rng = fastrand::Rng::with_seed(5);
    for language in languages() {
        let sim = Sim::new("every").tokens(1).record(0);
        for _ in 0..300 {
            let mut request = language.request(rng.bool());
            let body = request.body_mut().collect().await.unwrap().to_bytes();
            let mut body: Value = serde_json::from_slice(&body).unwrap();
            for _ in 0..rng.usize(1..4) {
                spoil(&mut body, &mut rng);
            }
            *request.body_mut() = Full::from(body.to_string());
            let answer = send(&sim, request).await.unwrap();
            let status = answer.status().as_u16();
            assert!(
                [200, 400, 422].contains(&status),
                "{}: {body}",
                language.name
            );
            let _ = frames(answer.into_body()).await;
        }
    }
}
