//! Whatever a caller or a provider sends, it is read or refused.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::rerank::{Document, RerankRequest, is_second_version, native, relay_answer};

fn any_document() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => "[a-z\"\\\\]{0,5}".prop_map(Value::from),
        2 => Just(json!({"text": "t", "n": [1, {"a": "\"}"}]})),
        1 => Just(json!(7)),
    ]
}

fn any_call() -> impl Strategy<Value = Value> {
    let field = prop_oneof![
        Just(("top_n", json!(2))),
        Just(("max_tokens_per_doc", json!(9))),
        Just(("timeout", json!(3))),
        Just(("return_documents", json!(false))),
        Just(("rank_fields", json!(["a"]))),
        Just(("vendor", json!({"documents": [1]}))),
    ];
    let documents = prop::collection::vec(any_document(), 0..4);
    (documents, prop::collection::vec(field, 0..4)).prop_map(|(documents, fields)| {
        let mut call = Map::new();
        call.insert("model".into(), "m".into());
        call.insert("query".into(), "q".into());
        call.insert("documents".into(), documents.into());
        call.extend(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        call.into()
    })
}

proptest! {
    #[test]
    fn a_look_at_the_bytes_tells_the_versions_apart(call in any_call()) {
        let raw = call.to_string();
        let documents = call["documents"].as_array().unwrap();
        let known = ["model", "query", "documents", "top_n", "max_tokens_per_doc", "timeout"];
        let is_second = documents.iter().all(Value::is_string)
            && call.as_object().unwrap().keys().all(|name| known.contains(&&**name));
        prop_assert_eq!(is_second_version(raw.as_bytes()), is_second);
        if let Ok(request) = RerankRequest::parse(raw.as_bytes()) {
            prop_assert_eq!(request.documents.len(), documents.len());
            let are_texts = request.documents.iter().all(|it| matches!(it, Document::Text(_)));
            prop_assert!(!is_second || are_texts);
        } else {
            prop_assert!(documents.is_empty() || documents.contains(&json!(7)));
        }
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = RerankRequest::parse(&bytes);
        let _ = is_second_version(&bytes);
        let _ = native::read(&bytes, 3);
        let _ = relay_answer(&bytes);
    }

    #[test]
    fn results_are_of_documents_that_there_are(
        places in prop::collection::vec(0_usize..6, 0..6),
        documents in 1_usize..6,
    ) {
        let results: Vec<_> = places.iter()
            .map(|index| json!({"index": index, "score": 0.5, "text": "t"}))
            .collect();
        let read = native::read(Value::from(results).to_string().as_bytes(), documents);
        let are_there = places.iter().all(|place| *place < documents);
        prop_assert_eq!(read.is_ok(), are_there);
        if let Ok(ranking) = read {
            let found: Vec<_> = ranking.results.iter().map(|it| it.index).collect();
            prop_assert_eq!(found, places);
        }
    }
}
