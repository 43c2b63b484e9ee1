//! What is asked for on the command line.

use std::fmt::Write;

use crate::failure::Failure;
use crate::fuzz::{self, Fuzz};
use crate::steps::{self, STEPS, Step};

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    Help,
    Test(Vec<&'static Step>),
    Bench(Bench),
    Fuzz(Fuzz),
}

/// Which benchmarks are to run.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Bench {
    /// The name of one of [`BENCHES`], or `*` for all of them.
    pub(crate) target: &'static str,
    /// What is passed on to it.
    pub(crate) arguments: Vec<String>,
}

/// The benchmarks that can be run alone, and what they are for.
pub(crate) const BENCHES: [(&str, &str); 5] = [
    (
        "gateway",
        "the program over sockets, beside the provider alone",
    ),
    ("hedge", "a hedge in three weathers"),
    ("pick", "how long it takes to pick a deployment"),
    (
        "stack",
        "what the layers cost, in nanoseconds and allocations",
    ),
    (
        "tail",
        "the slowest calls in four worlds, and a picture; --quick, --docs",
    ),
];

/// Reads the arguments, without the name of the program.
pub(crate) fn read(arguments: &[String]) -> Result<Task, Failure> {
    let Some((task, arguments)) = arguments.split_first() else {
        return Ok(Task::Help);
    };
    let help = |argument: &String| matches!(argument.as_str(), "-h" | "--help" | "help");
    match task.as_str() {
        "test" | "bench" if arguments.iter().any(help) => Ok(Task::Help),
        "test" => test(arguments).map(Task::Test),
        "bench" => Ok(Task::Bench(bench(arguments))),
        "fuzz" => fuzz::read(arguments).map(Task::Fuzz),
        _ if help(task) => Ok(Task::Help),
        _ => Err(Failure::new(format!(
            "there is no task {task:?}, only `test`, `bench` and `fuzz`; see `cargo xtask --help`"
        ))),
    }
}

fn bench(arguments: &[String]) -> Bench {
    let named = arguments.first().and_then(|name| {
        let mut benches = BENCHES.iter();
        benches.find_map(|(target, _)| (target == name).then_some(*target))
    });
    let rest = &arguments[usize::from(named.is_some())..];
    Bench {
        target: named.unwrap_or("*"),
        arguments: rest.to_vec(),
    }
}

fn test(arguments: &[String]) -> Result<Vec<&'static Step>, Failure> {
    let (options, names): (Vec<_>, Vec<_>) = arguments.iter().partition(|a| a.starts_with('-'));
    if let Some(option) = options.iter().find(|option| **option != "--fast") {
        let message = format!("there is no option {option}, only --fast");
        return Err(Failure::new(message));
    }
    let names: Vec<_> = names.into_iter().map(String::as_str).collect();
    steps::choose(&names, !options.is_empty())
}

/// All about the tasks.
pub(crate) fn help() -> String {
    let mut help = "\
The tasks of a developer.

  cargo xtask test             runs all steps, in order, up to the first that fails
  cargo xtask test --fast      leaves out those marked with *
  cargo xtask test STEP...     runs only these, and what they need
  cargo xtask bench [FILTER]   runs the benchmarks whose names contain FILTER;
                               options such as --sample-count are passed on
  cargo xtask bench BENCH [FILTER]
                               runs one of the programs below, and no other
  cargo xtask fuzz [TARGET...] [--seconds N]
                               feeds the targets, or all of them, with bytes that nobody would
                               send, each for N seconds (60)

Steps:

"
    .to_owned();
    for step in STEPS {
        let mark = if step.slow { '*' } else { ' ' };
        // Writing to a String cannot fail.
        let _ = writeln!(help, "  {:<11}{mark} {}", step.name, step.about);
    }
    help.push_str("\nBenchmarks:\n\n");
    for (name, about) in BENCHES {
        let _ = writeln!(help, "  {name:<13}{about}");
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Result<Vec<&'static str>, String> {
        let arguments: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        match read(&arguments) {
            Ok(Task::Test(steps)) => Ok(steps.iter().map(|step| step.name).collect()),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => Err(failure.to_string()),
        }
    }

    #[test]
    fn without_names_it_is_all_steps_in_order() {
        let all: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        assert_eq!(names("test").unwrap(), all);
    }

    #[test]
    fn fast_leaves_out_what_is_slow() {
        let fast = names("test --fast").unwrap();
        assert!(fast.contains(&"test"));
        assert!(!fast.contains(&"docs"));
        assert!(!fast.contains(&"sdk-node"));
    }

    #[test]
    fn chosen_steps_bring_what_they_need_and_keep_their_order() {
        let steps = names("test sdk-python fmt").unwrap();
        assert_eq!(steps, ["setup", "fmt", "build", "sdk-python"]);
    }

    #[test]
    fn what_is_not_known_is_named() {
        let failure = names("test fmd").unwrap_err();
        assert!(failure.starts_with("there is no step \"fmd\", only setup, fmt"));
        assert!(names("test --quick").unwrap_err().contains("--quick"));
        assert!(read(&["tset".to_owned()]).is_err());
    }

    #[test]
    fn a_benchmark_that_is_named_runs_alone() {
        for (line, target, arguments) in [
            ("bench", "*", vec![]),
            (
                "bench relay --sample-count 9",
                "*",
                vec!["relay", "--sample-count", "9"],
            ),
            ("bench tail", "tail", vec![]),
            ("bench stack relay", "stack", vec!["relay"]),
        ] {
            let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            let Ok(Task::Bench(bench)) = read(&words) else {
                panic!("it is a benchmark");
            };
            assert_eq!(
                (bench.target, bench.arguments),
                (target, arguments.into_iter().map(str::to_owned).collect())
            );
        }
    }

    #[test]
    fn all_benchmarks_are_known() {
        let manifest = include_str!("../../../tests/Cargo.toml");
        let known = BENCHES.map(|(name, _)| format!("[[bench]]\nname = \"{name}\""));
        assert!(known.iter().all(|bench| manifest.contains(bench)));
        assert_eq!(manifest.matches("[[bench]]").count(), BENCHES.len());
        assert!(BENCHES.iter().all(|(_, about)| help().contains(about)));
    }

    #[test]
    fn help_names_every_step() {
        for step in STEPS {
            assert!(help().contains(step.about));
        }
    }
}
