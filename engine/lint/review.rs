//! A review: what there is to say about one file, after levels, suppressions and baseline.

use crate::source::{Severity, Source};

use super::finding::{Finding, Safety};
use super::rule::Rule;

/// What one file comes to.
#[derive(Debug)]
pub struct Review {
    /// The text, under the name that a person typed.
    pub source: Source,
    /// Its path in its repository, the same from wherever the review is started.
    pub path: String,
    /// What is told, in the order of the text.
    pub findings: Vec<Finding>,
    /// What is told nobody, and why.
    pub suppressed: Vec<Suppressed>,
    /// How many findings stand in the baseline.
    pub in_baseline: usize,
    /// The weight from which a finding makes the review fail.
    pub fail_on: Severity,
    /// The rules that were looked at.
    pub rules: Vec<&'static Rule>,
}

/// A finding that somebody has answered for.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// Why it is left out.
    pub reason: Option<String>,
    /// Whether a comment in the file says so, and not the library.
    pub is_in_source: bool,
}

impl Review {
    /// Whether something is found that makes the review fail.
    pub fn fails(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity >= self.fail_on)
    }
}

/// How much was found in all files.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Count {
    /// Files that were looked at.
    pub files: usize,
    /// Findings by weight.
    pub errors: usize,
    /// Findings by weight.
    pub warnings: usize,
    /// Findings by weight.
    pub notes: usize,
    /// Those with a safe fix.
    pub safe: usize,
    /// Those with another fix.
    pub risky: usize,
    /// Those that somebody has answered for.
    pub suppressed: usize,
    /// Those in the baseline.
    pub in_baseline: usize,
}

impl Count {
    /// What some reviews come to.
    pub fn of(reviews: &[Review]) -> Count {
        let mut count = Count { files: reviews.len(), ..Count::default() };
        for review in reviews {
            count.suppressed += review.suppressed.len();
            count.in_baseline += review.in_baseline;
            review.findings.iter().for_each(|finding| count.add(finding));
        }
        count
    }

    fn add(&mut self, finding: &Finding) {
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Note => self.notes += 1,
        }
        match finding.fix.as_ref().map(|fix| fix.safety) {
            Some(Safety::Safe) => self.safe += 1,
            Some(Safety::Unsafe) => self.risky += 1,
            None => {}
        }
    }

    /// All of it in a line: `3 errors, 7 warnings in 12 files (2 fixable with --fix)`.
    pub fn words(&self) -> String {
        let kinds = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let found = kinds.into_iter().filter(|(number, _)| *number > 0);
        let found: Vec<String> = found.map(|(number, noun)| counted(number, noun)).collect();
        let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
        let more = self.more();
        let more = if more.is_empty() { more } else { format!(" ({more})") };
        format!("{found} in {}{more}", counted(self.files, "file"))
    }

    fn more(&self) -> String {
        let mut parts = Vec::new();
        if self.safe > 0 {
            parts.push(format!("{} fixable with --fix", self.safe));
        }
        if self.risky > 0 {
            parts.push(format!("{} with --unsafe-fixes", self.risky));
        }
        let fixable = parts.join(", ");
        let mut left_out = Vec::new();
        if self.suppressed > 0 {
            left_out.push(format!("{} suppressed", self.suppressed));
        }
        if self.in_baseline > 0 {
            left_out.push(format!("{} in the baseline", self.in_baseline));
        }
        let parts = [fixable, left_out.join(", ")];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("; ")
    }
}

fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_names_what_there_is_and_nothing_else() {
        let none = Count { files: 1, ..Count::default() };
        assert_eq!(none.words(), "no findings in 1 file");
        let some = Count { files: 12, errors: 3, warnings: 1, ..Count::default() };
        assert_eq!(some.words(), "3 errors, 1 warning in 12 files");
        let all = Count { notes: 2, safe: 2, risky: 1, suppressed: 1, in_baseline: 4, ..some };
        assert_eq!(
            all.words(),
            "3 errors, 1 warning, 2 notes in 12 files \
             (2 fixable with --fix, 1 with --unsafe-fixes; 1 suppressed, 4 in the baseline)"
        );
    }
}
