use std::fmt;

use http::HeaderValue;

/// Where a call goes that is passed on as it is, and what form it has.
#[derive(Clone)]
pub struct Forward {
    path: &'static str,
    content_type: HeaderValue,
}

// ===== impl Forward =====

impl Forward {
    /// A call to a path, such as `/images/generations`, which comes after the base URL of whoever gets
    /// it.
    pub const fn new(path: &'static str, content_type: HeaderValue) -> Self {
        Self { path, content_type }
    }

    /// The path, after the base URL.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The form of the call, as the caller says it.
    pub const fn content_type(&self) -> &HeaderValue {
        &self.content_type
    }

    /// Whether it is a form of HTML's, in parts, and no JSON.
    pub fn is_form(&self) -> bool {
        let kind = self.content_type.as_bytes().trim_ascii_start();
        let start = kind.get(..19);
        start.is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/form-data"))
    }
}

impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Forward").field(&self.path).finish()
    }
}
