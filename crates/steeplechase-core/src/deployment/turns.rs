use std::sync::atomic::{AtomicUsize, Ordering};

/// Some of many, and the next time those after them: for what is worked out now and then of all deployments of a
/// group, on the path of a request that has not asked for it.
///
/// ```
/// use steeplechase_core::deployment::Turns;
///
/// let (turns, few, many) = (Turns::new(), vec![0; 3], (0..100).collect::<Vec<_>>());
/// assert_eq!(turns.of(&few).count(), 3);
/// assert_eq!(turns.of(&many).next(), Some(&0));
/// assert_eq!(turns.of(&many).next(), Some(&64));
/// // And around to where it began.
/// assert_eq!(turns.of(&many).next(), Some(&28));
/// ```
#[derive(Debug, Default)]
pub struct Turns(AtomicUsize);

impl Turns {
    /// So many at the most. What a histogram of each tells takes a few microseconds, so it is a fraction of a
    /// millisecond for all of them.
    pub const MOST: usize = 64;

    /// The first are first.
    pub const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Whose turn it is: all, of few.
    pub fn of<'a, T>(&self, all: &'a [T]) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let start = if all.len() > Self::MOST {
            self.0.fetch_add(Self::MOST, Ordering::Relaxed) % all.len()
        } else {
            0
        };
        let (before, after) = all.split_at(start);
        after.iter().chain(before).take(Self::MOST)
    }
}
