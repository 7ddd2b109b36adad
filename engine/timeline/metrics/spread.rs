//! Lengths of time, and what they come to: how many there are, the one in the middle, the longest.

use schemars::JsonSchema;
use serde::Serialize;

/// What some lengths of time come to.
#[derive(Clone, Copy, Debug, Default, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Spread {
    /// How many of them are known.
    pub count: usize,
    /// The one in the middle in milliseconds, or what lies between the two that are.
    pub median_ms: Option<u64>,
    /// The longest, in milliseconds.
    pub max_ms: Option<u64>,
}

/// Lengths of time in milliseconds, in any order.
#[derive(Clone, Debug, Default)]
pub(super) struct Lengths(pub(super) Vec<u64>);

impl Lengths {
    /// Adds a length, where it is known; one that a clock made negative is nothing.
    pub(super) fn extend(&mut self, length_ms: Option<i64>) {
        self.0.extend(length_ms.map(|ms| u64::try_from(ms).unwrap_or_default()));
    }

    pub(super) fn spread(mut self) -> Spread {
        self.0.sort_unstable();
        let count = self.0.len();
        let (upper, lower) = (self.0.get(count / 2), self.0.get(count.saturating_sub(1) / 2));
        let median_ms = upper.zip(lower).map(|(upper, lower)| lower.midpoint(*upper));
        Spread { count, median_ms, max_ms: self.0.last().copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_in_the_middle_and_the_longest_are_told() {
        let cases: [(&[u64], Option<u64>, Option<u64>); 5] = [
            (&[], None, None),
            (&[7], Some(7), Some(7)),
            (&[9, 1], Some(5), Some(9)),
            (&[5, 1, 9], Some(5), Some(9)),
            (&[u64::MAX, u64::MAX, 1, 1], Some(u64::MAX / 2 + 1), Some(u64::MAX)),
        ];
        for (lengths, median_ms, max_ms) in cases {
            let count = lengths.len();
            let expected = Spread { count, median_ms, max_ms };
            assert_eq!(Lengths(lengths.to_vec()).spread(), expected, "{lengths:?}");
        }
    }

    #[test]
    fn what_a_clock_made_negative_is_nothing_and_what_is_not_known_is_not_counted() {
        let mut lengths = Lengths::default();
        [Some(-5), None, Some(3)].into_iter().for_each(|length| lengths.extend(length));
        assert_eq!(lengths.0, [0, 3]);
    }
}
