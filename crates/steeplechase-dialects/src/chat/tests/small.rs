use proptest::prelude::*;

use crate::chat::ids;
use crate::chat::redact::redact;
use crate::chat::redact::shorten;
use crate::json;

#[test]
fn the_short_hash_is_that_of_the_standard() {
    // From the examples of FIPS 180, and from `sha256sum`.
    assert_eq!(ids::short_hash(""), "e3b0c442");
    assert_eq!(ids::short_hash("abc"), "ba7816bf");
    let two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_eq!(ids::short_hash(two_blocks), "248d6a61");
    assert_eq!(ids::short_hash(&"a".repeat(1_000_000)), "cdc76e5c");
    assert_eq!(ids::short_hash(&"b".repeat(55)), "eb2c86e9");
    assert_eq!(ids::short_hash(&"b".repeat(64)), "a0fab137");
}

#[test]
fn names_that_are_made_up_differ() {
    let names: std::collections::HashSet<_> = (0..1000).map(|_| ids::mint("chatcmpl-")).collect();
    assert_eq!(names.len(), 1000);
    assert!(
        names
            .iter()
            .all(|name| name.len() == "chatcmpl-".len() + 24)
    );
}

#[test]
fn keys_are_masked_wherever_they_are() {
    let cases = [
        (
            "invalid key sk-ant-api03-Ab_9: try again",
            "invalid key sk-***: try again",
        ),
        ("key=AIzaSyD4x9, sorry", "key=AIz***, sorry"),
        ("Bearer abcdefghij0123456789", "Bearer abc***"),
        (
            "no key here, only a risk-free sk- word",
            "no key here, only a risk-free sk- word",
        ),
        ("", ""),
        (
            "<html><head><title>502</title></head><body>Bad\n gateway</body></html>",
            "502 Bad gateway",
        ),
        ("größer als √2", "größer als √2"),
    ];
    for (text, wanted) in cases {
        assert_eq!(redact(text), wanted);
    }
}

#[test]
fn long_texts_are_cut_between_characters() {
    assert_eq!(shorten("abc", 3), "abc");
    assert_eq!(shorten("äöü€", 2), "äö…");
}

proptest! {
    #[test]
    fn compact_json_is_the_same_json(text in r#"[ \n\ta-z"\\{}:,0-9]{0,40}"#) {
        let value = serde_json::json!({ "k": [text, {"b": text}] });
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(json::compact(&pretty), value.to_string());
    }

    #[test]
    fn mending_leaves_sound_json_alone(text in any::<String>()) {
        let sound = serde_json::to_vec(&text).unwrap();
        prop_assert_eq!(&*json::mend(&sound), &sound[..]);
    }

    #[test]
    fn redacting_never_panics(text in any::<String>(), max in 0_usize..20) {
        let _ = shorten(&redact(&text), max);
    }
}
