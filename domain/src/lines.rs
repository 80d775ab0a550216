//! Lines of an order: what each comes to, and what went back of it.

use crate::money::shares_in_steps;

/// What a line comes to, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineAmounts {
    /// Of a piece.
    pub unit: i64,
    pub quantity: i64,
    pub discount: i64,
    pub tax: i64,
}

impl LineAmounts {
    /// A quantity at a price, without discount or tax.
    pub fn of(unit: i64, quantity: i64) -> Self {
        Self { unit, quantity, ..Self::default() }
    }

    /// All pieces at their price; the most that can be counted where it is more.
    pub fn subtotal(&self) -> i64 {
        self.checked_subtotal().unwrap_or(i64::MAX)
    }

    /// As [`LineAmounts::subtotal`]; nothing where it is more than can be counted.
    pub fn checked_subtotal(&self) -> Option<i64> {
        self.unit.checked_mul(self.quantity)
    }

    /// What is paid for it.
    pub fn total(&self) -> i64 {
        self.subtotal() - self.discount + self.tax
    }
}

/// Money that went back, or is promised to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Back {
    /// Minor units.
    pub amount: i64,
    /// The line that it is for, by its place; of the whole order when absent.
    pub line: Option<usize>,
}

/// What each of `back`, in the order in which it was asked for, took from each of `lines`.
///
/// What names a line takes from that line. What names none, or more than its line has left, takes from all lines by what is left
/// of them. So no line ever loses more than it cost, and together they lose what went back, at most what they cost.
pub fn spread(lines: &[i64], back: &[Back], step: i64) -> Vec<Vec<i64>> {
    let mut left = lines.to_vec();
    back.iter()
        .map(|back| {
            let mut taken = vec![0; left.len()];
            let mut amount = back.amount;
            if let Some(line) = back.line.filter(|line| *line < left.len()) {
                taken[line] = amount.clamp(0, left[line].max(0));
                left[line] -= taken[line];
                amount -= taken[line];
            }
            for (n, share) in shares_in_steps(amount, &left, step).into_iter().enumerate() {
                taken[n] += share;
                left[n] -= share;
            }
            taken
        })
        .collect()
}

/// What is left of each line after `back`.
pub fn left(lines: &[i64], back: &[Back], step: i64) -> Vec<i64> {
    let taken = spread(lines, back, step);
    lines.iter().enumerate().map(|(n, line)| line - taken.iter().map(|taken| taken[n]).sum::<i64>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(amount: i64) -> Back {
        Back { amount, line: None }
    }

    fn of(line: usize, amount: i64) -> Back {
        Back { amount, line: Some(line) }
    }

    #[test]
    fn a_line_comes_to_its_pieces_less_the_discount_and_the_tax_on_top() {
        let line = LineAmounts { discount: 100, tax: 57, ..LineAmounts::of(500, 2) };
        assert_eq!((line.subtotal(), line.total()), (1_000, 957));
        assert_eq!(LineAmounts::of(i64::MAX, 2).checked_subtotal(), None);
        assert_eq!(LineAmounts::of(i64::MAX, 2).subtotal(), i64::MAX);
    }

    #[test]
    fn a_line_that_is_named_loses_alone_and_the_rest_is_shared_by_what_is_left() {
        assert_eq!(left(&[500, 900], &[of(0, 500)], 1), [0, 900]);
        assert_eq!(left(&[500, 900], &[whole(560)], 1), [300, 540]);
        assert_eq!(left(&[500, 900], &[of(0, 500), whole(400)], 1), [0, 500]);
        assert_eq!(left(&[500, 900], &[whole(1400)], 1), [0, 0]);
        assert_eq!(left(&[50_000, 90_000], &[whole(30_100)], 100), [39_200, 70_700], "no hundredth of a krona is kept of a line");
    }

    #[test]
    fn more_than_a_line_had_is_taken_from_the_others_as_old_refunds_may() {
        assert_eq!(left(&[500, 2000], &[of(0, 2000)], 1), [0, 500]);
        assert_eq!(left(&[500], &[of(0, 2000)], 1), [0]);
        assert_eq!(left(&[500], &[of(7, 100)], 1), [400]);
        assert_eq!(left(&[], &[whole(100)], 1), Vec::<i64>::new());
    }

    proptest! {
        #[test]
        fn multiplication_never_wraps(unit in 0i64.., quantity in 0i64..) {
            let subtotal = LineAmounts::of(unit, quantity).checked_subtotal().map(i128::from);
            prop_assert_eq!(subtotal, Some(i128::from(unit) * i128::from(quantity)).filter(|sum| *sum <= i128::from(i64::MAX)));
        }

        #[test]
        fn no_line_loses_more_than_it_cost_and_nothing_is_lost(
            lines in prop::collection::vec(0i64..=99_999_999, 1..20),
            back in prop::collection::vec((0i64..=99_999_999, prop::option::of(0usize..20)), 0..20),
        ) {
            let back: Vec<Back> = back.into_iter().map(|(amount, line)| Back { amount, line }).collect();
            let left = left(&lines, &back, 1);
            prop_assert!(left.iter().zip(&lines).all(|(left, line)| (0..=*line).contains(left)));
            let sum: i64 = lines.iter().sum();
            prop_assert_eq!(left.iter().sum::<i64>(), (sum - back.iter().map(|back| back.amount).sum::<i64>()).max(0));
        }
    }
}
