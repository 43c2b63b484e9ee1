use http::StatusCode;

use crate::Signal;

/// What kind of failure it is. One word from this list decides what every layer does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Class {
    /// The provider refused our key, or what it may do.
    Auth,
    /// The caller went away.
    Cancelled,
    /// A content filter refused the prompt.
    ContentPolicy,
    /// The prompt is longer than the model's context.
    ContextWindow,
    /// A complete answer with nothing in it.
    Empty,
    /// We have failed.
    Internal,
    /// The call is wrong: whoever gets it will refuse it.
    InvalidRequest,
    /// There is no such model: the provider does not have the one that the deployment names, or nobody
    /// serves the one that the caller names.
    NotFound,
    /// The provider has too much to do.
    Overloaded,
    /// The account is out of credit or of its quota for long.
    Quota,
    /// Too many requests or tokens for now.
    RateLimited,
    /// The provider failed.
    Server,
    /// It took too long; the phase says what did.
    Timeout(Phase),
    /// The call has too many bytes.
    TooLarge,
    /// The connection failed.
    Transport,
    /// The answer ended before its end.
    Truncated,
    /// The caller has not shown a valid key to *us*.
    Unauthenticated,
    /// No deployment can take the call now: all are cooling, full or tried.
    Unavailable,
    /// The call needs what the deployment cannot express.
    Unsupported,
}

/// Which wait was too long.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Phase {
    /// To the connection.
    Connect,
    /// From the request to the first content.
    FirstToken,
    /// Between two frames of the answer.
    ByteIdle,
    /// Between two frames with content.
    ContentIdle,
    /// From the request to the end of the answer.
    Total,
}

/// Who is to blame, and so who is to be avoided.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scope {
    /// The call itself.
    Request,
    /// The key, and all that is called with it.
    Key,
    /// One deployment.
    Deployment,
    /// The model, wherever it is served.
    Model,
    /// All of the provider.
    Provider,
    /// Ourselves.
    Gateway,
}

/// Where another attempt makes sense.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Retry {
    /// Nowhere.
    Never,
    /// On another model only.
    OtherModel,
    /// On another deployment; on the same one after a wait, if there is no other.
    OtherDeployment,
    /// On the same deployment, at once.
    Same,
}

// ===== impl Class =====

impl Class {
    /// How many classes there are. The phases of a timeout are one.
    pub const COUNT: usize = Self::Unsupported.index() + 1;

    /// The place of the class in a table of all: below [`COUNT`](Self::COUNT), and of no other class. All
    /// timeouts share one, whatever their phase. For tables in memory: it may be another in the next version.
    pub const fn index(self) -> usize {
        match self {
            Self::Auth => 0,
            Self::Cancelled => 1,
            Self::ContentPolicy => 2,
            Self::ContextWindow => 3,
            Self::Empty => 4,
            Self::Internal => 5,
            Self::InvalidRequest => 6,
            Self::NotFound => 7,
            Self::Overloaded => 8,
            Self::Quota => 9,
            Self::RateLimited => 10,
            Self::Server => 11,
            Self::Timeout(_) => 12,
            Self::TooLarge => 13,
            Self::Transport => 14,
            Self::Truncated => 15,
            Self::Unauthenticated => 16,
            Self::Unavailable => 17,
            // The last one: `COUNT` is by it.
            Self::Unsupported => 18,
        }
    }

