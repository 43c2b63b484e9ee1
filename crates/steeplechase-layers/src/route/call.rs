use http::Request;
use memchr::{memchr2, memmem};
use steeplechase_core::{Attempts, Call, Dialect, Operation};

use super::Describe;
use super::hash::Fnv;

/// What there is to know of a [`Call`]: what its head says, and to which conversation it belongs.
///
/// The affinity of a call is a hash of its model and of
///
/// * its [session](steeplechase_core::Controls::session), if it names one;
/// * else the beginnings of its first messages, up to the first of the user. They are the same in each turn of a
///   conversation, and they are what a provider's cache of prompts goes by. What comes later is not.
///
/// The bytes are not parsed: the list of messages is found by its name, and the end of a message by its braces.
/// So it costs a microsecond and not the parse of a conversation, and what it finds in bytes that are no JSON is
/// still the same for the same bytes. A call with no messages, or a long way from its start to them, has none.
/// Nor has the first turn of a conversation: nobody has had it yet, and most calls are no conversations, so that to
/// give each a home would only spread them worse.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DescribeCall;

/// How far it is looked for the messages, and into them.
const WITHIN: usize = 64 * 1024;

/// Among so many messages is the first of the user.
const FIRST: usize = 8;

/// So much of each message tells it from others.
const BEGINNING: usize = 512;

// ===== impl DescribeCall =====

impl Describe<Call> for DescribeCall {
    fn is_stream(&self, request: &Request<Call>) -> Option<bool> {
        Some(request.body().head().stream)
    }

    fn prompt(&self, request: &Request<Call>) -> Option<u64> {
        let prompt = request.body().head().prompt;
        (!prompt.is_zero()).then(|| prompt.tokens())
    }

    fn max_tokens(&self, request: &Request<Call>) -> Option<u64> {
        request.body().head().max_tokens
    }

    fn affinity(&self, request: &Request<Call>) -> Option<u64> {
        let call = request.body();
        let mut hash = Fnv::new();
        hash.write(call.model().as_bytes());
        let controls = Attempts::get(request.extensions()).and_then(Attempts::controls);
        if let Some(session) = controls.as_ref().and_then(|it| it.session.as_deref()) {
            hash.write(session.as_bytes());
            return Some(hash.finish());
        }
        if call.operation() != Operation::Chat {
            return None;
        }
        let raw = call.raw();
        let raw = &raw[..raw.len().min(WITHIN)];
        write_conversation(raw, call.dialect(), &mut hash)?;
        Some(hash.finish())
    }
}

/// Writes the beginnings of the messages up to the first of the user. `None` if there is nothing after that: then
/// it is the first turn, and nobody has had the conversation yet.
fn write_conversation(raw: &[u8], dialect: Dialect, hash: &mut Fnv) -> Option<()> {
    let start = find_messages(raw, dialect)?;
    if raw[start] == b'"' {
        return None;
    }
    let mut at = start;
    // Most calls have nothing after that, so nothing is hashed before it is known.
    let mut messages = [(0, 0); FIRST];
    for message in &mut messages {
        at = skip(raw, at + 1, |byte| {
            byte.is_ascii_whitespace() || byte == b','
        });
        if raw.get(at) != Some(&b'{') {
            return None;
        }
        let end = end_of_object(raw, at);
        *message = (at, end);
        if memmem::find(&raw[at..end], br#""user""#).is_some() {
            let next = skip(raw, end, |byte| byte.is_ascii_whitespace() || byte == b',');
            // What is too long to be seen has much to be remembered.
            if !matches!(raw.get(next), Some(b'{') | None) {
                return None;
            }
            for (start, end) in messages {
                hash.write(beginning(&raw[start..end]));
            }
            return Some(());
        }
        at = end - 1;
    }
    None
}

/// Where the list of messages begins, or the string that stands for it.
fn find_messages(raw: &[u8], dialect: Dialect) -> Option<usize> {
    let name: &[u8] = match dialect {
        Dialect::Completions => br#""prompt""#,
        Dialect::Gemini => br#""contents""#,
        Dialect::Responses => br#""input""#,
        _ => br#""messages""#,
    };
    // Within a string the quotes would have a backslash before them. It may be another name or a value, though.
    memmem::find_iter(raw, name).find_map(|at| {
        let colon = skip(raw, at + name.len(), |byte| byte.is_ascii_whitespace());
        let value = skip(raw, colon + 1, |byte| byte.is_ascii_whitespace());
        let is_it = raw.get(colon) == Some(&b':') && matches!(raw.get(value), Some(b'[' | b'"'));
        is_it.then_some(value)
    })
}

