use std::sync::Arc;
use std::time::Duration;

/// How long an answer of one class of service may take, where that is otherwise than of all others.
///
/// A caller names the class in the `service_tier` of a call. Providers answer some of them from what is left over, and
/// take their time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TierTimeouts {
    /// The class, as a call names it: `flex`, `priority`, ...
    pub tier: Arc<str>,
    /// How long a whole answer may take. `None` if it is as long as any.
    pub whole: Option<Duration>,
    /// How long the first content of a streamed answer may take. `None` if it is as long as of any.
    pub stream: Option<Duration>,
}
