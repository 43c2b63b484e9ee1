use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::window::Window;
use super::{Full, Measure};

/// When days begin.
///
/// The clock of the machine is asked once, when this is made, how late it is. From then on days are as long as
/// days are, whatever becomes of that clock.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// After midnight UTC.
    begin: Duration,
    /// When the next one begins.
    next: Instant,
}

/// What may be used in a day.
#[derive(Debug)]
pub(super) struct Daily {
    days: Days,
    requests: Option<Window>,
    tokens: Option<Window>,
}

/// A day as of some time.
#[derive(Clone, Copy, Debug)]
struct Today {
    number: u16,
    ends: Instant,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

// ===== impl Days =====

impl Days {
    /// Days that begin so long after midnight UTC. What is more than a day of that does not count.
    pub fn beginning(begin: Duration) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        // Before 1970 a day begins when the program does.
        Self::as_of(since.unwrap_or(begin), begin)
    }

    /// The same, for a clock that shows `now`: how long it is after some midnight UTC.
    pub fn as_of(now: Duration, begin: Duration) -> Self {
        let since_midnight =
            |time: Duration| Duration::new(time.as_secs() % DAY.as_secs(), time.subsec_nanos());
        let (now, begin) = (since_midnight(now), since_midnight(begin));
        let until = (begin + DAY).saturating_sub(now);
        let in_a_day = until.checked_sub(DAY).filter(|until| !until.is_zero());
        Self {
            begin,
            next: Instant::now() + in_a_day.unwrap_or(until),
        }
    }

    /// How long after midnight UTC they begin.
    pub const fn begin(&self) -> Duration {
        self.begin
    }

    fn at(&self, now: Instant) -> Today {
        let since = now.checked_duration_since(self.next);
        let passed = since.map_or(0, |since| 1 + since.as_secs() / DAY.as_secs());
        let number = u16::try_from(passed).unwrap_or(u16::MAX);
        Today {
            number,
            ends: self.next + DAY * number.into(),
        }
    }
}

impl Default for Days {
    /// From midnight to midnight, UTC.
    fn default() -> Self {
        Self::beginning(Duration::ZERO)
    }
}

// ===== impl Daily =====

impl Daily {
    /// No limit yet.
    pub(super) const fn new(days: Days) -> Self {
        Self {
            days,
            requests: None,
            tokens: None,
        }
    }

    pub(super) const fn set_days(&mut self, days: Days) {
        self.days = days;
    }

    pub(super) const fn days(&self) -> &Days {
        &self.days
    }

    pub(super) fn limit_requests(&mut self, requests: u64) {
        self.requests = Some(Window::new(requests));
    }

    pub(super) fn limit_tokens(&mut self, tokens: u64) {
        self.tokens = Some(Window::new(tokens));
    }

    pub(super) fn requests(&self) -> Option<u64> {
        self.requests.as_ref().map(Window::limit)
    }

    pub(super) fn tokens(&self) -> Option<u64> {
        self.tokens.as_ref().map(Window::limit)
    }

    fn each(&self, tokens: u64) -> [(Option<&Window>, u64, Measure); 2] {
        [
            (self.requests.as_ref(), 1, Measure::RequestsPerDay),
            (self.tokens.as_ref(), tokens, Measure::TokensPerDay),
        ]
    }

    /// Whether there is one request, and that many tokens, of each that there is a limit of.
    pub(super) fn has(&self, tokens: u64, now: Instant) -> [Result<(), Full>; 2] {
        let today = self.days.at(now);
        self.each(tokens).map(|(window, amount, of)| match window {
            // One that needs no token still has no room where there are none.
            Some(window) if window.left(today.number) < amount.max(1) => {
                Err(today.full(window, amount.max(1), of))
            }
            _ => Ok(()),
        })
    }

    /// Takes one request and so many tokens. Of which day.
    pub(super) fn try_take(&self, tokens: u64, now: Instant) -> Result<u16, Full> {
        let today = self.days.at(now);
        let mut number = today.number;
        for (window, amount, of) in self.each(tokens) {
            let Some(window) = window else { continue };
            let Some(taken) = window.try_take(amount, number) else {
                // Somebody else was quicker. Only the requests were taken before.
                if of != Measure::RequestsPerDay {
                    self.unsent(number);
                }
                return Err(today.full(window, amount, of));
            };
            number = taken;
        }
        Ok(number)
    }

    /// What was taken on a day is found to be other tokens.
    pub(super) fn settle(&self, taken: u64, used: u64, number: u16) {
        if let Some(window) = &self.tokens {
            window.correct(taken, used, number);
        }
    }

    /// Gives a request of a day back.
    pub(super) fn unsent(&self, number: u16) {
        if let Some(window) = &self.requests {
            window.correct(1, 0, number);
        }
    }

    /// The share that is left of the scarcer, from 0 to 1.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "it is a share, and not an amount"
    )]
    pub(super) fn left(&self, now: Instant) -> f32 {
        let number = self.days.at(now).number;
        let share = |window: &Window| match window.limit() {
            0 => 0.0,
            limit => (window.left(number) as f64 / limit as f64) as f32,
        };
        let each = [&self.requests, &self.tokens].into_iter().flatten();
        each.map(share).fold(1.0, f32::min)
    }
}

// ===== impl Today =====

impl Today {
    fn full(self, window: &Window, needs: u64, of: Measure) -> Full {
        if needs > window.limit() {
            Full::Never {
                needs,
                limit: window.limit(),
                of,
            }
        } else {
            Full::Until(self.ends)
        }
    }
}
