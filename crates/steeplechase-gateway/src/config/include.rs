//! `include`: one configuration out of several files.
//!
//! ```text
//! config.yaml                        models.yaml
//!   include: [models.yaml]    ◄───     model_list: [...]        lists are appended
//!   model_list: [...]                  router_settings: {...}   anything else replaces
//! ```

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::diagnostic::{At, Place, Report};
use super::environment::Environment;
use super::node::{Context, Cursor};
use super::yaml::{self, Entry, Node, Value};

/// How deep files may include each other.
const MAX_DEPTH: usize = 10;
/// How many files one configuration may be made of.
const MAX_FILES: usize = 100;

/// How files are read. The error is a text for the operator.
pub(super) type ReadFile<'a> = &'a dyn Fn(&Path) -> Result<String, String>;

/// Puts a configuration together from its files.
pub(super) struct Assembler<'a> {
    read: ReadFile<'a>,
    report: &'a Report,
    environment: &'a Environment<'a>,
    /// The files that are being read, each included by the one before.
    open: Vec<PathBuf>,
    files: usize,
}

impl<'a> Assembler<'a> {
    pub(super) fn new(
        read: ReadFile<'a>,
        report: &'a Report,
        environment: &'a Environment<'a>,
    ) -> Self {
        Self {
            read,
            report,
            environment,
            open: Vec::new(),
            files: 0,
        }
    }

    /// The tree of `text`, which is the contents of the file at `path`, and of what it includes.
    pub(super) fn assemble(&mut self, text: &str, path: &Path) -> Option<Node> {
        let source: Arc<str> = path.display().to_string().into();
        let mut root = yaml::load(text, &source, self.report)?;
        self.files += 1;
        self.open.push(normal(path));
        self.follow(&mut root, path);
        self.open.pop();
        Some(root)
    }

    fn follow(&mut self, root: &mut Node, path: &Path) {
        let Value::Map(entries) = &mut root.value else {
            return;
        };
        let Some(index) = entries.iter().position(|entry| entry.key == "include") else {
            return;
        };
        let include = Node {
            place: root.place.clone(),
            value: Value::Map(vec![entries.remove(index)]),
        };
        let context = Context {
            credentials: None,
            report: self.report,
            environment: self.environment,
        };
        let Some(list) = Cursor::root(&include, context).field("include") else {
            return;
        };
        for item in list.items("include: [models.yaml]") {
            let Some(name) = item.name("models.yaml") else {
                continue;
            };
            let target = path.parent().unwrap_or(Path::new("")).join(&name);
            if let Some(included) = self.include(item.at(), &target) {
                self.merge(entries, included);
            }
        }
    }

    fn include(&mut self, at: &At, path: &Path) -> Option<Node> {
        let refuse = |message: String, fix: &str| {
            self.report.error(at, message, fix);
            None
        };
        if self.open.contains(&normal(path)) {
            let message = format!("`{}` includes itself by this", path.display());
            return refuse(message, "remove this item");
        }
        if self.open.len() >= MAX_DEPTH || self.files >= MAX_FILES {
            return refuse(
                format!(
                    "a configuration can have at most {MAX_FILES} files, \
                     including each other at most {MAX_DEPTH} deep"
                ),
                "merge some of them",
            );
        }
        match (self.read)(path) {
            Ok(text) => self.assemble(&text, path),
            Err(why) => refuse(
                format!("cannot read `{}`: {why}", path.display()),
                "paths are relative to the file they are written in",
            ),
        }
    }

    /// As in LiteLLM: a list is appended to the list that is there, and anything else replaces it.
    fn merge(&self, entries: &mut Vec<Entry>, included: Node) {
        let more = match included.value {
            Value::Map(more) => more,
            Value::Null => return,
            _ => {
                let at = At {
                    place: included.place,
                    path: String::new(),
                };
                let fix = "write `key: value` lines, as in the main file";
                self.report.error(&at, "expected a map", fix);
                return;
            }
        };
        for entry in more {
            let present = entries.iter_mut().find(|present| present.key == entry.key);
            match present {
                None => entries.push(entry),
                Some(present) => match (&mut present.node.value, entry.node.value) {
                    (Value::List(items), Value::List(more)) => items.extend(more),
                    (_, value) => {
                        self.replaced(&entry.key, &entry.place, &present.place);
                        *present = Entry {
                            key: entry.key,
                            place: entry.place,
                            node: Node {
                                place: entry.node.place,
                                value,
                            },
                        };
                    }
                },
            }
        }
    }

    fn replaced(&self, key: &str, by: &Place, what: &Place) {
        let at = At {
            place: by.clone(),
            path: key.to_owned(),
        };
        let message = format!(
            "this replaces the whole `{key}` of {}:{}, as in LiteLLM",
            what.source, what.line
        );
        let fix = format!("write `{key}` in one file only");
        self.report.warn(&at, message, fix);
    }
}

/// `path` without the detours that can be seen in its text.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
