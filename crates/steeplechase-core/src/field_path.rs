use std::fmt;

/// Where a field is in the body of a call: `top_k`, `tools[*].function.strict`, `stop[0].text`.
///
/// # Example
///
/// ```
/// use steeplechase_core::FieldPath;
///
/// let path = FieldPath::parse("tools[*].strict")?;
/// assert_eq!(path.as_str(), "tools[*].strict");
/// assert_eq!(path.steps().len(), 3);
/// assert!(FieldPath::parse("tools[*]").is_err());
/// # Ok::<(), &'static str>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct FieldPath {
    text: Box<str>,
    steps: Box<[Step]>,
}

/// A step on the way to a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// To the field of this name, in an object.
    Field(Box<str>),
    /// To the item at this index, in a list.
    Item(usize),
    /// To every item of a list.
    Items,
}

/// The most steps of a path.
const MAX_STEPS: usize = 20;

/// What no call can be without.
const NEEDED: [&str; 4] = ["input", "messages", "model", "prompt"];

// ===== impl FieldPath =====

impl FieldPath {
    /// Reads a path: names with dots between them, and after a name `[*]` for every item of a list, or `[0]` for
    /// one.
    ///
    /// # Errors
    ///
    /// What the text should be, if it is none: it has to end with the name of a field, and to lead to one that a
    /// call can be without.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if NEEDED.contains(&text) {
            return Err("the name of a field that a call can be without");
        }
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, mut items) = part.split_at(part.find('[').unwrap_or(part.len()));
            if name.is_empty() || name.contains(']') {
                return Err("the name of a field, such as `top_k` or `tools[*].strict`");
            }
            steps.push(Step::Field(name.into()));
            while !items.is_empty() {
                let inside = items
                    .strip_prefix('[')
                    .and_then(|rest| rest.split_once(']'));
                let (item, rest) = inside.ok_or("a path with `[*]` or an index such as `[0]`")?;
                steps.push(match item {
                    "*" => Step::Items,
                    index => index
                        .parse()
                        .map(Step::Item)
                        .map_err(|_| "a path with `[*]` or an index such as `[0]`")?,
                });
                items = rest;
            }
        }
        if !matches!(steps.last(), Some(Step::Field(_))) {
            return Err(
                "a path that ends with the name of a field, as items of lists cannot be left out",
            );
        }
        if steps.len() > MAX_STEPS {
            return Err("a path of at most 20 steps");
        }
        Ok(Self {
            text: text.into(),
            steps: steps.into(),
        })
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The steps, of which the first and the last are fields.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FieldPath").field(&self.text).finish()
    }
}