    /// Whether the caller caused the failure. Such a failure says nothing about a deployment.
    pub const fn is_callers_fault(self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::ContentPolicy
                | Self::ContextWindow
                | Self::InvalidRequest
                | Self::TooLarge
                | Self::Unauthenticated
                | Self::Unsupported
        )
    }

    /// Who is to blame, if nobody knows better.
    pub const fn scope(self) -> Scope {
        match self {
            Self::Auth | Self::Quota => Scope::Key,
            Self::Internal | Self::Unavailable => Scope::Gateway,
            Self::Empty
            | Self::NotFound
            | Self::Overloaded
            | Self::RateLimited
            | Self::Server
            | Self::Timeout(_)
            | Self::Transport
            | Self::Truncated => Scope::Deployment,
            _ => Scope::Request,
        }
    }

    /// Where another attempt makes sense, if nobody knows better.
    pub const fn retry(self) -> Retry {
        match self {
            Self::ContentPolicy | Self::ContextWindow | Self::Unavailable => Retry::OtherModel,
            Self::Auth
            | Self::Empty
            | Self::NotFound
            | Self::Overloaded
            | Self::Quota
            | Self::RateLimited
            | Self::Server
            | Self::Timeout(_)
            | Self::Transport
            | Self::Truncated
            | Self::Unsupported => Retry::OtherDeployment,
            _ => Retry::Never,
        }
    }

    /// What the failure says about the health of the deployment.
    pub const fn signal(self) -> Signal {
        match self {
            Self::Overloaded
            | Self::Server
            | Self::Timeout(_)
            | Self::Transport
            | Self::Truncated => Signal::Failure,
            Self::RateLimited => Signal::Throttle,
            _ => Signal::Neutral,
        }
    }

    /// The status with which a caller is told, if nobody knows better.
    ///
    /// It is about our contract with the caller: a provider that refuses *our* key is a bad gateway
    /// and not a `401`, as nothing is wrong with the caller's.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::ContentPolicy
            | Self::ContextWindow
            | Self::InvalidRequest
            | Self::Unsupported => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Quota | Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Cancelled | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Auth | Self::Empty | Self::Server | Self::Transport | Self::Truncated => {
                StatusCode::BAD_GATEWAY
            }
            Self::Overloaded | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout(_) => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The name of the class, for labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cancelled => "cancelled",
            Self::ContentPolicy => "content_policy",
            Self::ContextWindow => "context_window",
            Self::Empty => "empty",
            Self::Internal => "internal",
            Self::InvalidRequest => "invalid_request",
            Self::NotFound => "not_found",
            Self::Overloaded => "overloaded",
            Self::Quota => "quota",
            Self::RateLimited => "rate_limited",
            Self::Server => "server",
            Self::Timeout(_) => "timeout",
            Self::TooLarge => "too_large",
            Self::Transport => "transport",
            Self::Truncated => "truncated",
            Self::Unauthenticated => "unauthenticated",
            Self::Unavailable => "unavailable",
            Self::Unsupported => "unsupported",
        }
    }

    /// How much a caller can make of the failure: of several, the highest is worth telling.
    ///
    /// The order is: the caller's own fault, quota, rate limit, overload, timeout, then the rest.
    pub const fn usefulness(self) -> u8 {
        match self {
            _ if self.is_callers_fault() => 6,
            Self::Quota => 5,
            Self::RateLimited => 4,
            Self::Overloaded => 3,
            Self::Timeout(_) => 2,
            Self::Unavailable => 0,
            _ => 1,
        }
    }

    /// The class of a bare HTTP status, or `None` for a success. A redirect counts as one, as it may be
    /// what a plain client has asked for.
    pub const fn from_status(status: StatusCode) -> Option<Self> {
        Some(match status.as_u16() {
            200..=399 => return None,
            401 | 403 => Self::Auth,
            402 => Self::Quota,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout(Phase::FirstToken),
            // A lock or a conflict of theirs: it passes.
            409 => Self::Server,
            413 => Self::TooLarge,
            429 => Self::RateLimited,
            503 | 529 => Self::Overloaded,
            400..=499 => Self::InvalidRequest,
            _ => Self::Server,
        })
    }
}

// ===== impl Phase =====

impl Phase {
    /// The name of the phase, for labels and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::FirstToken => "first token",
            Self::ByteIdle => "byte idle",
            Self::ContentIdle => "content idle",
            Self::Total => "total",
        }
    }
}
