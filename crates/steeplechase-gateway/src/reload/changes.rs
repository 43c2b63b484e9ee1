use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use steeplechase::Deployment;

/// What is another in a configuration than in the one before: the names of deployments.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Changes {
    pub(super) added: Names,
    pub(super) removed: Names,
    /// Those that have kept their id, and are another place or are called with another key.
    pub(super) moved: Names,
    /// How many go on where they have left off.
    pub(super) kept: usize,
}

/// The names of deployments: the model, and the id. `Display` prints the first of them.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Names(Vec<String>);

/// How many names are printed.
const SHOWN: usize = 20;

impl Changes {
    pub(super) fn between(old: &[Arc<Deployment>], new: &[Arc<Deployment>]) -> Self {
        let mut left: HashMap<&str, Vec<&Deployment>> = HashMap::new();
        for deployment in old {
            left.entry(deployment.id()).or_default().push(deployment);
        }
        let mut changes = Self::default();
        for deployment in new {
            let candidates = left.get_mut(deployment.id());
            let Some(candidates) = candidates.filter(|left| !left.is_empty()) else {
                changes.added.push(deployment);
                continue;
            };
            let same = candidates.iter().position(|old| deployment.continues(old));
            candidates.remove(same.unwrap_or(0));
            if same.is_some() {
                changes.kept += 1;
            } else {
                changes.moved.push(deployment);
            }
        }
        for deployment in old {
            let gone = left.get_mut(deployment.id());
            if gone.and_then(Vec::pop).is_some() {
                changes.removed.push(deployment);
            }
        }
        changes
    }
}

impl Names {
    fn push(&mut self, deployment: &Deployment) {
        let name = format!("{}/{}", deployment.model(), deployment.id());
        self.0.push(name);
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let shown = &self.0[..self.0.len().min(SHOWN)];
        f.write_str(&shown.join(", "))?;
        match self.0.len() - shown.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use steeplechase::Dialect;

    use super::*;

    fn deployment(id: &str) -> Arc<Deployment> {
        Deployment::builder(id, "m", Dialect::OpenAi).build()
    }

    #[test]
    fn what_comes_goes_stays_and_moves_is_told_apart() {
        let old: Vec<_> = ["stays", "moves", "goes"].map(deployment).into();
        let stays = Deployment::builder("stays", "m", Dialect::OpenAi).continue_from(&old[0]);
        let new = [stays.build(), deployment("moves"), deployment("comes")];
        let changes = Changes::between(&old, &new);
        assert_eq!(changes.added.to_string(), "m/comes");
        assert_eq!(changes.removed.to_string(), "m/goes");
        assert_eq!(changes.moved.to_string(), "m/moves");
        assert_eq!(changes.kept, 1);
    }

    #[test]
    fn of_two_with_one_id_each_counts() {
        let twice: Vec<_> = ["a", "a"].map(deployment).into();
        let changes = Changes::between(&twice, &twice[..1]);
        assert_eq!((changes.kept, changes.removed.0.len()), (1, 1));
        let changes = Changes::between(&twice[..1], &twice);
        assert_eq!((changes.kept, changes.added.0.len()), (1, 1));
    }

    #[test]
    fn many_names_are_counted_and_not_listed() {
        let many: Vec<_> = (0..25).map(|n| deployment(&n.to_string())).collect();
        let changes = Changes::between(&[], &many);
        assert!(changes.added.to_string().ends_with("m/19 and 5 more"));
        assert_eq!(changes.removed.to_string(), "none");
    }
}
