//! What a configuration comes to, one sentence for each test.

use std::path::{Path, PathBuf};

use super::{Loaded, Plan, Reason, load, percent};

/// A configuration that is removed when it is dropped.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new(text: &str) -> Self {
        let name = format!("steeplechase-plan-{}.yaml", fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn plan(text: &str) -> Plan {
    let file = File::new(text);
    let Loaded { plan, .. } = load(file.path(), &|_| None).unwrap();
    plan
}

/// Models of these names, each with one deployment.
fn models(names: &[&str], router: &str) -> Plan {
    let entry = |name: &&str| {
        format!("  - {{model_name: {name}, litellm_params: {{model: openai/{name}}}}}\n")
    };
    let entries: String = names.iter().map(entry).collect();
    plan(&format!(
        "model_list:\n{entries}router_settings: {{{router}}}\n"
    ))
}

#[test]
fn a_chain_goes_to_the_targets_of_the_one_that_failed_before_those_that_were_left() {
    let plan = models(
        &["a", "b", "c", "d"],
        "fallbacks: [{a: [b, c]}, {b: [d, a]}]",
    );
    assert_eq!(plan.chain("a", Reason::Failure), ["b", "d", "c"]);
    assert_eq!(plan.chain("b", Reason::Failure), ["d", "a", "c"]);
    assert!(plan.chain("c", Reason::Failure).is_empty());
}

#[test]
fn a_kind_of_failure_with_lists_of_its_own_goes_by_these_alone() {
    let plan = models(
        &["a", "b", "c"],
        "fallbacks: [{a: [b]}], context_window_fallbacks: [{c: [b]}]",
    );
    assert!(plan.chain("a", Reason::ContextWindow).is_empty());
    assert_eq!(plan.chain("c", Reason::ContextWindow), ["b"]);
    assert_eq!(plan.chain("a", Reason::ContentPolicy), ["b"]);

    let plan = models(&["a", "b", "c"], "context_window_fallbacks: [{\"*\": [b]}]");
    assert_eq!(plan.chain("a", Reason::ContextWindow), ["b"]);
}

#[test]
fn the_default_is_for_models_without_a_list_and_the_star_goes_before_it() {
    let text = "fallbacks: [{a: []}], default_fallbacks: [c]";
    let plan = models(&["a", "b", "c"], text);
    assert!(plan.chain("a", Reason::Failure).is_empty());
    assert_eq!(plan.chain("b", Reason::Failure), ["c"]);
    let text = "fallbacks: [{\"*\": [b]}], default_fallbacks: [c]";
    let plan = models(&["a", "b", "c"], text);
    assert_eq!(plan.chain("a", Reason::Failure), ["b"]);
}

#[test]
fn the_same_model_with_other_fields_is_another_to_ask() {
    let text = "fallbacks: [{a: [{model: a, temperature: 0}, a, b]}]";
    let plan = models(&["a", "b"], text);
    assert_eq!(plan.chain("a", Reason::Failure), ["a", "b"]);
}

#[test]
fn a_part_has_a_digit_behind_the_point_if_it_says_something() {
    assert_eq!(percent(0.5), "50 %");
    assert_eq!(percent(1.0 / 3.0), "33.3 %");
}
