//! Documents in their order, whoever puts them into it.

mod calls;
mod places;

use serde_json::{Value, json};

use super::native;

#[test]
fn an_object_becomes_a_text_of_what_counts() {
    let document = |value: Value| {
        let call = json!({"query": "q", "documents": [value]}).to_string();
        let call = super::RerankRequest::parse(call.as_bytes()).unwrap();
        call.documents[0].clone()
    };
    let town = document(json!({"name": "Bergen", "text": "A town.", "rain": 240}));
    assert_eq!(town.text(&[]), "A town.");
    let chosen = ["rain".to_owned(), "gone".to_owned(), "name".to_owned()];
    assert_eq!(town.text(&chosen), "rain: 240\nname: Bergen");
    let other = document(json!({"name": "Bergen", "at": [60, 5]}));
    assert_eq!(other.text(&[]), "name: Bergen\nat: [60,5]");
    assert_eq!(document(json!("plain")).text(&chosen), "plain");
}

#[test]
fn scores_become_an_order_and_equals_keep_theirs() {
    let ranking = native::read(br#"{"scores":[0.5,0.9,0.5]}"#, 3).unwrap();
    let order: Vec<_> = ranking.results.iter().map(|it| it.index).collect();
    assert_eq!(order, [1, 0, 2]);
}

#[test]
fn what_is_asked_or_answered_is_not_shown() {
    let call = br#"{"query":"hunter2","documents":["hunter2"],"model":"m"}"#;
    let call = super::RerankRequest::parse(call).unwrap();
    assert!(!format!("{call:?} {:?}", call.documents).contains("hunter2"));
    let answer = br#"{"results":[{"index":0,"relevance_score":1,"document":"hunter2"}]}"#;
    let answer = native::read(answer, 1).unwrap();
    assert!(!format!("{answer:?}").contains("hunter2"));
}
