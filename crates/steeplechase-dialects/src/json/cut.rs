//! JSON without some of its fields, wherever they are. All other bytes stay.

use steeplechase_core::{FieldPath, Step};

use super::each_item;
use super::survey::{Fate, survey, write};

/// What is left of a path at a place, and which of all paths it is.
type Rest<'p> = (usize, &'p [Step]);

/// An object without what is at some paths, and the paths that led to anything. `None` if none did.
pub(crate) fn without<'p>(
    raw: &[u8],
    paths: impl IntoIterator<Item = &'p FieldPath>,
) -> Option<(Vec<u8>, Vec<&'p FieldPath>)> {
    let paths: Vec<_> = paths.into_iter().collect();
    let raw = std::str::from_utf8(raw).ok()?;
    let rest: Vec<_> = paths.iter().map(|path| path.steps()).enumerate().collect();
    let mut led = vec![false; paths.len()];
    let out = fields(raw, &rest, &mut led)?;
    let paths = paths.into_iter().zip(led).filter(|(_, led)| *led);
    Some((out, paths.map(|(path, _)| path).collect()))
}

/// A value without what is at some paths from it on. `None` if nothing is there.
fn value(raw: &str, rest: &[Rest<'_>], led: &mut [bool]) -> Option<Vec<u8>> {
    match raw.as_bytes().first()? {
        _ if rest.is_empty() => None,
        b'{' => fields(raw, rest, led),
        b'[' => items(raw, rest, led),
        _ => None,
    }
}

fn fields(raw: &str, rest: &[Rest<'_>], led: &mut [bool]) -> Option<Vec<u8>> {
    let mut all = survey(raw.as_bytes())?;
    let mut is_changed = false;
    for field in &mut all {
        let mut is_cut = false;
        let mut under = Vec::new();
        for (path, steps) in rest {
            match steps.split_first() {
                Some((Step::Field(name), [])) if **name == *field.name => {
                    led[*path] = true;
                    is_cut = true;
                }
                Some((Step::Field(name), rest)) if **name == *field.name => {
                    under.push((*path, rest));
                }
                _ => {}
            }
        }
        if is_cut {
            field.fate = Fate::Cut;
        } else if let Some(left) = value(field.value, &under, led) {
            field.set(left);
        } else {
            continue;
        }
        is_changed = true;
    }
    is_changed.then(|| write(raw.as_bytes(), &all, &[]))?
}

fn items(raw: &str, rest: &[Rest<'_>], led: &mut [bool]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut at, mut index) = (0, 0);
    each_item::<()>(raw, |item| {
        let under = rest
            .iter()
            .filter_map(|(path, steps)| match steps.split_first()? {
                (Step::Items, rest) => Some((*path, rest)),
                (Step::Item(which), rest) if *which == index => Some((*path, rest)),
                _ => None,
            });
        let under: Vec<_> = under.collect();
        if let Some(left) = value(item, &under, led) {
            // The item is a part of the list.
            let start = item.as_ptr() as usize - raw.as_ptr() as usize;
            out.extend_from_slice(&raw.as_bytes()[at..start]);
            out.extend_from_slice(&left);
            at = start + item.len();
        }
        index += 1;
        Ok(())
    })
    .ok()?;
    (at > 0).then(|| {
        out.extend_from_slice(&raw.as_bytes()[at..]);
        out
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use steeplechase_core::FieldPath;

    use super::*;

    fn cut(raw: &str, paths: &[&str]) -> Option<(String, Vec<String>)> {
        let paths = paths.iter().map(|path| FieldPath::parse(path).unwrap());
        let paths: Vec<_> = paths.collect();
        let (left, led) = without(raw.as_bytes(), &paths)?;
        let led = led.iter().map(|path| path.as_str().to_owned());
        Some((String::from_utf8(left).unwrap(), led.collect()))
    }

    #[test]
    fn what_is_at_a_path_is_cut_and_all_other_bytes_stay() {
        for (raw, path, left) in [
            (r#"{"a": 1, "b" : 2}"#, "a", r#"{ "b" : 2}"#),
            (r#"{"a": 1, "b" : 2}"#, "b", r#"{"a": 1}"#),
            (r#"{"a":{"b":1,"c":[ 2 ]}}"#, "a.b", r#"{"a":{"c":[ 2 ]}}"#),
            (
                r#"{"a":[{"b":1},{"c":2, "b":3},4]}"#,
                "a[*].b",
                r#"{"a":[{},{"c":2},4]}"#,
            ),
            (
                r#"{"a":[{"b":1},{"b":3}]}"#,
                "a[1].b",
                r#"{"a":[{"b":1},{}]}"#,
            ),
            (
                r#"{"a":[[{"b":1}],[{"b":3}]]}"#,
                "a[*][0].b",
                r#"{"a":[[{}],[{}]]}"#,
            ),
            (r#"{"\u0061":1,"b":2}"#, "a", r#"{"b":2}"#),
            (r#"{"a":1,"b":2,"a":3}"#, "a", r#"{"b":2}"#),
        ] {
            let (found, led) = cut(raw, &[path]).unwrap();
            assert_eq!((&*found, led.as_slice()), (left, &[path.to_owned()][..]));
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_changes_nothing() {
        for (raw, path) in [
            (r#"{"a":1}"#, "b"),
            (r#"{"a":1}"#, "a.b"),
            (r#"{"a":{"b":1}}"#, "a[*].b"),
            (r#"{"a":[{"b":1}]}"#, "a.b"),
            (r#"{"a":[{"b":1}]}"#, "a[1].b"),
            (r#"["a"]"#, "a"),
            ("{", "a"),
        ] {
            assert_eq!(cut(raw, &[path]), None, "{raw} {path}");
        }
        let (left, led) = cut(r#"{"a":{"b":1,"c":2},"d":3}"#, &["a.b", "x", "a.c", "d"]).unwrap();
        assert_eq!(left, r#"{"a":{}}"#);
        assert_eq!(led, ["a.b", "a.c", "d"]);
    }

    /// What is left, found in a tree.
    fn model(value: &mut Value, steps: &[Step]) {
        match (steps, value) {
            ([Step::Field(name)], Value::Object(fields)) => _ = fields.shift_remove(&**name),
            ([Step::Field(name), rest @ ..], Value::Object(fields)) => {
                if let Some(value) = fields.get_mut(&**name) {
                    model(value, rest);
                }
            }
            ([Step::Items, rest @ ..], Value::Array(items)) => {
                for item in items {
                    model(item, rest);
                }
            }
            ([Step::Item(index), rest @ ..], Value::Array(items)) => {
                if let Some(item) = items.get_mut(*index) {
                    model(item, rest);
                }
            }
            _ => {}
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(null)), Just(json!(1)), Just(json!("[a].\\\"b{"))];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_is_left_of_a_tree(
            value in any_value(),
            paths in prop::collection::vec("[abc](\\[[*01]\\])?(\\.[abc](\\[[*01]\\])?){0,2}\\.[abc]", 1..3),
        ) {
            let paths: Vec<_> = paths.iter().map(|path| FieldPath::parse(path).unwrap()).collect();
            let raw = json!({"a": value});
            let mut left = raw.clone();
            for path in &paths {
                model(&mut left, path.steps());
            }
            let text = raw.to_string();
            let found = without(text.as_bytes(), &paths);
            prop_assert_eq!(found.is_none(), left == raw);
            if let Some((found, _)) = found {
                prop_assert_eq!(serde_json::from_slice::<Value>(&found).unwrap(), left);
            }
        }
    }
}
