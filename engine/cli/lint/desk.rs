//! A desk: all that reviews of files need at hand, and the order in which they are made.
//!
//! All files are looked at first, on all cores; then what is found is judged.

use std::io::{self, Write};
use std::path::Path;

use chrono::NaiveDate;

use crate::cli::failure::Failure;
use crate::lint::library::across;
use crate::lint::review::{Card, Found};
use crate::lint::{Baseline, Finding, Review};
use crate::report::visible_str;
use crate::source::Source;

use super::files::Candidate;
use super::shelf::Shelf;
use super::shellcheck::Shellcheck;
use super::wish::Wish;
use super::{crowd, read};

/// What every review needs at hand.
pub struct Desk<'d> {
    /// What is known about tools.
    pub shelf: &'d Shelf,
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
        failures.extend(self.shelf.faults());
        let (files, mut found): (Vec<_>, Vec<_>) = looked.into_iter().unzip();
        if let Some(reason) = self.ask_shellcheck(&mut found.iter_mut().collect::<Vec<_>>()) {
            let _ = writeln!(io::stderr().lock(), "note: {}", visible_str(&reason));
        }
        let beside = across(&found, has_tests);
        let judged = files.into_iter().zip(found).zip(beside).map(|((file, found), beside)| {
            let review = self.judged(found, &beside);
            Reviewed { file, review, beside }
        });
        (judged.collect(), failures)
    }

    /// The reviews of files whose texts have changed; none of one that cannot be read any more.
    pub fn again(&self, texts: &[(&Reviewed, Source)]) -> Vec<Option<Review>> {
        let look = |(it, source): &(&Reviewed, Source)| {
            read::look_at(source.clone(), &it.file, self).ok().flatten()
        };
        let mut found = crowd::each(texts, look);
        self.ask_shellcheck(&mut found.iter_mut().flatten().collect::<Vec<_>>());
        let again = found.into_iter().zip(texts);
        again.map(|(found, (it, _))| Some(self.judged(found?, &it.beside))).collect()
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
