//! Findings as workflow commands, which GitHub shows beside the lines of a change.
//!
//! A step may show ten of each level; the heaviest come first, and what is beyond is counted.

use std::fmt::Write;

use crate::lint::{Count, Finding, Review};
use crate::report::visible_str;
use crate::source::Severity;

use super::page;
use super::place::Region;

/// How many commands of one level GitHub shows for a step.
const SHOWN: usize = 10;

/// The commands, the errors first, and a line with the numbers of all.
pub fn github(reviews: &[Review]) -> String {
    let mut text = String::new();
    for severity in Severity::ALL {
        let found = reviews.iter().flat_map(|review| {
            let findings = review.findings.iter().filter(move |it| it.severity == severity);
            findings.map(move |finding| (review, finding))
        });
        let found: Vec<_> = found.collect();
        for (review, finding) in found.iter().take(SHOWN) {
            let _ = writeln!(text, "{}", command(review, finding));
        }
        if let Some(more) = found.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let word = severity.word();
            let _ = writeln!(text, "{more} more of severity {word}: see the log, or SARIF");
        }
    }
    text + &Count::of(reviews).words() + "\n"
}

fn command(review: &Review, finding: &Finding) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let Region { start, end } = Region::of(&review.source, finding.at).visible();
    // Columns are taken only where a place is in one line.
    let columns = match start.line == end.line {
        true => format!(",col={},endColumn={}", start.column, end.column),
        false => String::new(),
    };
    let file = property(&review.path);
    let title = property(&format!("{} {}", finding.code(), finding.rule.name));
    let message = message(&page::message(finding));
    let (line, end) = (start.line, end.line);
    format!("::{name} file={file},line={line},endLine={end}{columns},title={title}::{message}")
}

fn message(text: &str) -> String {
    visible_str(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
