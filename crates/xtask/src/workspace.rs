//! Where things are, and how programs are started there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, While};

/// Where the workspace and what is built are.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn locate() -> Result<Self, Failure> {
        let mut locate = Program::new(cargo());
        locate
            .command
            .args(["locate-project", "--workspace", "--message-format", "plain"]);
        let manifest = locate.output()?;
        let root = Path::new(manifest.trim()).parent();
        let root = root.ok_or_else(|| Failure::new("cargo did not say where the workspace is"))?;
        let target = std::env::var_os("CARGO_TARGET_DIR");
        Ok(Self {
            root: root.to_owned(),
            // If it is relative, then to where the user is.
            target: target.map_or_else(
                || Ok(root.join("target")),
                |target| std::path::absolute(target).while_("CARGO_TARGET_DIR"),
            )?,
        })
    }

    /// A program of ours that has been built.
    pub(crate) fn binary(&self, name: &str) -> Result<PathBuf, Failure> {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let path = self.target.join("debug").join(file);
        if path.is_file() {
            Ok(path)
        } else {
            Err(Failure::new(format!("{} was not built", path.display())))
        }
    }

    /// A cargo command, at the root.
    pub(crate) fn cargo<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Program {
        self.program(cargo()).args(arguments)
    }

    /// Any program, at the root.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Program {
        let mut program = Program::new(program);
        program.command.current_dir(&self.root);
        program
    }
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// A program to be started. It has nothing to read.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
}

impl Program {
    /// A program, by name or path, in the current folder.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        // What `cargo run` says about xtask. Build scripts that look at it would run again, and
        // their crates be built again, each time that one goes from cargo to xtask or back.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        Self { command }
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// In this folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it, and shows what it prints.
    pub(crate) fn perform(mut self) -> Result<(), Failure> {
        println!("$ {}", self.line());
        let status = self.command.status().while_(self.line())?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("{}: {status}", self.line())))
        }
    }

    /// Runs it, and returns what it prints.
    pub(crate) fn output(mut self) -> Result<String, Failure> {
        let output = self.command.output().while_(self.line())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            let complaint = String::from_utf8_lossy(&output.stderr);
            let message = format!("{}: {}\n{complaint}", self.line(), output.status);
            Err(Failure::new(message))
        }
    }

    /// What one would type: programs by their names only.
    fn line(&self) -> String {
        let program = Path::new(self.command.get_program());
        let name = program.file_name().unwrap_or(program.as_os_str());
        let words = std::iter::once(name).chain(self.command.get_args());
        let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
        words.join(" ")
    }
}
