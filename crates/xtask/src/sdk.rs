//! The gateway, end to end, with the SDKs that people use.
//!
//! ```text
//! tests/sdk/python ─ pytest ─┐                             ┌─► sim_server: simulated providers
//!                            ├─ official SDK ─► steeplechase ┘
//! tests/sdk/node ─ node:test ┘
//! ```
//!
//! What they need is installed under `target/`, once for each state of its lock file.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, While};
use crate::workspace::{Program, Workspace};

/// Runs the tests in `tests/sdk/python` in an environment of their own.
pub(crate) fn python(workspace: &Workspace) -> Result<(), Failure> {
    let tests = workspace.root.join("tests/sdk/python");
    let home = workspace.target.join("sdk-python");
    let python = home.join("bin/python");
    let requirements = tests.join("requirements.txt");

    let stamp = home.join("installed.txt");
    if !same(&requirements, &stamp) || !python.exists() {
        remove(&home)?;
        workspace
            .program("python3")
            .args(["-m", "venv"])
            .args([&home])
            .perform()?;
        workspace
            .program(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", "--requirement"])
            .args([&requirements])
            .perform()?;
        fs::copy(&requirements, &stamp).while_(stamp.display())?;
    }
    let pytest = workspace
        .program(&python)
        .args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"])
        .args([&tests])
        // The tests stay as they are in the repository.
        .env("PYTHONDONTWRITEBYTECODE", "1");
    with_binaries(pytest, workspace)?.perform()
}

/// Runs the tests in `tests/sdk/node`, in a copy beside the modules that they need.
pub(crate) fn node(workspace: &Workspace) -> Result<(), Failure> {
    let tests = workspace.root.join("tests/sdk/node");
    let home = workspace.target.join("sdk-node");
    fs::create_dir_all(&home).while_(home.display())?;

    let mut names = Vec::new();
    for entry in fs::read_dir(&tests).while_(tests.display())? {
        let entry = entry.while_(tests.display())?;
        if entry.file_type().while_(tests.display())?.is_file() {
            let copy = home.join(entry.file_name());
            fs::copy(entry.path(), &copy).while_(copy.display())?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    let stamp = home.join("installed.json");
    if !same(&tests.join("package-lock.json"), &stamp) {
        workspace
            .program("npm")
            .within(&home)
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .perform()?;
        fs::copy(tests.join("package-lock.json"), &stamp).while_(stamp.display())?;
    }
    names.retain(|name| name.ends_with(".test.mjs"));
    names.sort();
    let node = workspace
        .program("node")
        .within(&home)
        .args(["--test", "--test-reporter=spec"])
        .args(names);
    with_binaries(node, workspace)?.perform()
}

/// Tells the tests what to test.
fn with_binaries(program: Program, workspace: &Workspace) -> Result<Program, Failure> {
    Ok(program
        .env("STEEPLECHASE_BIN", workspace.binary("steeplechase")?)
        .env("SIM_SERVER_BIN", workspace.binary("sim_server")?))
}

/// Whether both files are there, with the same content.
fn same(one: &Path, other: &Path) -> bool {
    match (fs::read(one), fs::read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn remove(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).while_(folder.display())?;
    }
    Ok(())
}
