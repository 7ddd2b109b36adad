//! Findings as Markdown, for the summary of a job.

use std::fmt::Write;

use crate::lint::{Count, Finding, Review};
use crate::report::visible_str;
use crate::source::Severity;

/// How many rows the table has: a summary may be no larger than a mebibyte.
const ROWS: usize = 500;

/// A heading, the numbers, and a table with the errors first.
pub fn md(reviews: &[Review]) -> String {
    let mut text = format!("# Holdpoint lint\n\n{}\n", Count::of(reviews).words());
    let mut found: Vec<(&Review, &Finding)> = Vec::new();
    for severity in Severity::ALL {
        for review in reviews {
            let findings = review.findings.iter().filter(|it| it.severity == severity);
            found.extend(findings.map(|finding| (review, finding)));
        }
    }
    if found.is_empty() {
        return text;
    }
    text.push_str("\n| severity | rule | place | step | finding |\n|---|---|---|---|---|\n");
    for (review, finding) in found.iter().take(ROWS) {
        let place = review.source.position(finding.at.start);
        let _ = writeln!(
            text,
            "| {} | {} {} | {}:{}:{} | {} | {} |",
            finding.severity.word(),
            cell(&finding.code()),
            finding.rule.name,
            cell(&review.path),
            place.line,
            place.column,
            cell(finding.step.as_deref().unwrap_or_default()),
            cell(&super::page::message(finding)),
        );
    }
    if let Some(more) = found.len().checked_sub(ROWS).filter(|more| *more > 0) {
        let _ = writeln!(text, "\nand {more} more");
    }
    text
}

/// A text in a cell: none of it is a link, HTML or the end of the cell.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for char in visible_str(text).chars() {
        match char {
            '|' | '\\' | '[' | ']' | '*' | '_' | '@' | '#' | '~' => {
                cell.push('\\');
                cell.push(char);
            }
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '&' => cell.push_str("&amp;"),
            '\n' | '\t' => cell.push(' '),
            _ => cell.push(char),
        }
    }
    cell
}
