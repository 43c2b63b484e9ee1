use std::sync::atomic::{AtomicU64, Ordering};

/// How many tokens nine of ten answers stay within, going by those of late.
///
/// It goes up by a step when an answer is longer, and down by a ninth of that when it is not, so it settles
/// where one of ten is longer. It is one number, and so needs no lock.
#[derive(Debug, Default)]
pub(super) struct Usual(
    /// In thousandths of a token. Zero until there has been an answer.
    AtomicU64,
);

/// What is assumed until there has been an answer.
const FIRST: u64 = 512;

/// How long an answer may be that is believed.
const MOST: u64 = 1 << 32;

impl Usual {
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub(super) fn tokens(&self) -> u64 {
        match self.0.load(Ordering::Relaxed) {
            0 => FIRST,
            usual => usual.div_ceil(1000),
        }
    }

    /// An answer was that long.
    pub(super) fn learn(&self, tokens: u64) {
        let tokens = tokens.clamp(1, MOST) * 1000;
        let next = |usual: u64| {
            Some(match usual {
                0 => tokens,
                // Nine thirty-seconds up, one down: multiples, so that it is as quick for long ones.
                _ if tokens > usual => tokens.min(usual + usual * 9 / 32 + 1),
                _ => tokens.max(usual - usual / 32),
            })
        };
        _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }
}
