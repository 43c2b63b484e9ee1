//! What the layers do for the slowest calls, and what it costs, in worlds like those that calls meet.
//!
//! ```text
//! A  weather    three providers with a heavy tail, stalls, errors and brownouts; the same always; a still day
//! B  crowd      four replicas with sixteen slots each, and more calls than they can take, for a minute
//! C  outage     three deployments, of which one is dead
//! D  uneven     six replicas, one slow and one busy with others' calls, and ten gateways that do not know
//!               of each other
//!
//! calls at random times ──► the whole preset ──► a world, that speaks HTTP and the events of a stream
//! ```
//!
//! All is real but the world and the clock, which is moved on by hand: hours take seconds, and the figures do not
//! depend on the machine. All chances are drawn from seeds, and a call meets the same luck whatever the
//! settings.
//!
//! `cargo xtask bench tail` prints a table for each world, and at the end what is asked for and whether it is met. It
//! measures and never fails. `--quick` is a twentieth of it. The picture is written to `target/tail.svg`; with
//! `--docs` to `docs/images` as well.

#![allow(
    clippy::print_stdout,
    reason = "this is where a benchmark says what it has found"
)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a world has tasks of its own, and a benchmark the clock of the wall"
)]

mod crowd;
mod drive;
mod figures;
mod outage;
mod plot;
mod settings;
mod table;
mod targets;
mod uneven;
mod upstream;
mod weather;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// How much is simulated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// The calls of a row of the tables of world A.
    pub(crate) weather: usize,
    /// The gateways of world C.
    pub(crate) processes: u64,
    /// The calls of a row of world D.
    pub(crate) uneven: usize,
    /// How many times world B is looked at.
    pub(crate) crowds: u64,
}

const WHOLE: Size = Size {
    weather: 1_000_000,
    processes: 20,
    uneven: 100_000,
    crowds: 3,
};

const QUICK: Size = Size {
    weather: 20_000,
    processes: 4,
    uneven: 10_000,
    crowds: 1,
};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // As for the other benchmarks, a word that is no option is a part of the names of those that are meant.
    let mut filters = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'));
    if filters.any(|filter| !"tail".contains(filter.as_str())) {
        return Ok(());
    }
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    // Outside of the simulations it is the clock on the wall.
    let started = tokio::time::Instant::now();
    let size = if has("--quick") { QUICK } else { WHOLE };

    let weather = weather::run(size);
    let crowd = crowd::run(size);
    let outage = outage::run(size);
    let uneven = uneven::run(size);
    targets::judge(&weather, &crowd, &outage, &uneven);

    let svg = plot::svg(&weather.usual);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    save(&target.join("tail.svg"), &svg)?;
    if has("--docs") {
        save(&root.join("docs/images/tail.svg"), &svg)?;
    }
    println!("{:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn save(path: &Path, svg: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, svg)?;
    println!("the picture is in {}", path.canonicalize()?.display());
    Ok(())
}
