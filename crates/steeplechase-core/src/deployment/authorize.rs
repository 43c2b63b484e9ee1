use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, Method, Uri};

use crate::{ApiKey, Error};

/// How a provider wants to be shown the key.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Not at all.
    None,
    /// As `authorization: Bearer KEY`.
    Bearer(ApiKey),
    /// As a header of its own, such as `x-api-key: KEY`.
    Header(HeaderName, ApiKey),
    /// As `authorization: SCHEME KEY`, where the scheme is another than `Bearer`: `Token`, `Key`.
    Scheme(Arc<str>, ApiKey),
    /// As `authorization: Basic …`, of a key that is `user:password`.
    Basic(ApiKey),
    /// As a parameter of the URL.
    Query(Arc<str>, ApiKey),
    /// In a way that is made for each request: a token that expires, or a signature.
    Each(Arc<dyn Authorize>),
}

impl Auth {
    /// Whether the provider is shown the same. What is made for each request is taken for the same.
    pub(super) fn shows_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) | (Self::Each(_), Self::Each(_)) => true,
            (Self::Bearer(key), Self::Bearer(old)) | (Self::Basic(key), Self::Basic(old)) => {
                key == old
            }
            (Self::Header(name, key), Self::Header(old_name, old)) => {
                name == old_name && key == old
            }
            (Self::Scheme(name, key), Self::Scheme(old_name, old))
            | (Self::Query(name, key), Self::Query(old_name, old)) => {
                name == old_name && key == old
            }
            _ => false,
        }
    }
}

/// Shows a provider who calls, where that takes more than a header that is always the same.
///
/// What takes time, such as fetching a token, is not done here: whoever implements it keeps a token
/// at hand and renews it before it expires.
///
/// # Example
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, Uri};
/// use steeplechase_core::Error;
/// use steeplechase_core::deployment::Authorize;
///
/// #[derive(Debug)]
/// struct Numbered(std::sync::atomic::AtomicU64);
///
/// impl Authorize for Numbered {
///     fn authorize(
///         &self,
///         _: &Method,
///         _: &Uri,
///         headers: &mut HeaderMap,
///         _: &[u8],
///     ) -> Result<(), Error> {
///         let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         headers.insert("x-number", HeaderValue::from(number));
///         Ok(())
///     }
/// }
/// ```
pub trait Authorize: fmt::Debug + Send + Sync {
    /// Adds to the headers of a request what shows who calls.
    ///
    /// It is called for each attempt when nothing else of the request changes any more, so that all of
    /// it can be signed. It must not block.
    ///
    /// # Errors
    ///
    /// That there are no credentials, of [`Class::Auth`](crate::Class::Auth), with a message that says
    /// what to do and has no secret in it.
    fn authorize(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &mut HeaderMap,
        body: &[u8],
    ) -> Result<(), Error>;
}
