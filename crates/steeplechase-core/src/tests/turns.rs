//! Whose turn it is.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::deployment::Turns;

proptest! {
    #[test]
    fn each_has_a_turn_soon_and_nobody_two_at_a_time(count in 0..1000_usize) {
        let (turns, all) = (Turns::new(), (0..count).collect::<Vec<_>>());
        let mut seen = BTreeSet::new();
        for _ in 0..count.div_ceil(Turns::MOST) {
            let now: Vec<_> = turns.of(&all).copied().collect();
            prop_assert_eq!(now.len(), count.min(Turns::MOST));
            prop_assert_eq!(now.iter().collect::<BTreeSet<_>>().len(), now.len());
            seen.extend(now);
        }
        prop_assert_eq!(seen.len(), count);
    }
}
