//! A desk: all that reviews of files need at hand, and the order in which they are made.
//!
//! All files are looked at first, on all cores; then what is found is judged.

use chrono::NaiveDate;

use crate::cli::failure::Failure;
use crate::lint::knowledge::Knowledge;
use crate::lint::review::Found;
use crate::lint::{Baseline, Review};
use crate::source::Source;

use super::files::Candidate;
use super::wish::Wish;
use super::{crowd, read};

/// What every review needs at hand.
pub struct Desk<'d> {
    /// What is known about tools.
    pub knowledge: &'d Knowledge,
    /// The day of the review.
    pub today: NaiveDate,
    /// What the person who asks wishes.
    pub wish: &'d Wish,
    /// What was there before.
    pub baseline: Option<&'d Baseline>,
}

/// A file and its review.
pub struct Reviewed {
    /// The file.
    pub file: Candidate,
    /// Its review.
    pub review: Review,
}

impl Desk<'_> {
    /// The reviews in the order of the files, and why some files could not be read. What is no
    /// runbook and only lies in a folder has none.
    pub fn review(&self, files: &[Candidate]) -> (Vec<Reviewed>, Vec<Failure>) {
        let (mut looked, mut failures) = (Vec::new(), Vec::new());
        let done = crowd::each(files, |file| read::look(file, self));
        for (file, done) in files.iter().zip(done) {
            match done {
                Ok(found) => looked.extend(found.map(|found| (file.clone(), found))),
                Err(failure) => failures.push(failure),
            }
        }
        let judged = looked.into_iter().map(|(file, found)| {
            let review = self.judged(found);
            Reviewed { file, review }
        });
        (judged.collect(), failures)
    }

    /// The reviews of files whose texts have changed; none of one that cannot be read any more.
    pub fn again(&self, texts: Vec<(&Candidate, Source)>) -> Vec<Option<Review>> {
        let look = |(file, source): &(&Candidate, Source)| {
            read::look_at(source.clone(), file, self).ok().flatten()
        };
        let found = crowd::each(&texts, look);
        found.into_iter().map(|found| Some(self.judged(found?))).collect()
    }

    fn judged(&self, found: Found) -> Review {
        Review::new(found, self.baseline)
    }
}
