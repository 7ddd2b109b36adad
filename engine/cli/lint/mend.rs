//! Makes the fixes of findings, round by round, and looks at each file again in between.

use crate::lint::fix::{self, Made, ROUNDS};
use crate::lint::{Finding, Review, Safety};
use crate::source::Source;

use super::desk::{Desk, Reviewed};

/// A file that fixes have changed.
pub struct Change {
    /// Which of the files it is.
    pub place: usize,
    /// The text before.
    pub before: String,
    /// How many fixes were made.
    pub made: usize,
}

/// Makes all fixes of some safety; the reviews become those of the changed texts.
pub fn mend(reviewed: &mut [Reviewed], up_to: Safety, desk: &Desk<'_>) -> Vec<Change> {
    let before: Vec<Source> = reviewed.iter().map(|it| it.review.source.clone()).collect();
    let mut made: Vec<Made> = reviewed.iter().map(|_| Made::default()).collect();
    for _ in 0..ROUNDS {
        let next: Vec<(usize, Next)> = reviewed
            .iter()
            .zip(&made)
            .enumerate()
            .filter_map(|(place, (it, made))| Some((place, Next::of(&it.review, up_to, made)?)))
            .collect();
        if next.is_empty() {
            break;
        }
        let texts = next.iter().map(|(place, next)| (&reviewed[*place], next.source.clone()));
        let again = desk.again(&texts.collect::<Vec<_>>());
        for ((place, next), again) in next.into_iter().zip(again) {
            let it = &mut reviewed[place];
            match again.filter(|again| again.is_no_worse_than(&it.review)) {
                Some(again) => next.take(again, it, &mut made[place]),
                None => one_by_one(it, up_to, &mut made[place], desk),
            }
        }
    }
    let changes = before.into_iter().zip(made).zip(reviewed).enumerate();
    changes
        .filter(|(_, ((before, _), it))| before.text() != it.review.source.text())
        .map(|(place, ((before, made), it))| {
            it.review.fixed = made.number;
            Change { place, before: before.text().to_owned(), made: made.number }
        })
        .collect()
}

/// A text after a round of fixes, which is to be looked at.
struct Next {
    source: Source,
    made: Made,
}

impl Next {
    fn of(review: &Review, up_to: Safety, made: &Made) -> Option<Next> {
        Next::by(review, &review.fixable(up_to), made)
    }

    fn by(review: &Review, findings: &[&Finding], made: &Made) -> Option<Next> {
        let round = fix::round(&review.source, findings, made)?;
        let mut made = made.clone();
        made.keep(&review.source, findings, &round);
        Some(Next { source: Source::new(review.source.name(), round.text), made })
    }

    fn take(self, again: Review, reviewed: &mut Reviewed, made: &mut Made) {
        reviewed.review = again;
        *made = self.made;
    }
}

/// Makes those of the fixes that leave the file one that can be run; what the others are is known
/// then, and they are not tried again.
fn one_by_one(reviewed: &mut Reviewed, up_to: Safety, made: &mut Made, desk: &Desk<'_>) {
    let tried = reviewed.review.fixable(up_to).len();
    for _ in 0..tried {
        let fixable = reviewed.review.fixable(up_to);
        let Some((finding, next)) = fixable
            .iter()
            .find_map(|it| Some(((*it).clone(), Next::by(&reviewed.review, &[*it], made)?)))
        else {
            return;
        };
        let again = desk.again(&[(&*reviewed, next.source.clone())]).pop().flatten();
        match again.filter(|again| again.is_no_worse_than(&reviewed.review)) {
            Some(again) => next.take(again, reviewed, made),
            None => made.pass_over(&reviewed.review.source, &finding),
        }
    }
}
