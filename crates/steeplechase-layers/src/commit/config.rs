/// What a response is committed on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum CommitOn {
    /// On the first frame with content.
    #[default]
    Content,
    /// On the head: no frame is waited for.
    Head,
    /// On the first frame that has a byte, whatever it carries.
    FirstByte,
    /// On the end of the answer: all of it is held.
    Complete,
}

/// The settings of a [`CommitLayer`](super::CommitLayer).
///
/// # Defaults
///
/// * [`CommitOn::Content`].
/// * [`max_held`](Self::max_held): 256 KiB. What comes before the content is seldom above 8 KiB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct CommitConfig {
    pub(super) on: CommitOn,
    pub(super) max_held: usize,
}

impl CommitConfig {
    /// Commits on `on`.
    pub const fn new(on: CommitOn) -> Self {
        Self {
            on,
            max_held: 256 * 1024,
        }
    }

    /// Sets how many bytes may be held for one attempt. When there are more, it commits.
    pub const fn max_held(mut self, bytes: usize) -> Self {
        self.max_held = bytes;
        self
    }
}

impl Default for CommitConfig {
    fn default() -> Self {
        Self::new(CommitOn::default())
    }
}
