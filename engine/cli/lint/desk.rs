//! A desk: all that reviews of files need at hand, and the order in which they are made.
//!
//! All files are looked at first, on all cores; then what is found is judged.

use std::io::{self, Write};

use chrono::NaiveDate;

use crate::cli::failure::Failure;
use crate::lint::knowledge::Knowledge;
use crate::lint::review::Found;
use crate::lint::{Baseline, Review};
use crate::report::visible_str;
use crate::source::Source;

use super::files::Candidate;
use super::shellcheck::Shellcheck;
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
    /// Whether shellcheck is asked.
    pub asks_shellcheck: bool,
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
        let (files, mut found): (Vec<_>, Vec<_>) = looked.into_iter().unzip();
        if let Some(reason) = self.ask_shellcheck(&mut found.iter_mut().collect::<Vec<_>>()) {
            let _ = writeln!(io::stderr().lock(), "note: {}", visible_str(&reason));
        }
        let judged = files.into_iter().zip(found).map(|(file, found)| {
            let review = self.judged(found);
            Reviewed { file, review }
        });
        (judged.collect(), failures)
    }

    /// The reviews of files whose texts have changed; none of one that cannot be read any more.
    pub fn again(&self, texts: &[(&Candidate, Source)]) -> Vec<Option<Review>> {
        let look = |(file, source): &(&Candidate, Source)| {
            read::look_at(source.clone(), file, self).ok().flatten()
        };
        let mut found = crowd::each(texts, look);
        self.ask_shellcheck(&mut found.iter_mut().flatten().collect::<Vec<_>>());
        found.into_iter().map(|found| Some(self.judged(found?))).collect()
    }

    /// Asks shellcheck about all scripts at once; why it was not asked, where somebody should know.
    fn ask_shellcheck(&self, found: &mut [&mut Found]) -> Option<String> {
        let is_wanted = self.asks_shellcheck && found.iter().any(|it| it.wants_shellcheck());
        if !is_wanted {
            return None;
        }
        let Some(shellcheck) = Shellcheck::find() else {
            return Some("shellcheck is not installed, so HP401 was left out".to_owned());
        };
        let wanted = found.iter().filter(|it| it.wants_shellcheck());
        match shellcheck.ask(wanted.flat_map(|it| &it.scripts)) {
            Ok(answers) => {
                let said = |script: &str| answers.get(script).map(Vec::as_slice);
                found.iter_mut().for_each(|it| it.hear(said));
                None
            }
            Err(error) => Some(format!("shellcheck was not heard, so HP401 was left out: {error}")),
        }
    }

    fn judged(&self, found: Found) -> Review {
        Review::new(found, self.baseline)
    }
}
