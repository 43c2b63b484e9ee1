//! Who a request is for, by its path.

use http::Method;
use http::request::Parts;

/// The languages that the sim speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    OpenAi,
    Anthropic,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Route {
    Chat,
    Embeddings,
    Models,
    Messages,
    CountTokens,
    /// No such address in OpenAI's dialect (`false`), or in Anthropic's.
    Unknown {
        anthropic: bool,
    },
    /// There is such an address, but not with this method.
    WrongMethod {
        anthropic: bool,
    },
}

impl Route {
    pub(crate) fn of(parts: &Parts) -> Self {
        let path = parts.uri.path().trim_end_matches('/');
        let (route, method) = if path.ends_with("/chat/completions") {
            (Self::Chat, Method::POST)
        } else if path.ends_with("/embeddings") {
            (Self::Embeddings, Method::POST)
        } else if path.ends_with("/messages") {
            (Self::Messages, Method::POST)
        } else if path.ends_with("/messages/count_tokens") {
            (Self::CountTokens, Method::POST)
        } else if path.ends_with("/models") {
            (Self::Models, Method::GET)
        } else {
            let anthropic = parts.headers.contains_key("anthropic-version");
            return Self::Unknown { anthropic };
        };
        if parts.method == method {
            route
        } else {
            let anthropic = route.dialect() == Dialect::Anthropic;
            Self::WrongMethod { anthropic }
        }
    }

    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::Messages
            | Self::CountTokens
            | Self::Unknown { anthropic: true }
            | Self::WrongMethod { anthropic: true } => Dialect::Anthropic,
            _ => Dialect::OpenAi,
        }
    }

    /// Whether it asks for an answer, so that scripts, faults and latencies apply.
    pub(crate) fn takes_script(self) -> bool {
        matches!(self, Self::Chat | Self::Embeddings | Self::Messages)
    }
}
