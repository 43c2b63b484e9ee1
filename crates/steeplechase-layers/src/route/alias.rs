use fastrand::Rng;

/// Draws one of several in proportion to its weight, in the same time however many there are.
///
/// Walker's alias method, with tables as Vose builds them (IEEE TSE 17(9), 1991): each column holds the
/// chance of its own and the one that gets the rest.
#[derive(Debug)]
pub(super) struct Alias(Box<[Column]>);

#[derive(Clone, Copy, Debug)]
struct Column {
    /// The chance of the column's own.
    own: f64,
    other: u32,
}

// ===== impl Alias =====

impl Alias {
    /// `None` if there is no weight at all.
    pub(super) fn new(weights: &[f64]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        if total <= 0.0 {
            return None;
        }
        #[allow(clippy::cast_precision_loss, reason = "a group has fewer than 2^53")]
        let scale = weights.len() as f64 / total;
        let mut columns: Box<[Column]> = (0..)
            .zip(weights)
            .map(|(other, weight)| Column {
                own: weight * scale,
                other,
            })
            .collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..columns.len()).partition(|at| columns[*at].own < 1.0);
        while let (Some(low), Some(high)) = (small.pop(), large.pop()) {
            columns[low].other = u32::try_from(high).unwrap_or(u32::MAX);
            // What the small one leaves free is taken from the large one.
            columns[high].own -= 1.0 - columns[low].own;
            if columns[high].own < 1.0 {
                small.push(high);
            } else {
                large.push(high);
            }
        }
        // What is left is full, but for what was rounded.
        for left in small.into_iter().chain(large) {
            columns[left].own = 1.0;
        }
        Some(Self(columns))
    }

    /// The place of the one that is drawn.
    pub(super) fn draw(&self, rng: &mut Rng) -> usize {
        let place = rng.usize(..self.0.len());
        let column = self.0[place];
        if rng.f64() < column.own {
            place
        } else {
            column.other as usize
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_drawn_as_often_as_its_weight_says() {
        let weights = [0.0, 1.0, 2.0, 3.0, 0.5, 3.5];
        let alias = Alias::new(&weights).unwrap();
        let mut rng = Rng::with_seed(1);
        let mut drawn = [0_u32; 6];
        for _ in 0..100_000 {
            drawn[alias.draw(&mut rng)] += 1;
        }
        for (drawn, weight) in drawn.into_iter().zip(weights) {
            let expected = weight * 10_000.0;
            // Five standard deviations.
            assert!((f64::from(drawn) - expected).abs() <= 5.0 * expected.sqrt());
        }
    }

    #[test]
    fn without_any_weight_there_is_nothing_to_draw_by() {
        assert!(Alias::new(&[]).is_none());
        assert!(Alias::new(&[0.0, 0.0]).is_none());
    }

    #[test]
    fn one_of_next_to_no_weight_is_no_match_for_the_largest_there_is() {
        let alias = Alias::new(&[1e-12, 1e9]).unwrap();
        let mut rng = Rng::with_seed(1);
        assert!((0..1000).all(|_| alias.draw(&mut rng) == 1));
    }
}
