//! Findings as a code quality report of GitLab.

use serde_json::{Value as Json, json};

use crate::lint::Review;
use crate::source::{Severity, digest};

use super::page;
use super::place::Region;

/// The report: a list, in which no fingerprint comes twice.
pub fn gitlab(reviews: &[Review]) -> String {
    let issues: Json = reviews.iter().flat_map(issues).collect();
    format!("{issues:#}\n")
}

fn issues(review: &Review) -> Vec<Json> {
    let pairs = review.findings.iter().zip(review.fingerprints());
    let issue = |(finding, (print, number)): (&crate::lint::Finding, (String, usize))| {
        let Region { start, end } = Region::of(&review.source, finding.at);
        let severity = match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Note => "info",
        };
        json!({
            "description": page::message(finding),
            "check_name": finding.code(),
            "fingerprint": digest(format!("{print}:{number}").as_bytes()),
            "severity": severity,
            "location": {
                "path": review.path,
                "positions": {
                    "begin": { "line": start.line, "column": start.column },
                    "end": { "line": end.line, "column": end.column },
                },
            },
        })
    };
    pairs.map(issue).collect()
}
