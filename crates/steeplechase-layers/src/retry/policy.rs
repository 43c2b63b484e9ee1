use steeplechase_core::{Class, Outcome};

/// How often each class of failure is tried again, where that is not as often as any other.
///
/// A class that is named is tried again even if that is of no use by what is known of it, such as a prompt
/// that a content filter has refused: filters are not always of one mind. What the one that failed has said
/// of it, as with `x-should-retry: false`, holds all the same; and so does that nobody is left to ask.
///
/// # Example
///
/// ```
/// use steeplechase_core::Class;
/// use steeplechase_layers::retry::RetryPolicy;
///
/// let policy = RetryPolicy::new()
///     .class(Class::ContentPolicy, 3)
///     .class(Class::Auth, 0)
///     .otherwise(1);
/// assert_eq!(policy.retries(Class::ContentPolicy), Some(3));
/// assert_eq!(policy.retries(Class::Server), Some(1));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct RetryPolicy {
    /// By [`Class::index`]: a byte each, as it is copied for every request.
    classes: [u8; Class::COUNT],
    otherwise: u8,
}

/// Nobody has said.
const UNSAID: u8 = u8::MAX;

// ===== impl RetryPolicy =====

impl RetryPolicy {
    /// Says nothing of any class.
    pub const fn new() -> Self {
        Self {
            classes: [UNSAID; Class::COUNT],
            otherwise: UNSAID,
        }
    }

    /// Sets how often failures of a class are tried again. The phase of a timeout does not matter.
    pub const fn class(mut self, class: Class, retries: u8) -> Self {
        self.classes[class.index()] = said(retries);
        self
    }

    /// Sets how often failures of all other classes are tried again, as far as they are.
    pub const fn otherwise(mut self, retries: u8) -> Self {
        self.otherwise = said(retries);
        self
    }

    /// How often failures of a class are tried again. `None` if nothing is said of it.
    pub const fn retries(&self, class: Class) -> Option<u8> {
        match (self.classes[class.index()], self.otherwise) {
            (UNSAID, UNSAID) => None,
            (UNSAID, retries) | (retries, _) => Some(retries),
        }
    }

    /// The most retries that it has for any class: as many attempts must a request have, and one more.
    pub fn most(&self) -> u8 {
        let all = self.classes.iter().chain([&self.otherwise]).copied();
        all.filter(|retries| *retries != UNSAID).max().unwrap_or(0)
    }

    /// Whether it has a failure tried again that would not be without it.
    pub(super) fn insists(&self, class: Class, failure: &Outcome) -> bool {
        let by_default = failure.retry == class.retry();
        self.names(class) && by_default && !is_hopeless(class)
    }

    /// Whether it says something of just this class.
    pub(super) const fn names(&self, class: Class) -> bool {
        self.classes[class.index()] != UNSAID
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

const fn said(retries: u8) -> u8 {
    if retries == UNSAID {
        UNSAID - 1
    } else {
        retries
    }
}

/// Whether trying again makes no sense whatever anybody says: the call is over, or nobody is left.
const fn is_hopeless(class: Class) -> bool {
    matches!(
        class,
        Class::Cancelled | Class::Internal | Class::Unauthenticated | Class::Unavailable
    )
}
