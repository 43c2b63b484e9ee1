use std::time::Duration;

/// When a hedge is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Delay {
    /// Never: requests go straight through.
    Off,
    /// A fixed time after the primary. With a delay of zero both are sent at once.
    Fixed(Duration),
    /// When the primary takes longer than most do, see [`HedgeConfig::quantile`].
    Auto,
}

/// The settings of a [`HedgeLayer`](super::HedgeLayer).
///
/// Every value of every setting is valid, so that building one cannot fail.
///
/// # Defaults
///
/// * [`max_extra`](Self::max_extra): 0.05, the share at which most of the gain is had: past 7 % it
///   grows slowly.
/// * [`burst`](Self::burst): 20 hedges.
/// * [`quantile`](Self::quantile): 1 − `max_extra`, as in Finagle's backup requests.
/// * [`floor`](Self::floor): 250 ms.
/// * [`initial`](Self::initial): 4 s.
/// * [`max_cost_ratio`](Self::max_cost_ratio): 2.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct HedgeConfig {
    pub(super) delay: Delay,
    pub(super) max_extra: f64,
    pub(super) burst: u16,
    pub(super) floor: Duration,
    pub(super) initial: Duration,
    cost_ratio: f64,
    quantile: Option<f64>,
}

impl HedgeConfig {
    /// Sends hedges when `delay` says.
    pub const fn new(delay: Delay) -> Self {
        Self {
            delay,
            max_extra: 0.05,
            burst: 20,
            floor: Duration::from_millis(250),
            initial: Duration::from_secs(4),
            cost_ratio: 2.0,
            quantile: None,
        }
    }

    /// Sets the share of requests that may be hedged for being slow. Clamped to between 0 and 1.
    ///
    /// It is what keeps a slow upstream from being sent twice the load just when it can bear it
    /// least. With zero, only a failed primary is followed by a second copy.
    pub const fn max_extra(mut self, share: f64) -> Self {
        self.max_extra = share;
        self
    }

    /// Sets how many hedges may be saved up while none are needed. All of them are there at the start.
    pub const fn burst(mut self, hedges: u16) -> Self {
        self.burst = hedges;
        self
    }

    /// Sets which quantile of the latency is the delay. Clamped to between 0.5 and 0.999. It has no
    /// effect unless the delay is [`Delay::Auto`].
    pub const fn quantile(mut self, quantile: f64) -> Self {
        self.quantile = Some(quantile);
        self
    }

    /// Sets the shortest delay that [`Delay::Auto`] may find.
    pub const fn floor(mut self, floor: Duration) -> Self {
        self.floor = floor;
        self
    }

    /// Sets the delay of [`Delay::Auto`] while fewer than 50 latencies are known.
    pub const fn initial(mut self, initial: Duration) -> Self {
        self.initial = initial;
        self
    }

    /// Sets how many times as much as the primary a hedge may cost, where both prices are known. At least 1; what
    /// is no number is the default. It holds for a primary that is slow: one that has failed costs nothing.
    ///
    /// It needs a [pool](super::HedgeLayer::pool), and a [`Policy`](super::Policy) that knows the size of
    /// requests.
    pub const fn max_cost_ratio(mut self, ratio: f64) -> Self {
        self.cost_ratio = ratio;
        self
    }

    /// How many times as much as the primary a hedge may cost.
    pub(super) fn cost_ratio(&self) -> f64 {
        if self.cost_ratio.is_nan() {
            2.0
        } else {
            self.cost_ratio.max(1.0)
        }
    }

    /// The quantile of the delay.
    pub(super) fn delay_quantile(&self) -> f64 {
        let quantile = self.quantile.unwrap_or(1.0 - self.max_extra);
        if quantile.is_nan() {
            0.95
        } else {
            quantile.clamp(0.5, 0.999)
        }
    }

    /// The quantile of the second delay, for when hedges are scarce: of those slower than the first
    /// delay, two in five are slower than this one too. To 0.95 it is 0.98.
    pub(super) fn tier_quantile(&self) -> f64 {
        1.0 - 0.4 * (1.0 - self.delay_quantile())
    }
}

impl Default for HedgeConfig {
    /// [`Delay::Auto`], with the defaults above.
    fn default() -> Self {
        Self::new(Delay::Auto)
    }
}
