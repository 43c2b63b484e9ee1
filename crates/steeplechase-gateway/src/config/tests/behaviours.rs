//! Each test that the page of behaviours names is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../../../../docs/behaviours.md");

/// The files that tests are in, by their paths from the root of the repository.
fn sources() -> BTreeMap<String, PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.join("crates"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder);
        let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                let is_built = ["target", "node_modules"].contains(&&*name);
                if !is_built && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if [".rs", ".py", ".jsonl"]
                .iter()
                .any(|end| name.ends_with(end))
            {
                let shown = path.strip_prefix(&root).unwrap().display().to_string();
                found.insert(shown.replace('\\', "/"), path);
            }
        }
    }
    found
}

/// What stands before the name of a test, and after it.
fn marks(file: &str) -> (&'static str, &'static str) {
    match file.rsplit('.').next() {
        Some("py") => ("def ", "("),
        Some("jsonl") => ("\"id\":\"", "\""),
        _ => ("fn ", "("),
    }
}

/// The tests that the page names: the end of the path of a file, and a name.
fn named() -> Vec<(&'static str, &'static str)> {
    let codes = PAGE.split('`').skip(1).step_by(2);
    codes.filter_map(|code| code.split_once("::")).collect()
}

#[test]
fn each_test_that_is_named_is_there() {
    let sources = sources();
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut missing = Vec::new();
    let named = named();
    assert!(named.len() > 150, "the page has lost its tests");
    for (file, name) in named.into_iter().filter(|(_, name)| *name != "a_name") {
        let (before, after) = marks(file);
        let wanted = format!("{before}{name}{after}");
        let end = format!("/{file}");
        let mut homes = sources
            .iter()
            .filter(|(shown, _)| **shown == *file || shown.ends_with(&end));
        let is_there = homes.any(|(shown, path)| {
            let read = || fs::read_to_string(path).unwrap();
            texts.entry(shown).or_insert_with(read).contains(&wanted)
        });
        if !is_there {
            missing.push(format!("{file}::{name}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn each_line_says_whether_it_is_so_and_how_that_is_known() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| "));
    for row in rows.filter(|row| !row.starts_with("| LiteLLM |")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, what, how] = cells.as_slice() else {
            panic!("three cells: {row}");
        };
        let is = ["same", "differs", "not there", "*compat*"];
        assert!(is.iter().any(|is| what.starts_with(is)), "{row}");
        assert!(what.starts_with("not there") || !how.is_empty(), "{row}");
    }
}