/// The end of the object that begins at `at`, or of the bytes.
fn end_of_object(raw: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = raw.get(at) {
        at += 1;
        match byte {
            b'"' => at = end_of_string(raw, at),
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    raw.len()
}

/// The end of the string whose first character is at `at`, or of the bytes.
fn end_of_string(raw: &[u8], mut at: usize) -> usize {
    while let Some(next) = raw.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += next + 1;
        if raw[at - 1] == b'"' {
            return at;
        }
        // What comes after a backslash is no end.
        at += 1;
    }
    raw.len()
}

fn skip(raw: &[u8], at: usize, is_skipped: impl Fn(u8) -> bool) -> usize {
    let rest = raw.get(at..).unwrap_or_default();
    let next = rest.iter().position(|byte| !is_skipped(*byte));
    next.map_or(raw.len(), |next| at + next)
}

fn beginning(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(BEGINNING)]
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::{any, prop, proptest};
    use steeplechase_core::{Controls, Tally, call::Head};

    use super::*;

    fn request(dialect: Dialect, raw: impl Into<Bytes>) -> Request<Call> {
        let mut head = Head::default();
        head.model = "fast".into();
        Request::new(Call::new(Operation::Chat, dialect, raw.into(), head))
    }

    fn affinity(raw: &str) -> Option<u64> {
        DescribeCall.affinity(&request(Dialect::OpenAi, raw.to_owned()))
    }

    #[test]
    fn each_turn_of_a_conversation_has_the_same_affinity() {
        let first = r#"{"model":"fast","messages":[
            {"role":"system","content":"You are \"brief\" {"},
            {"role":"user","content":"hi ]}"}]}"#;
        let second = r#"{"model":"fast","messages":[
            {"role":"system","content":"You are \"brief\" {"},
            {"role":"user","content":"hi ]}"},
            {"role":"assistant","content":"hello"},
            {"role":"user","content":"and now?"}]}"#;
        let third = second.replace(
            "}]}",
            r#"},{"role":"assistant","content":"hm"},{"role":"user"}]}"#,
        );
        assert_eq!(affinity(first), None, "nobody has had it yet");
        assert!(affinity(second).is_some());
        assert_eq!(affinity(second), affinity(&third));
        for (old, new) in [("hi", "ho"), ("brief", "long")] {
            let other = second.replace(old, new);
            assert_ne!(affinity(second), affinity(&other));
        }
    }

    #[test]
    fn what_stands_before_the_messages_makes_no_difference() {
        let plain = r#"{"messages":[{"role":"user","content":"hi"},{"role":"assistant"}]}"#;
        assert!(affinity(plain).is_some());
        for before in [
            r#"{"temperature":0.3,"messages":[{"role":"user","content":"hi"},{"role":"assistant"}]}"#,
            // A value, a name with another kind of value, and words.
            r#"{"a":"messages","b":{"messages":{}},"c":"say \"messages\":[]","messages" : [ {"role":"user","content":"hi"} , {"role":"assistant"}]}"#,
        ] {
            assert_eq!(affinity(plain), affinity(before), "{before}");
        }
    }

    #[test]
    fn a_long_prompt_of_the_system_does_not_hide_the_user() {
        let with = |user: &str| {
            let system = "Be good. ".repeat(2000);
            let raw = format!(
                r#"{{"messages":[{{"role":"system","content":"{system}"}},{{"role":"user","content":"{user}"}},{{}}]}}"#
            );
            affinity(&raw)
        };
        assert_ne!(with("one"), with("two"));
    }

    #[test]
    fn each_dialect_has_its_own_name_for_the_messages() {
        for (dialect, raw) in [
            (Dialect::Responses, r#"{"input":[{"role":"user"},{}]}"#),
            (Dialect::Gemini, r#"{"contents":[{"role":"user"},{}]}"#),
            (Dialect::Anthropic, r#"{"messages":[{"role":"user"},{}]}"#),
        ] {
            let found = DescribeCall.affinity(&request(dialect, raw));
            assert!(found.is_some(), "{raw}");
            let other = raw.replace(r#"{"role""#, r#"{"more":1,"role""#);
            let other = DescribeCall.affinity(&request(dialect, other));
            assert_ne!(found, other, "{raw}");
        }
        for (dialect, raw) in [
            (Dialect::Responses, r#"{"input":"hi"}"#),
            (Dialect::Completions, r#"{"prompt":"hi"}"#),
        ] {
            assert_eq!(DescribeCall.affinity(&request(dialect, raw)), None, "{raw}");
        }
        assert_eq!(affinity(r#"{"prompt":"hi"}"#), None);
        assert_eq!(affinity(r#"{"messages":[]}"#), None);
    }

    #[test]
    fn a_session_says_more_than_the_messages() {
        let with = |session: &str, raw: &'static str| {
            let mut request = request(Dialect::OpenAi, raw);
            let mut controls = Controls::default();
            controls.session = Some(session.into());
            Attempts::of(request.extensions_mut()).control(controls);
            DescribeCall.affinity(&request)
        };
        let (hi, ho) = (r#"{"messages":[{"role":"user"}]}"#, "{}");
        assert_eq!(with("a", hi), with("a", ho));
        assert_ne!(with("a", hi), with("b", hi));
    }

    #[test]
    fn the_head_says_the_rest() {
        let mut head = Head::default();
        head.stream = true;
        head.max_tokens = Some(7);
        let call = |head: Head| Call::new(Operation::Chat, Dialect::OpenAi, Bytes::new(), head);
        let request = Request::new(call(head.clone()));
        assert_eq!(DescribeCall.is_stream(&request), Some(true));
        assert_eq!(DescribeCall.max_tokens(&request), Some(7));
        assert_eq!(DescribeCall.prompt(&request), None, "nobody has counted");
        head.prompt = Tally::from_tokens(12);
        let request = Request::new(call(head));
        assert_eq!(DescribeCall.prompt(&request), Some(12));
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut raw = br#"{"messages":["#.to_vec();
            raw.extend(&bytes);
            DescribeCall.affinity(&request(Dialect::OpenAi, raw));
            let mut raw = br#"{"messages":[{"role":""#.to_vec();
            raw.extend(bytes.iter().map(|byte| br#"{}[]",\:"#[usize::from(byte % 8)]));
            DescribeCall.affinity(&request(Dialect::OpenAi, raw));
        }
    }
}
