//! Each layer can be had alone.

use crate::failure::{Failure, While};
use crate::workspace::Workspace;

const PACKAGE: &str = "steeplechase-layers";

/// Features that are made of others.
const COLLECTIONS: [&str; 2] = ["default", "full"];

/// Checks the package without any feature, and with each of them alone.
pub(crate) fn each_alone(workspace: &Workspace) -> Result<(), Failure> {
    let manifest = workspace
        .root
        .join("crates")
        .join(PACKAGE)
        .join("Cargo.toml");
    let manifest = std::fs::read_to_string(&manifest).while_(manifest.display())?;
    let features = declared(&manifest);
    if features.is_empty() {
        return Err(Failure::new(format!("{PACKAGE} has no features")));
    }
    let check = || workspace.cargo(["check", "--quiet", "-p", PACKAGE, "--no-default-features"]);
    check().perform()?;
    for feature in features {
        check().args(["--features", feature]).perform()?;
    }
    Ok(())
}

/// The names in the table `[features]`, as cargo and its formatters write it: one on a line, and
/// what belongs to it indented.
fn declared(manifest: &str) -> Vec<&str> {
    let lines = manifest.lines().skip_while(|line| *line != "[features]");
    lines
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphanumeric()))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim())
        .filter(|name| !COLLECTIONS.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_features_are_found_but_those_made_of_others() {
        let manifest = "\
[package]
name = \"x\"

[features]
default = []
full = [
    \"hedge\",
    \"race\",
]
# A comment, with a = in it.
hedge = []
race = [\"dep:fastrand\"]

[dependencies]
fastrand = \"2\"
";
        assert_eq!(declared(manifest), ["hedge", "race"]);
    }

    #[test]
    fn no_table_means_no_features() {
        assert!(declared("[package]\nname = \"x\"\n").is_empty());
    }
}
