use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::config::read_file;

/// What was in the files of a configuration: a digest of each, or nothing for one that could not be read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Files(BTreeMap<PathBuf, Option<u64>>);

/// Reads files, and notes what was in them.
#[derive(Debug, Default)]
pub(super) struct Reader(RefCell<Files>);

impl Files {
    /// The same files, as they are now.
    pub(super) fn again(&self) -> Self {
        let files = self.0.keys();
        Self(
            files
                .map(|path| (path.clone(), digest(&read_file(path))))
                .collect(),
        )
    }
}

impl Reader {
    /// Reads a file of a configuration. The error is a text for the operator.
    pub(super) fn read(&self, path: &Path) -> Result<String, String> {
        let text = read_file(path);
        let mut files = self.0.borrow_mut();
        files.0.insert(path.to_owned(), digest(&text));
        text
    }

    /// What was in all that was read.
    pub(super) fn into_files(self) -> Files {
        self.0.into_inner()
    }
}

fn digest(text: &Result<String, String>) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    text.as_ref().ok()?.hash(&mut hasher);
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dir(PathBuf);

    impl Dir {
        fn new() -> Self {
            let name = format!("steeplechase-files-{}", fastrand::u64(..));
            let dir = std::env::temp_dir().join(name);
            std::fs::create_dir(&dir).unwrap();
            Self(dir)
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn seen(paths: &[&Path]) -> Files {
        let reader = Reader::default();
        for path in paths {
            _ = reader.read(path);
        }
        reader.into_files()
    }

    #[test]
    fn what_is_in_a_file_counts_and_not_when_or_how_it_was_written() {
        let dir = Dir::new();
        let path = dir.0.join("config.yaml");
        std::fs::write(&path, "one").unwrap();
        let files = seen(&[&path]);
        assert_eq!(files.again(), files);

        // Written anew, and then by way of another file.
        std::fs::write(&path, "one").unwrap();
        assert_eq!(files.again(), files);
        let other = dir.0.join("other");
        std::fs::write(&other, "two").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert_ne!(files.again(), files);
        std::fs::write(&path, "one").unwrap();
        assert_eq!(files.again(), files, "it is as it was");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_is_turned_to_another_directory_is_a_change() {
        // As Kubernetes has it: config.yaml -> ..data/config.yaml, and ..data -> a directory.
        use std::os::unix::fs::symlink;

        let dir = Dir::new();
        for (version, text) in [("v1", "one"), ("v2", "two")] {
            std::fs::create_dir(dir.0.join(version)).unwrap();
            std::fs::write(dir.0.join(version).join("config.yaml"), text).unwrap();
        }
        symlink("v1", dir.0.join("..data")).unwrap();
        let path = dir.0.join("config.yaml");
        symlink("..data/config.yaml", &path).unwrap();
        let files = seen(&[&path]);
        assert_eq!(files.again(), files);

        symlink("v2", dir.0.join("..data_tmp")).unwrap();
        std::fs::rename(dir.0.join("..data_tmp"), dir.0.join("..data")).unwrap();
        assert_ne!(files.again(), files);
    }

    #[test]
    fn a_file_that_comes_or_goes_is_a_change() {
        let dir = Dir::new();
        let (path, included) = (dir.0.join("config.yaml"), dir.0.join("models.yaml"));
        std::fs::write(&path, "include: [models.yaml]").unwrap();
        let files = seen(&[&path, &included]);
        assert_eq!(files.again(), files, "it is not there");
        std::fs::write(&included, "").unwrap();
        let more = files.again();
        assert_ne!(more, files);
        std::fs::remove_file(&path).unwrap();
        assert_ne!(more.again(), more);
    }
}
