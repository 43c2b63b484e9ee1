//! Looking for what is wrong.

use serde_json::{Map, Value};

use super::fields::{Kind, Shape, Step, Style, Violation, Wrong};
use super::text::{camel, is_base64};

struct Walk<'a> {
    style: Style,
    hidden: &'a [&'a str],
    place: Vec<Step>,
    found: Vec<Violation>,
}

/// Looks for all that is wrong with an object. Names in `hidden` are unknown, wherever they are.
pub(crate) fn check(
    object: &mut Map<String, Value>,
    shape: &Shape,
    style: Style,
    hidden: &[&str],
) -> Vec<Violation> {
    let mut walk = Walk {
        style,
        hidden,
        place: Vec::new(),
        found: Vec::new(),
    };
    walk.object(object, shape);
    walk.found
}

impl Walk<'_> {
    fn object(&mut self, object: &mut Map<String, Value>, shape: &Shape) {
        let given: Vec<String> = object.keys().cloned().collect();
        let mut members = 0;
        for key in given {
            let name = match self.style {
                Style::Exact => key.clone(),
                Style::Proto => camel(&key),
            };
            let kind = shape.kind(&name);
            let Some(kind) = kind.filter(|_| !self.hidden.contains(&name.as_str())) else {
                self.wrong(Wrong::Unknown(key));
                continue;
            };
            if name != key
                && let Some(value) = object.remove(&key)
            {
                object.insert(name.clone(), value);
            }
            if let Some(value) = object.get_mut(&name).filter(|value| !value.is_null()) {
                members += 1;
                self.at(Step::Field(name), |walk| walk.value(value, kind));
            }
        }
        for name in shape.required {
            if object.get(*name).is_none_or(Value::is_null) {
                self.wrong(Wrong::Missing(name));
            }
        }
        if shape.union && members != 1 {
            self.wrong(Wrong::Union(members));
        }
    }

    fn value(&mut self, value: &mut Value, kind: Kind) {
        let proto = self.style == Style::Proto;
        let fits = match (kind, &mut *value) {
            (Kind::Any, _)
            | (Kind::Text, Value::String(_))
            | (Kind::Flag, Value::Bool(_))
            | (Kind::Number, Value::Number(_)) => true,
            (Kind::Bytes, Value::String(text)) => is_base64(text),
            (Kind::Number, Value::String(text)) => proto && text.parse::<f64>().is_ok(),
            (Kind::Integer, Value::Number(number)) => {
                number.is_i64() || number.is_u64() || number.as_f64().is_some_and(is_whole)
            }
            (Kind::Integer, Value::String(text)) => proto && text.parse::<i64>().is_ok(),
            (Kind::Word(words), Value::String(text)) => {
                let same =
                    |word: &&str| **word == *text || proto && word.eq_ignore_ascii_case(text);
                if !words.iter().any(same) {
                    self.wrong(Wrong::Word(value.clone(), words));
                }
                true
            }
            (Kind::Object(shape), Value::Object(object)) => {
                self.object(object, shape);
                true
            }
            (Kind::List(kind), Value::Array(values)) => {
                for (number, value) in values.iter_mut().enumerate() {
                    self.at(Step::Index(number), |walk| walk.value(value, *kind));
                }
                true
            }
            (Kind::Map(kind), Value::Object(entries)) => {
                for (number, (key, value)) in entries.iter_mut().enumerate() {
                    let step = Step::Entry(number, key.clone());
                    self.at(step, |walk| walk.value(value, *kind));
                }
                true
            }
            _ => false,
        };
        if !fits {
            self.wrong(Wrong::Kind(value.clone(), kind.name()));
        }
    }

    fn at(&mut self, step: Step, look: impl FnOnce(&mut Self)) {
        self.place.push(step);
        look(self);
        self.place.pop();
    }

    fn wrong(&mut self, wrong: Wrong) {
        self.found.push(Violation {
            place: self.place.clone(),
            wrong,
        });
    }
}

fn is_whole(number: f64) -> bool {
    number.is_finite() && number.fract() == 0.0
}
