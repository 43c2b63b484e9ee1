//! What a service author takes on who depends on this crate.

use std::process::Command;

#[test]
fn there_is_no_serde_in_it_and_of_tokio_only_its_clock() {
    let tree = tree();
    let features = |name: &str| {
        tree.iter()
            .find(|(package, _)| package == name)
            .map(|(_, features)| features.as_str())
    };

    assert_eq!(features("steeplechase-core"), Some(""), "{tree:?}");
    // `default` is empty.
    assert_eq!(features("tokio"), Some("default,time"), "{tree:?}");
    for (package, _) in &tree {
        let is_json = ["serde", "json", "simd-json", "sonic"]
            .iter()
            .any(|word| package.contains(word));
        assert!(!is_json, "{package}");
        let is_io = ["hyper", "mio", "socket2", "rustls", "reqwest"].contains(&&**package);
        assert!(!is_io, "{package}");
    }
}

/// The packages that the crate brings, and the features that it alone turns on in them: those of the
/// tests and of the rest of the workspace are left out by `-p` and `-e normal`.
fn tree() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--frozen", "--package", env!("CARGO_PKG_NAME")])
        .args(["--edges", "normal", "--target", "all", "--prefix", "none"])
        .args(["--color", "never", "--format", "{p}|{f}"])
        .output()
        .expect("cargo can be run");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");

    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            let (package, features) = line.split_once('|').unwrap();
            let name = package.split(' ').next().unwrap();
            let features = features.trim_end_matches("(*)").trim();
            (name.to_owned(), features.to_owned())
        })
        .collect()
}
