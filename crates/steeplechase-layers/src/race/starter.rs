use std::pin::Pin;
use std::vec;

use http::Request;
use steeplechase_core::Attempts;
use steeplechase_core::attempts::{Kind, Leave};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

/// Starts the lanes after the first, one at a time.
pub(super) struct Starter<S, ReqBody> {
    service: S,
    attempts: Attempts,
    requests: Requests<ReqBody>,
    /// The number of the next lane, from zero.
    next: u8,
}

/// The requests of the lanes that are not started yet.
enum Requests<ReqBody> {
    Copies { of: Request<ReqBody>, width: u8 },
    Variants(vec::IntoIter<Request<ReqBody>>),
}

/// A lane that is running, or waits for its service to become ready.
pub(super) struct Lane<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) number: u8,
    pub(super) call: Pin<Box<Oneshot<S, Request<ReqBody>>>>,
    // Held for as long as the lane runs.
    _leave: Leave,
}

/// What became of the next lane.
pub(super) enum Next<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    Started(Lane<S, ReqBody>),
    Denied,
    NoMore,
}

impl<S, ReqBody> Starter<S, ReqBody>
where
    S: Service<Request<ReqBody>> + Clone,
    ReqBody: Clone,
{
    /// Starts the lanes after the first of `width` lanes.
    pub(super) fn copies(service: S, attempts: Attempts, of: Request<ReqBody>, width: u8) -> Self {
        let width = width.min(Attempts::HARD_CAP);
        Self::new(service, attempts, Requests::Copies { of, width })
    }

    /// Starts a lane for each of `others`, which are not the first lane.
    pub(super) fn variants(
        service: S,
        attempts: Attempts,
        mut others: Vec<Request<ReqBody>>,
    ) -> Self {
        others.truncate(usize::from(Attempts::HARD_CAP) - 1);
        for other in &mut others {
            other.extensions_mut().insert(attempts.clone());
        }
        Self::new(service, attempts, Requests::Variants(others.into_iter()))
    }

    fn new(service: S, attempts: Attempts, requests: Requests<ReqBody>) -> Self {
        Self {
            service,
            attempts,
            requests,
            next: 1,
        }
    }

    pub(super) fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// How many lanes there are, the first included, if all of them are started.
    pub(super) fn lanes(&self) -> u8 {
        match &self.requests {
            Requests::Copies { width, .. } => *width,
            Requests::Variants(others) => {
                u8::try_from(others.len()).unwrap_or(Attempts::HARD_CAP) + self.next
            }
        }
    }

    /// Whether the lanes are for different requests.
    pub(super) fn is_variants(&self) -> bool {
        matches!(self.requests, Requests::Variants(_))
    }

    /// Starts the next lane, which is yet to be polled.
    pub(super) fn start_next(&mut self) -> Next<S, ReqBody> {
        let number = self.next;
        let mut request = match &mut self.requests {
            Requests::Copies { width, .. } if number >= *width => return Next::NoMore,
            Requests::Copies { of, .. } => {
                // A second copy on the same deployment runs no faster than the first.
                if self.attempts.alternatives() == Some(0) {
                    self.next += 1;
                    return Next::Denied;
                }
                of.clone()
            }
            Requests::Variants(others) => match others.next() {
                Some(request) => request,
                None => return Next::NoMore,
            },
        };
        self.next += 1;
        request.extensions_mut().insert(Kind::Race);
        match self.attempts.try_start(Kind::Race) {
            Ok(leave) => Next::Started(Lane {
                number,
                call: Box::pin(self.service.clone().oneshot(request)),
                _leave: leave,
            }),
            Err(_) => Next::Denied,
        }
    }
}
