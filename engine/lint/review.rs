//! A review: what there is to say about one file, after levels, suppressions and baseline.

use crate::source::{Severity, Source, Spanned};

use super::baseline::Baseline;
use super::finding::{Finding, Safety};
use super::policy::Policy;
use super::rule::{Check, Rule};
use super::shellcheck;
use super::suppress::Comments;

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
    /// How many findings were settled by fixes.
    pub fixed: usize,
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

/// All that was found in one file, before anything is left out.
#[derive(Debug)]
pub struct Found {
    /// The text.
    pub source: Source,
    /// Where it stands.
    pub place: Place,
    /// What its library says of rules.
    pub policy: Policy,
    /// The comments in it that suppress findings.
    pub comments: Comments,
    /// What was found, in any order.
    pub findings: Vec<Finding>,
    /// Its scripts.
    pub scripts: Vec<shellcheck::Subject>,
    /// Whether shellcheck was asked about its scripts.
    pub has_asked_shellcheck: bool,
    /// What the others of its library see of it.
    pub card: Option<Card>,
}

/// What the others of its library see of a file.
#[derive(Clone, Debug)]
pub enum Card {
    /// A runbook, by its id.
    Runbook(Spanned<String>),
    /// Tests, by the path of their runbook from the file.
    Tests(String),
}

/// Where a file stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Place {
    /// Its path in its repository.
    pub in_repository: String,
    /// Its path in its library.
    pub in_library: String,
}

impl Found {
    /// Whether it counts what shellcheck says, and there is something to ask about.
    pub fn wants_shellcheck(&self) -> bool {
        let counts = |rule: &&'static Rule| matches!(rule.check, Check::Shellcheck);
        !self.scripts.is_empty() && self.policy.rules().iter().any(counts)
    }

    /// Takes in what shellcheck said about the scripts.
    pub fn hear<'a>(&mut self, said: impl Fn(&str) -> Option<&'a [shellcheck::Comment]>) {
        for subject in &self.scripts {
            let comments = said(subject.script()).unwrap_or_default();
            self.findings.extend(subject.findings(comments, &self.source));
        }
        self.has_asked_shellcheck = true;
    }
}

impl Review {
    /// What is told of a file: what no comment and nobody in the library has answered for, and what
    /// is not in the baseline.
    pub fn new(found: Found, baseline: Option<&Baseline>) -> Review {
        let Found { source, place, policy, comments, findings, has_asked_shellcheck, .. } = found;
        let (left, suppressed) = comments.apply(&source, findings, has_asked_shellcheck);
        let left = policy.settle(left);
        let (left, answered) = policy.answer(left, &place.in_library);
        let counts = |it: Suppressed| {
            let finding = policy.settle(vec![it.finding]).pop()?;
            Some(Suppressed { finding, ..it })
        };
        let mut suppressed: Vec<Suppressed> = suppressed.into_iter().filter_map(counts).collect();
        suppressed.extend(answered);
        let mut review = Review {
            path: place.in_repository,
            findings: left,
            suppressed,
            in_baseline: 0,
            fixed: 0,
            fail_on: policy.fail_on,
            rules: looked_at(&policy, has_asked_shellcheck),
            source,
        };
        review.sort();
        if let Some(baseline) = baseline {
            baseline.leave_out(&mut review);
        }
        review
    }

    fn sort(&mut self) {
        let order = |a: &Finding, b: &Finding| {
            (a.at.start, a.rule.code, &a.part).cmp(&(b.at.start, b.rule.code, &b.part))
        };
        self.findings.sort_by(order);
        self.suppressed.sort_by(|a, b| order(&a.finding, &b.finding));
    }

    /// Whether something is found that makes the review fail.
    pub fn fails(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity >= self.fail_on)
    }
}

/// The rules that were looked at.
fn looked_at(policy: &Policy, has_asked_shellcheck: bool) -> Vec<&'static Rule> {
    let rules = policy.rules().into_iter();
    rules.filter(|it| has_asked_shellcheck || !matches!(it.check, Check::Shellcheck)).collect()
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
    /// Those that fixes have settled.
    pub fixed: usize,
}

impl Count {
    /// What some reviews come to.
    pub fn of(reviews: &[Review]) -> Count {
        let mut count = Count { files: reviews.len(), ..Count::default() };
        for review in reviews {
            count.suppressed += review.suppressed.len();
            count.in_baseline += review.in_baseline;
            count.fixed += review.fixed;
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
            let fixable = if self.safe > 0 { "" } else { "fixable " };
            parts.push(format!("{} {fixable}with --unsafe-fixes", self.risky));
        }
        let fixable = parts.join(", ");
        let mut left_out = Vec::new();
        if self.suppressed > 0 {
            left_out.push(format!("{} suppressed", self.suppressed));
        }
        if self.in_baseline > 0 {
            left_out.push(format!("{} in the baseline", self.in_baseline));
        }
        let fixed = if self.fixed > 0 { format!("{} fixed", self.fixed) } else { String::new() };
        let parts = [fixed, fixable, left_out.join(", ")];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("; ")
    }
}

/// A number of things, in words.
pub fn counted(number: usize, noun: &str) -> String {
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
        let more = Count { notes: 2, safe: 2, risky: 1, ..some };
        let all = Count { suppressed: 1, in_baseline: 4, fixed: 5, ..more };
        assert_eq!(
            all.words(),
            "3 errors, 1 warning, 2 notes in 12 files \
             (5 fixed; 2 fixable with --fix, 1 with --unsafe-fixes; 1 suppressed, 4 in the baseline)"
        );
    }
}
