/// The settings of an [`IntakeLayer`](super::IntakeLayer).
///
/// # Defaults
///
/// * [`max_body`](Self::max_body): 32 MiB. Calls with images are often above 1 MiB.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct IntakeConfig {
    pub(super) max_body: usize,
}

impl IntakeConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            max_body: 32 * 1024 * 1024,
        }
    }

    /// Sets how many bytes a call may have.
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self::new()
    }
}
