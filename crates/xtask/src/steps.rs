//! All steps of `cargo xtask test`, in their order.
//!
//! ```text
//! setup ─► fmt ─► clippy ─► test ─► docs ─► features ─► build ─► examples ─► benches ─► sdk-python ─► sdk-node
//! ```
//!
//! The cargo commands are for the whole workspace with all features, and those that build have
//! examples or benches among their targets, so that the features of dev-dependencies are on.
//! Otherwise the features of the dependencies would differ, and they would be built once more.

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{examples, features, sdk};

/// One thing that has to hold.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Whether `--fast` leaves it out.
    pub(crate) slow: bool,
    /// Steps that have to come before.
    needs: &'static [&'static str],
    pub(crate) action: Action,
}

/// Most need to know no more than where the workspace is.
#[derive(Debug)]
pub(crate) enum Action {
    /// Checks what the steps of this run need.
    SetUp,
    Do(fn(&Workspace) -> Result<(), Failure>),
}

/// All steps.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "setup",
        about: "the tools that the other steps use; as root, installs what is missing",
        slow: false,
        needs: &[],
        action: Action::SetUp,
    },
    Step {
        name: "fmt",
        about: "the code is formatted",
        slow: false,
        needs: &[],
        action: Action::Do(|at| at.cargo(["fmt", "--all", "--check"]).perform()),
    },
    Step {
        name: "clippy",
        about: "no warnings, not in tests, examples or benches either",
        slow: false,
        needs: &[],
        action: Action::Do(|at| {
            at.cargo(["clippy", "--workspace", "--all-features", "--all-targets"])
                .args(["--", "-D", "warnings"])
                .perform()
        }),
    },
    Step {
        name: "test",
        about: "all tests, the examples in the documentation included",
        slow: false,
        needs: &[],
        action: Action::Do(|at| {
            at.cargo(["test", "--workspace", "--all-features", "--no-fail-fast"])
                .args(["--", "--quiet"])
                .perform()
        }),
    },
    Step {
        name: "docs",
        about: "the documentation builds without warnings",
        slow: true,
        needs: &[],
        action: Action::Do(|at| {
            at.cargo(["doc", "--workspace", "--all-features", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings")
                .perform()
        }),
    },
    Step {
        name: "features",
        about: "each feature of steeplechase-layers compiles alone",
        slow: true,
        needs: &[],
        action: Action::Do(features::each_alone),
    },
    Step {
        name: "build",
        about: "the gateway, the simulated providers for the next steps, and the examples",
        slow: false,
        needs: &[],
        action: Action::Do(|at| {
            at.cargo(["build", "--workspace", "--all-features"])
                .args(["--bins", "--examples"])
                .perform()
        }),
    },
    Step {
        name: "examples",
        about: "each example runs, without a key and without a network",
        slow: false,
        needs: &["build"],
        action: Action::Do(examples::each),
    },
    Step {
        name: "benches",
        about: "the benchmarks compile",
        slow: false,
        needs: &[],
        action: Action::Do(|at| {
            // Unlike `--benches`, not the unit tests.
            at.cargo(["build", "--workspace", "--all-features"])
                .args(["--bench", "*"])
                .perform()
        }),
    },
    Step {
        name: "sdk-python",
        about: "the gateway as OpenAI's and Anthropic's SDKs for Python see it",
        slow: true,
        needs: &["build"],
        action: Action::Do(sdk::python),
    },
    Step {
        name: "sdk-node",
        about: "the gateway as OpenAI's SDK for Node sees it",
        slow: true,
        needs: &["build"],
        action: Action::Do(sdk::node),
    },
];

/// The steps with these names, or all of them if there are none, and what they need.
pub(crate) fn choose(names: &[&str], fast: bool) -> Result<Vec<&'static Step>, Failure> {
    let known: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        let known = known.join(", ");
        let message = format!("there is no step {name:?}, only {known}");
        return Err(Failure::new(message));
    }
    let chosen = |step: &&Step| {
        let asked = names.is_empty() || names.contains(&step.name);
        asked && !(fast && step.slow)
    };
    let needed: Vec<_> = STEPS.iter().filter(chosen).flat_map(|s| s.needs).collect();
    let all = STEPS
        .iter()
        .filter(|step| chosen(step) || step.name == "setup" || needed.contains(&&step.name));
    Ok(all.collect())
}
