//! The examples do what they say.

use crate::failure::{Failure, While};
use crate::workspace::Workspace;

/// Runs each of the examples that were built. They need no key and no network.
pub(crate) fn each(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.root.join("examples");
    let files = std::fs::read_dir(&folder).while_(folder.display())?;
    let mut names = Vec::new();
    for file in files {
        let path = file.while_(folder.display())?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(std::ffi::OsStr::to_owned));
        }
    }
    names.sort();
    if names.is_empty() {
        return Err(Failure::new("there are no examples"));
    }
    for name in names {
        let program = workspace.target.join("debug").join("examples").join(name);
        workspace.program(program).perform()?;
    }
    Ok(())
}
