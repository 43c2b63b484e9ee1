use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// What becomes of one call, from the call to the end of the body.
///
/// ```text
/// Act::new().polls(2).head().frame(a).after(1 s).frame(b)    answers with two frames, a second apart
/// Act::new().polls(1).fail(error)                            fails before its head
/// Act::new().head().frame(a).fail(error)                     fails in the middle of its body
/// Act::new().hang()                                          never answers
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Act<D, E> {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) steps: Vec<Step<D, E>>,
}

/// One step of an [`Act`].
#[derive(Clone, Debug)]
pub(crate) enum Step<D, E> {
    /// Is pending for so many polls. It wakes at once.
    Polls(u32),
    /// Is pending until then.
    After(Duration),
    /// Is pending for ever, and never wakes.
    Hang,
    /// The response future resolves. What comes before is the future, what comes after the body.
    Head,
    /// A frame of the body.
    Frame(D),
    /// The future, or the body, fails.
    Fail(E),
}

/// An error that is none of ours, as a foreign client has them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fault;

impl<D, E> Act<D, E> {
    pub(crate) fn new() -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            steps: Vec::new(),
        }
    }

    /// Sets the status of the head.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Adds to the head.
    pub(crate) fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// Is pending for so many polls.
    pub(crate) fn polls(self, polls: u32) -> Self {
        self.step(Step::Polls(polls))
    }

    pub(crate) fn after(self, time: Duration) -> Self {
        self.step(Step::After(time))
    }

    pub(crate) fn hang(self) -> Self {
        self.step(Step::Hang)
    }

    pub(crate) fn head(self) -> Self {
        self.step(Step::Head)
    }

    pub(crate) fn frame(self, data: D) -> Self {
        self.step(Step::Frame(data))
    }

    /// Frames, each after it was pending for so many polls.
    pub(crate) fn frames(self, polls: u32, frames: impl IntoIterator<Item = D>) -> Self {
        frames
            .into_iter()
            .fold(self, |act, frame| act.polls(polls).frame(frame))
    }

    pub(crate) fn fail(self, error: E) -> Self {
        self.step(Step::Fail(error))
    }

    /// Whether it is silent for ever at some point.
    pub(crate) fn hangs(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Hang))
    }

    /// Whether it fails at some point, or says that it has.
    pub(crate) fn fails(&self) -> bool {
        let fails = |step| matches!(step, &Step::Fail(_));
        !self.status.is_success() || self.steps.iter().any(fails)
    }

    fn step(mut self, step: Step<D, E>) -> Self {
        self.steps.push(step);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault of the foreign client")
    }
}

impl std::error::Error for Fault {}
