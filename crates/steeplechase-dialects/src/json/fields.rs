use std::borrow::Cow;
use std::fmt;

use serde::de::Deserialize;
use serde::de::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use super::Fields;

/// The name of a field. Borrowed, unless something in it is escaped.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// Shows `look` each field of an object: its name, and its value as it is written. Nothing is copied, but for
/// a name in which something is escaped.
///
/// # Errors
///
/// What is wrong with the JSON, or that it is no object.
pub(crate) fn each_field<'j>(
    json: &'j str,
    look: impl FnMut(&str, &'j str),
) -> Result<(), serde_json::Error> {
    struct Each<F>(F);

    impl<'de, F: FnMut(&str, &'de str)> Visitor<'de> for Each<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some(Name(name)) = map.next_key()? {
                let value: &'de RawValue = map.next_value()?;
                (self.0)(&name, value.get());
            }
            Ok(())
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer.deserialize_map(Each(look))?;
    deserializer.end()
}

/// The value of a field of an object, as it is written.
pub(crate) fn value_of<'j>(json: &'j [u8], field: &str) -> Option<&'j str> {
    let mut found = None;
    // What is no object has no field.
    each_field(std::str::from_utf8(json).ok()?, |name, value| {
        if name == field {
            found = Some(value);
        }
    })
    .ok()?;
    found
}

/// Shows `look` each item of an array, as it is written, until it fails.
///
/// # Errors
///
/// `None` if it is no array, or if something in it is no JSON; else that of `look`.
pub(crate) fn each_item<'j, E>(
    json: &'j str,
    mut look: impl FnMut(&'j str) -> Result<(), E>,
) -> Result<(), Option<E>> {
    struct Items<'l, L, E>(&'l mut L, &'l mut Option<E>);

    impl<'de, E, L: FnMut(&'de str) -> Result<(), E>> Visitor<'de> for Items<'_, L, E> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
            while let Some(value) = seq.next_element::<&'de RawValue>()? {
                if let Err(error) = (self.0)(value.get()) {
                    *self.1 = Some(error);
                    return Err(serde::de::Error::custom("it is given up"));
                }
            }
            Ok(())
        }
    }

    let mut failure = None;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let outcome = deserializer.deserialize_seq(Items(&mut look, &mut failure));
    match outcome {
        Ok(()) => Ok(()),
        Err(_) => Err(failure),
    }
}

/// What a JSON pointer leads to, if it is an object.
pub(crate) fn find<'o>(root: &'o Fields, path: &str) -> Option<&'o Fields> {
    if path.is_empty() {
        return Some(root);
    }
    let mut words = path.strip_prefix('/')?.split('/');
    let mut at = root.get(words.next()?)?;
    for word in words {
        at = at.get(word.replace("~1", "/").replace("~0", "~"))?;
    }
    at.as_object()
}
