use crate::Class;

/// How many failures of each kind a deployment may have in a minute before it is left alone.
///
/// Plain data: it is `LiteLLM`'s `allowed_fails` and `allowed_fails_policy`. A kind that has a number
/// of its own is counted for itself, and by that number alone. The others are counted together, if
/// there is a number for them, and otherwise go by the rules of the breaker.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct AllowedFails {
    others: Option<u32>,
    by_kind: [Option<u32>; FailureKind::COUNT],
}

/// The kinds of failures that can have a number of their own. Each is one of `LiteLLM`'s exceptions.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FailureKind {
    /// The call is wrong, too long or too large. It is the caller's doing, so it never counts unless it
    /// has a number of its own.
    BadRequest,
    /// The provider refused our key.
    Authentication,
    /// It took too long.
    Timeout,
    /// Too many requests, or the quota is spent.
    RateLimit,
    /// A content filter refused the prompt. It never counts unless it has a number of its own.
    ContentPolicyViolation,
    /// The provider failed, by whatever status says so.
    InternalServer,
    /// The connection failed, or the answer ended before its end.
    BadGateway,
    /// The provider has too much to do.
    ServiceUnavailable,
}

// ===== impl AllowedFails =====

impl AllowedFails {
    /// No numbers.
    pub const fn new() -> Self {
        Self {
            others: None,
            by_kind: [None; FailureKind::COUNT],
        }
    }

    /// Sets how many failures are allowed of all kinds together that have no number of their own.
    pub const fn others(mut self, failures: u32) -> Self {
        self.others = Some(failures);
        self
    }

    /// Sets how many failures of a kind are allowed.
    pub const fn kind(mut self, kind: FailureKind, failures: u32) -> Self {
        self.by_kind[kind as usize] = Some(failures);
        self
    }

    /// How many are allowed of all kinds together that have no number of their own.
    pub const fn of_others(&self) -> Option<u32> {
        self.others
    }

    /// How many of a kind are allowed, if it has a number of its own.
    pub const fn of_kind(&self, kind: FailureKind) -> Option<u32> {
        self.by_kind[kind as usize]
    }

    /// The kind of a failure, if that has a number of its own.
    pub fn named(&self, class: Class) -> Option<FailureKind> {
        FailureKind::of(class).filter(|kind| self.of_kind(*kind).is_some())
    }

    /// Whether there are no numbers at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::new()
    }

    /// These numbers, and those of `general` where there is none here.
    pub fn or(mut self, general: &Self) -> Self {
        self.others = self.others.or(general.others);
        for (own, general) in self.by_kind.iter_mut().zip(&general.by_kind) {
            *own = own.or(*general);
        }
        self
    }
}

// ===== impl FailureKind =====

impl FailureKind {
    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::BadRequest,
        Self::Authentication,
        Self::Timeout,
        Self::RateLimit,
        Self::ContentPolicyViolation,
        Self::InternalServer,
        Self::BadGateway,
        Self::ServiceUnavailable,
    ];

    /// The kind of a failure. `None` for one that has none.
    pub const fn of(class: Class) -> Option<Self> {
        Some(match class {
            Class::InvalidRequest | Class::ContextWindow | Class::TooLarge | Class::Unsupported => {
                Self::BadRequest
            }
            Class::Auth => Self::Authentication,
            Class::Timeout(_) => Self::Timeout,
            Class::RateLimited | Class::Quota => Self::RateLimit,
            Class::ContentPolicy => Self::ContentPolicyViolation,
            Class::Server => Self::InternalServer,
            Class::Transport | Class::Truncated => Self::BadGateway,
            Class::Overloaded => Self::ServiceUnavailable,
            _ => return None,
        })
    }

    /// The name of `LiteLLM`'s exception, such as `TimeoutError`. With `AllowedFails` after it, it is a
    /// key of the policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequestError",
            Self::Authentication => "AuthenticationError",
            Self::Timeout => "TimeoutError",
            Self::RateLimit => "RateLimitError",
            Self::ContentPolicyViolation => "ContentPolicyViolationError",
            Self::InternalServer => "InternalServerError",
            Self::BadGateway => "BadGatewayError",
            Self::ServiceUnavailable => "ServiceUnavailableError",
        }
    }
}
