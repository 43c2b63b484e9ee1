//! Hashes that are the same in every process, so that several gateways agree.

/// FNV-1a of 64 bits, by Fowler, Noll and Vo.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fnv(u64);

// ===== impl Fnv =====

impl Fnv {
    pub(super) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// The hash, with all of its bits stirred.
    pub(super) const fn finish(self) -> u64 {
        mix(self.0)
    }
}

pub(super) fn of(bytes: &[u8]) -> u64 {
    let mut hash = Fnv::new();
    hash.write(bytes);
    hash.finish()
}

/// The last step of `SplitMix64`: each bit of the result depends on each of `word`.
pub(super) const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
