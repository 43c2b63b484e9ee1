//! What has to be on the machine, beside Rust.
//!
//! ```text
//! needed and missing ─► root, with apt-get?  ─ yes ─► install ─► still missing? ─► failure
//!                                            └ no ──────────────────────────────► failure
//! ```

use crate::failure::Failure;
use crate::steps::Step;
use crate::workspace::{Program, Workspace};

/// The oldest Node that the SDK works on.
const NODE: u32 = 18;

/// Something that has to be there.
#[derive(Debug)]
struct Tool {
    name: &'static str,
    /// The steps that need it. If empty, any step does.
    steps: &'static [&'static str],
    present: fn(&Workspace) -> bool,
    packages: &'static [&'static str],
    advice: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "a C compiler",
        steps: &[],
        present: |_| answers("cc", &["--version"]),
        packages: &["gcc", "libc6-dev"],
        advice: "apt-get install gcc libc6-dev",
    },
    Tool {
        name: "rustfmt",
        steps: &["fmt"],
        present: |at| at.cargo(["fmt", "--version"]).output().is_ok(),
        packages: &[],
        advice: "rustup component add rustfmt",
    },
    Tool {
        name: "clippy",
        steps: &["clippy"],
        present: |at| at.cargo(["clippy", "--version"]).output().is_ok(),
        packages: &[],
        advice: "rustup component add clippy",
    },
    Tool {
        name: "Python 3 with venv",
        steps: &["sdk-python"],
        present: |_| answers("python3", &["-c", "import ensurepip, venv"]),
        packages: &["python3", "python3-venv"],
        advice: "apt-get install python3-venv",
    },
    Tool {
        name: "Node 18 or newer",
        steps: &["sdk-node"],
        present: |_| node().is_some_and(|version| version >= NODE),
        packages: &["nodejs"],
        advice: "apt-get install nodejs, or a newer one from nodejs.org",
    },
    Tool {
        name: "npm",
        steps: &["sdk-node"],
        present: |_| answers("npm", &["--version"]),
        packages: &["npm"],
        advice: "apt-get install npm",
    },
];

/// Checks that there is all that these steps need. As root it installs what is not.
pub(crate) fn check(workspace: &Workspace, steps: &[&Step]) -> Result<(), Failure> {
    let missing = missing(workspace, steps);
    let packages: Vec<_> = missing.iter().flat_map(|tool| tool.packages).collect();
    if !packages.is_empty() && is_root() && answers("apt-get", &["--version"]) {
        let apt = || Program::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
        apt().args(["update", "-qq"]).perform()?;
        apt()
            .args(["install", "-qq", "--yes", "--no-install-recommends"])
            .args(packages)
            .perform()?;
    }
    let missing = self::missing(workspace, steps);
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing
        .iter()
        .map(|tool| format!("{} ({})", tool.name, tool.advice));
    let missing: Vec<_> = missing.collect();
    Err(Failure::new(format!("missing: {}", missing.join("; "))))
}

fn missing(workspace: &Workspace, steps: &[&Step]) -> Vec<&'static Tool> {
    TOOLS
        .iter()
        .filter(|tool| {
            let needed = steps.iter().any(|step| tool.steps.contains(&step.name));
            (tool.steps.is_empty() || needed) && !(tool.present)(workspace)
        })
        .collect()
}

fn answers(program: &str, arguments: &[&str]) -> bool {
    Program::new(program).args(arguments).output().is_ok()
}

fn is_root() -> bool {
    let id = Program::new("id").args(["-u"]).output();
    id.is_ok_and(|id| id.trim() == "0")
}

fn node() -> Option<u32> {
    major(&Program::new("node").args(["--version"]).output().ok()?)
}

/// The first number of a version such as `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    let (major, _) = version.trim().strip_prefix('v')?.split_once('.')?;
    major.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::STEPS;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major("v20.11.1\n"), Some(20));
        assert_eq!(major("20.11.1"), None);
        assert_eq!(major(""), None);
    }

    #[test]
    fn tools_are_for_steps_that_exist() {
        for name in TOOLS.iter().flat_map(|tool| tool.steps) {
            assert!(STEPS.iter().any(|step| step.name == *name), "{name}");
        }
    }
}
