//! Findings as the diagnostics of reviewdog, which offers their fixes as suggestions.
//!
//! Its columns are bytes, from 1.

use serde_json::{Value as Json, json};

use crate::lint::{Finding, Review};
use crate::source::{Severity, Source, Span};

use super::page;
use super::place;

/// One document with all findings.
pub fn rdjson(reviews: &[Review]) -> String {
    let diagnostics: Vec<Json> = reviews
        .iter()
        .flat_map(|review| review.findings.iter().map(|finding| diagnostic(review, finding)))
        .collect();
    let document = json!({
        "source": { "name": "holdpoint" },
        "severity": "WARNING",
        "diagnostics": diagnostics,
    });
    format!("{document:#}\n")
}

fn diagnostic(review: &Review, finding: &Finding) -> Json {
    let source = &review.source;
    let severity = match finding.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    };
    let mut found = json!({
        "message": page::message(finding),
        "location": { "path": review.path, "range": range(source, finding.at) },
        "severity": severity,
        "code": { "value": finding.code() },
    });
    let whole = finding.fix.as_ref().and_then(|fix| place::whole(source, fix));
    if let (Some(edit), Some(found)) = (whole, found.as_object_mut()) {
        let suggestion = json!({ "range": range(source, edit.at), "text": edit.text });
        found.insert("suggestions".into(), json!([suggestion]));
    }
    found
}

fn range(source: &Source, at: Span) -> Json {
    let position = |offset: usize| {
        let line = source.position(offset).line;
        json!({ "line": line, "column": offset.saturating_sub(source.line_start(line)) + 1 })
    };
    json!({ "start": position(at.start), "end": position(at.end) })
}
