//! How often a runbook must be read through and practised, as it is written in `review` and `drill`.
//!
//! It is read from the tree, leniently: a runbook that cannot be run falls due all the same, and what
//! is wrong with a key is told by whoever checks the file.

use std::time::Duration;

use chrono::NaiveDate;

use crate::document::{Node, parse_duration};

const DAY: u64 = 24 * 60 * 60;

/// How old a review may be where nothing says so.
pub const USUAL_REVIEW: Duration = Duration::from_secs(180 * DAY);

/// What a runbook says of its reviews.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Review {
    /// The day of the last one.
    pub last: Option<NaiveDate>,
    /// How often there must be one.
    pub every: Option<Duration>,
    /// The day of the next one, where that is fixed.
    pub next: Option<NaiveDate>,
}

/// What a runbook says of its drills.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Drill {
    /// The day of the last one.
    pub last: Option<NaiveDate>,
    /// How often there must be one.
    pub every: Option<Duration>,
    /// How long before it the participants are told.
    pub notice: Option<Duration>,
}

impl Review {
    /// The reviews of a runbook; none where it does not speak of any.
    pub fn of(tree: &Node) -> Option<Review> {
        let review = tree.under("review")?;
        let day = |key| review.under(key).and_then(day);
        Some(Review { last: day("last"), every: length(review, "every"), next: day("next") })
    }
}

impl Drill {
    /// The drills of a runbook; none where it does not speak of any.
    pub fn of(tree: &Node) -> Option<Drill> {
        let drill = tree.under("drill")?;
        let last = drill.under("last").and_then(day);
        Some(Drill { last, every: length(drill, "every"), notice: length(drill, "notice") })
    }
}

/// What a node says as a day.
pub fn day(node: &Node) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(node.as_str()?, "%Y-%m-%d").ok()
}

/// How many whole days a length of time is.
pub fn days(length: Duration) -> u64 {
    length.as_secs() / DAY
}

/// A number of days in words.
pub fn days_text(days: u64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

/// The length of time that stands under a key.
pub fn length(node: &Node, key: &str) -> Option<Duration> {
    parse_duration(node.under(key)?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use crate::source::{Problems, Source};

    fn tree(text: &str) -> Node {
        document::parse(&Source::new("x.yaml", text), &mut Problems::default()).unwrap()
    }

    #[test]
    fn what_can_be_read_of_a_cadence_counts_and_what_cannot_is_left_out() {
        let found =
            tree("review: {last: 2026-01-31, every: 90d}\ndrill: {every: 30d, notice: 7}\n");
        let day = NaiveDate::from_ymd_opt(2026, 1, 31);
        let every = Some(Duration::from_secs(90 * DAY));
        assert_eq!(Review::of(&found), Some(Review { last: day, every, next: None }));
        let every = Some(Duration::from_secs(30 * DAY));
        assert_eq!(Drill::of(&found), Some(Drill { last: None, every, notice: None }));
        assert_eq!(Review::of(&tree("id: x\n")), None);
        assert_eq!(Drill::of(&tree("drill: often\n")), Some(Drill::default()));
    }
}
