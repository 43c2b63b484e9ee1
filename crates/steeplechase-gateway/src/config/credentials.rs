//! `credential_list`: what deployments are called with, written once and named by them.

use std::cell::Cell;

use super::diagnostic::At;
use super::known;
use super::node::Cursor;

/// The credentials of a configuration, in the order of the file.
#[derive(Default)]
pub(super) struct Credentials<'a>(Vec<Credential<'a>>);

struct Credential<'a> {
    name: String,
    at: At,
    /// What is laid under the settings of who names it. Nothing may be.
    values: Option<Cursor<'a>>,
    is_named: Cell<bool>,
}

const EXAMPLE: &str = "credential_list: [{credential_name: team-a, credential_values: \
                       {api_key: os.environ/TEAM_A_KEY}}]";

impl<'a> Credentials<'a> {
    /// Reads the section. What the values are is read where they are used.
    pub(super) fn read(section: &Cursor<'a>) -> Self {
        let mut all: Vec<Credential<'a>> = Vec::new();
        for item in section.items(EXAMPLE) {
            if !item.is_map() {
                // What is found may be a secret.
                item.error(
                    "expected a map",
                    "write for example `- credential_name: team-a`",
                );
                continue;
            }
            let mut name = None;
            let mut values = None;
            for field in item.fields() {
                match field.key() {
                    "credential_name" => name = field.text("team-a"),
                    "credential_values" if field.is_map() => values = Some(field),
                    // What is found may be a secret.
                    "credential_values" if !field.is_null() => field.error(
                        "expected a map",
                        "write `key: value` lines, indented below it",
                    ),
                    // What people are told about it.
                    "credential_values" | "credential_info" => {}
                    _ => field.warn("unknown key, ignored", ""),
                }
            }
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                let at = item.at().missing("credential_name");
                let fix = "write for example `credential_name: team-a`";
                section
                    .report()
                    .error(&at, "a credential needs a name", fix);
                continue;
            };
            // As in LiteLLM, the first of a name counts.
            if all.iter().any(|known| known.name == name) {
                let message = format!("there is another credential `{name}` before, which counts");
                item.warn(message, "give it another name");
                continue;
            }
            all.push(Credential {
                name,
                at: item.at().clone(),
                values,
                is_named: Cell::new(false),
            });
        }
        Self(all)
    }

    /// The values of the credential that a deployment names. A name that is none is an error.
    pub(super) fn named(&self, field: &Cursor<'_>) -> Option<Cursor<'a>> {
        let name = field.text("team-a").filter(|name| !name.is_empty())?;
        let Some(found) = self.0.iter().find(|known| known.name == name) else {
            let names = self.0.iter().map(|known| &*known.name);
            let fix = match known::nearest(&name, names) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "add it to `credential_list`".to_owned(),
            };
            field.error("there is no such credential in `credential_list`", fix);
            return None;
        };
        found.is_named.set(true);
        found.values.clone()
    }

    /// Notes the credentials that nobody has named.
    pub(super) fn report_unused(&self, root: &Cursor<'_>) {
        for unused in self.0.iter().filter(|known| !known.is_named.get()) {
            let message = format!("no deployment names the credential `{}`", unused.name);
            let fix = format!(
                "write `litellm_credential_name: {}` where it is meant",
                unused.name
            );
            root.report().warn(&unused.at, message, fix);
        }
    }
}
