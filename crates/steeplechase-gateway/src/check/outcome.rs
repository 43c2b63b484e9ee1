use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{lints, picture};
use crate::cli::Check;
use crate::config::Diagnostic;
use crate::plan::{Loaded, load};

/// What the command says, and its exit code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    /// What it prints.
    pub text: String,
    /// 0 if all is well, 1 for warnings that are to be none, 2 for errors.
    pub code: u8,
}

/// Checks a configuration. `env` looks up variables of the environment.
pub fn check(options: &Check, env: &dyn Fn(&str) -> Option<String>) -> Outcome {
    let Loaded {
        plan, mut warnings, ..
    } = match load(&options.config, env) {
        Ok(loaded) => loaded,
        Err(errors) => return refusal(options, &errors),
    };
    warnings.extend(lints::all(&plan));
    let text = if options.json {
        let warnings: Vec<_> = warnings.iter().map(facts).collect();
        let report = json!({
            "errors": [],
            "warnings": warnings,
            "models": picture::facts(&plan),
        });
        format!("{report:#}\n")
    } else {
        let mut text = picture::draw(&plan);
        list(&mut text, "warning", &warnings);
        let found = match warnings.len() {
            0 => "no warnings".to_owned(),
            1 => "1 warning".to_owned(),
            many => format!("{many} warnings"),
        };
        let file = options.config.display();
        _ = writeln!(text, "{file} can be served: {found}");
        text
    };
    let code = u8::from(options.strict && !warnings.is_empty());
    Outcome { text, code }
}

fn refusal(options: &Check, errors: &[Diagnostic]) -> Outcome {
    let text = if options.json {
        let errors: Vec<_> = errors.iter().map(facts).collect();
        let report = json!({"errors": errors, "warnings": [], "models": []});
        format!("{report:#}\n")
    } else {
        let mut text = String::new();
        list(&mut text, "error", errors);
        text
    };
    Outcome { text, code: 2 }
}

fn list(text: &mut String, kind: &str, diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        _ = writeln!(text, "{kind}: {diagnostic}");
    }
}

fn facts(diagnostic: &Diagnostic) -> Value {
    json!({
        "file": diagnostic.source,
        "line": diagnostic.line,
        "key": diagnostic.key_path,
        "message": diagnostic.message,
        "fix": diagnostic.fix,
    })
}
