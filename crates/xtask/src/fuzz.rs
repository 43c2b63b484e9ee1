//! `cargo xtask fuzz`: bytes that nobody would send, for everything that reads bytes.
//!
//! ```text
//! golden cases ─► seeds ─► target/fuzz/corpus/TARGET ─► cargo fuzz run TARGET ─► fuzz/artifacts/TARGET
//! ```

use crate::failure::Failure;
use crate::workspace::{Program, Workspace};

/// What is to be fuzzed, and for how long.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Fuzz {
    /// The targets. All, if there are none.
    pub(crate) targets: Vec<String>,
    pub(crate) seconds: Option<u32>,
}

/// How long each target runs, if nobody says otherwise.
const SECONDS: u32 = 60;

/// Reads the arguments.
pub(crate) fn read(arguments: &[String]) -> Result<Fuzz, Failure> {
    let mut fuzz = Fuzz::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            let seconds = arguments.next().and_then(|seconds| seconds.parse().ok());
            let wrong = || Failure::new("--seconds needs a number of seconds, such as 600");
            fuzz.seconds = Some(seconds.ok_or_else(wrong)?);
        } else if argument.starts_with('-') {
            let message = format!("there is no option {argument}, only --seconds");
            return Err(Failure::new(message));
        } else {
            fuzz.targets.push(argument.clone());
        }
    }
    Ok(fuzz)
}

/// Runs the targets one after the other, up to the first that finds something.
pub(crate) fn run(at: &Workspace, fuzz: &Fuzz) -> Result<(), Failure> {
    if at.cargo(["fuzz", "--version"]).output().is_err() {
        at.cargo(["install", "cargo-fuzz", "--locked"]).perform()?;
    }
    let known = at.cargo(["fuzz", "list", "--fuzz-dir", "fuzz"]).output()?;
    let known: Vec<_> = known.lines().filter(|name| *name != "seeds").collect();
    if let Some(unknown) = fuzz.targets.iter().find(|name| !known.contains(&&***name)) {
        let message = format!("there is no target {unknown}, only {}", known.join(", "));
        return Err(Failure::new(message));
    }
    let chosen = |name: &&&str| fuzz.targets.is_empty() || fuzz.targets.iter().any(|t| t == **name);
    let chosen: Vec<_> = known.iter().filter(chosen).collect();
    seed(at)?;
    let seconds = fuzz.seconds.unwrap_or(SECONDS);
    for (number, target) in chosen.iter().enumerate() {
        println!(
            "\n=== {}/{} {target}, {seconds} s",
            number + 1,
            chosen.len()
        );
        let corpus = at.target.join("fuzz/corpus").join(target);
        std::fs::create_dir_all(&corpus).map_err(|error| Failure::new(error.to_string()))?;
        // Without a sanitizer: all of it is safe Rust, and stable compilers can do that.
        apart(
            at,
            at.cargo(["fuzz", "run", "--fuzz-dir", "fuzz", "-s", "none"]),
        )
        .args([**target])
        .args([corpus])
        .args([
            "--",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
        ])
        .args([format!("-max_total_time={seconds}")])
        .perform()?;
    }
    Ok(())
}

/// Makes the golden cases what the targets start from.
fn seed(at: &Workspace) -> Result<(), Failure> {
    let manifest = ["run", "--quiet", "--manifest-path", "fuzz/Cargo.toml"];
    apart(at, at.cargo(manifest).args(["--bin", "seeds", "--"]))
        .args([at.root.join("crates/steeplechase-dialects/tests/golden")])
        .args([at.target.join("fuzz/corpus")])
        .perform()
}

/// What has instruments in it is kept apart from what has none.
fn apart(at: &Workspace, program: Program) -> Program {
    program.env("CARGO_TARGET_DIR", at.target.join("fuzz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Fuzz, Failure> {
        let arguments: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        read(&arguments)
    }

    #[test]
    fn targets_and_seconds_are_read_in_any_order() {
        let fuzz = of("sse --seconds 600 gemini").unwrap();
        assert_eq!(fuzz.targets, ["sse", "gemini"]);
        assert_eq!(fuzz.seconds, Some(600));
        assert_eq!(of("").unwrap(), Fuzz::default());
    }

    #[test]
    fn what_is_not_known_is_named() {
        assert!(
            of("--minutes 1")
                .unwrap_err()
                .to_string()
                .contains("--minutes")
        );
        assert!(
            of("--seconds soon")
                .unwrap_err()
                .to_string()
                .contains("--seconds")
        );
    }
}
