//! A desk: all that reviews of files need at hand, and the order in which they are made.
//!
//! All files are looked at first, on all cores; then what is found is judged.

use std::path::Path;

use chrono::NaiveDate;

use crate::cli::failure::Failure;
use crate::lint::knowledge::Knowledge;
use crate::lint::library::across;
use crate::lint::review::{Card, Found};
use crate::lint::{Baseline, Finding, Review};
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
    /// What is to be said of it beside the other files.
    beside: Vec<Finding>,
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
        let (files, found): (Vec<Candidate>, Vec<Found>) = looked.into_iter().unzip();
        let beside = across(&found, has_tests);
        let judged = files.into_iter().zip(found).zip(beside).map(|((file, found), beside)| {
            let review = self.judged(found, &beside);
            Reviewed { file, review, beside }
        });
        (judged.collect(), failures)
    }

    /// The reviews of files whose texts have changed; none of one that cannot be read any more.
    pub fn again(&self, texts: Vec<(&Reviewed, Source)>) -> Vec<Option<Review>> {
        let look = |(it, source): &(&Reviewed, Source)| {
            read::look_at(source.clone(), &it.file, self).ok().flatten()
        };
        let found = crowd::each(&texts, look);
        let again = found.into_iter().zip(&texts);
        again.map(|(found, (it, _))| Some(self.judged(found?, &it.beside))).collect()
    }

    fn judged(&self, mut found: Found, beside: &[Finding]) -> Review {
        if let Some(Card::Runbook(id)) = &found.card {
            // A fix may have moved it.
            let here = |finding: &Finding| Finding { at: id.span, ..finding.clone() };
            found.findings.extend(beside.iter().map(here));
        }
        Review::new(found, self.baseline)
    }
}

/// Whether tests lie beside a runbook by the name that they usually have.
fn has_tests(found: &Found) -> bool {
    let path = Path::new(found.source.name());
    ["test.yaml", "test.yml"].iter().any(|ending| path.with_extension(ending).is_file())
}
