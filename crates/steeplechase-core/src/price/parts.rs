use super::Unit;
use crate::Usage;

/// How much of each unit a call has used. The parts do not overlap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts([u64; Unit::ALL.len()]);

impl Parts {
    /// Takes usage apart.
    ///
    /// What providers say does not always add up. No token is counted twice, and there are never more
    /// parts than there is of the whole: what was read from a cache goes first, then what was written to
    /// it, audio, images, what is free, and all that is left is plain.
    pub(super) fn of(usage: &Usage) -> Self {
        let mut parts = Self([0; Unit::ALL.len()]);
        let mut fresh = usage.prompt;
        parts.set(Unit::CacheRead, take(&mut fresh, usage.cache_read));
        let mut written = take(&mut fresh, usage.cache_write);
        let for_an_hour = take(&mut written, usage.cache_write_1h);
        parts.set(Unit::CacheWriteHour, for_an_hour);
        parts.set(Unit::CacheWrite, written);
        parts.set(Unit::AudioIn, take(&mut fresh, usage.audio_in));
        parts.set(Unit::ImageIn, take(&mut fresh, usage.image_in));
        take(&mut fresh, usage.free_in);
        parts.set(Unit::Input, fresh);

        let mut words = usage.completion;
        parts.set(Unit::Reasoning, take(&mut words, usage.reasoning));
        parts.set(Unit::AudioOut, take(&mut words, usage.audio_out));
        parts.set(Unit::ImageOut, take(&mut words, usage.image_out));
        take(&mut words, usage.free_out);
        parts.set(Unit::Output, words);

        parts.set(Unit::Request, 1);
        parts.set(Unit::Search, usage.searches);
        parts.set(Unit::Image, usage.images);
        parts.set(Unit::Character, usage.characters);
        parts.set(Unit::Second, usage.milliseconds);
        parts
    }

    /// How much there is of a unit, in thousandths.
    pub(super) fn thousandths(&self, unit: Unit) -> u128 {
        let amount = u128::from(self.0[unit as usize]);
        match unit {
            // They are counted in milliseconds.
            Unit::Second => amount,
            _ => amount * 1_000,
        }
    }

    fn set(&mut self, unit: Unit, amount: u64) {
        self.0[unit as usize] = amount;
    }
}

/// Takes up to `amount` away from what is there.
fn take(rest: &mut u64, amount: u64) -> u64 {
    let taken = amount.min(*rest);
    *rest -= taken;
    taken
}
