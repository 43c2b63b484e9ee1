/// Which deployments of a group cannot take a request: a set of places.
///
/// Nearly always it is empty, and a group of up to 64 needs no memory for it in any case.
#[derive(Debug, Default)]
pub(super) struct Unfit {
    first: u64,
    /// What is beyond the first word.
    more: Vec<u64>,
}

// ===== impl Unfit =====

impl Unfit {
    pub(super) fn insert(&mut self, index: usize) {
        let bit = 1 << (index % 64);
        match (index / 64).checked_sub(1) {
            None => self.first |= bit,
            Some(word) => {
                if self.more.len() <= word {
                    self.more.resize(word + 1, 0);
                }
                self.more[word] |= bit;
            }
        }
    }

    pub(super) fn contains(&self, index: usize) -> bool {
        let word = match (index / 64).checked_sub(1) {
            None => self.first,
            Some(word) => self.more.get(word).copied().unwrap_or(0),
        };
        word & (1 << (index % 64)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_what_was_put_into_it() {
        let mut unfit = Unfit::default();
        let members = [0, 5, 63, 64, 130, 1000];
        for index in members {
            unfit.insert(index);
        }
        for index in 0..2000 {
            assert_eq!(unfit.contains(index), members.contains(&index), "{index}");
        }
    }
}
