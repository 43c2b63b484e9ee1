use std::time::Duration;

use super::Overrides;

/// The settings of an [`IntakeLayer`](super::IntakeLayer).
///
/// # Defaults
///
/// * [`max_body`](Self::max_body): 32 MiB. Calls with images are often above 1 MiB.
/// * [`max_pause`](Self::max_pause): 30 s.
/// * [`overrides`](Self::overrides): callers may ask for everything.
/// * [`programs`](Self::programs): which program makes a call is not looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct IntakeConfig {
    pub(super) max_body: usize,
    pub(super) max_pause: Duration,
    pub(super) overrides: Overrides,
    pub(super) programs: bool,
}

impl IntakeConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            max_body: 32 * 1024 * 1024,
            max_pause: Duration::from_secs(30),
            overrides: Overrides::ALL,
            programs: false,
        }
    }

    /// Sets how many bytes a call may have.
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets how long a caller may pause in the middle of a call's bytes.
    pub const fn max_pause(mut self, pause: Duration) -> Self {
        self.max_pause = pause;
        self
    }

    /// Sets what callers may ask of the gateway itself. What they ask and may not has no effect, and is named
    /// in [`Controls::ignored`](steeplechase_core::Controls::ignored).
    pub const fn overrides(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    /// Sets whether it is noted which program makes a call, by its `user-agent`: in
    /// [`Controls::program`](steeplechase_core::Controls::program). It is for deployments that are for the calls of
    /// certain programs.
    pub const fn programs(mut self, noted: bool) -> Self {
        self.programs = noted;
        self
    }
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self::new()
    }
}
