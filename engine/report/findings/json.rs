//! Findings as JSON. The names and the order of the fields are a promise.

use schemars::JsonSchema;
use serde::Serialize;

use crate::lint::{Finding, Review, Safety};
use crate::source::{Source, Span};

use super::place::Region;

/// The version of the form.
const VERSION: u32 = 1;

/// What `holdpoint lint --format json` prints.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Findings {
    /// The version of this form.
    version: u32,
    /// How many files were looked at.
    files: usize,
    /// What was found, file by file, in the order of the text.
    findings: Vec<Entry>,
}

/// One finding. Lines and columns count from 1, a column being a character; ends are exclusive.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Entry {
    /// The code of the rule, such as `HP201`.
    code: &'static str,
    /// The part of the rule, where it has parts: `SC2086` of HP401.
    part: Option<String>,
    /// The name of the rule.
    name: &'static str,
    /// How much it weighs: `error`, `warning` or `note`.
    severity: &'static str,
    /// How sure it is: `high`, `medium` or `low`.
    confidence: &'static str,
    /// What was found, in a sentence.
    message: String,
    /// The file, as it was named.
    path: String,
    /// The line where it begins.
    line: usize,
    /// The column where it begins.
    column: usize,
    /// The line where it ends.
    end_line: usize,
    /// The column where it ends.
    end_column: usize,
    /// The path of the step that it is about.
    step: Option<String>,
    /// Other places that explain it.
    related: Vec<Related>,
    /// What to do about it.
    help: Option<String>,
    /// A change of the text that settles it.
    fix: Option<Fix>,
    /// What stays the same of it while the file around it changes.
    fingerprint: String,
}

/// Another place that explains a finding.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Related {
    /// What it is.
    message: String,
    /// The line where it begins.
    line: usize,
    /// The column where it begins.
    column: usize,
}

/// A change of the text that settles a finding.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Fix {
    /// `safe` where `--fix` makes it, `unsafe` where `--unsafe-fixes` does.
    safety: &'static str,
    /// What it does.
    title: String,
    /// The changes, all or none of which are made.
    edits: Vec<Edit>,
}

/// A range of the text, and what comes there.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Edit {
    /// The line where it begins.
    line: usize,
    /// The column where it begins.
    column: usize,
    /// The line where it ends.
    end_line: usize,
    /// The column where it ends.
    end_column: usize,
    /// The text that comes there.
    text: String,
}

/// One document with all findings.
pub fn json(reviews: &[Review]) -> String {
    let findings = reviews.iter().flat_map(entries).collect();
    let document = Findings { version: VERSION, files: reviews.len(), findings };
    // There is nothing in it that JSON cannot hold.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// A line for each finding.
pub fn jsonl(reviews: &[Review]) -> String {
    let lines = reviews.iter().flat_map(entries);
    lines.map(|entry| serde_json::to_string(&entry).unwrap_or_default() + "\n").collect()
}

fn entries(review: &Review) -> Vec<Entry> {
    let pairs = review.findings.iter().zip(review.fingerprints());
    pairs.map(|(finding, (print, _))| entry(&review.source, finding, print)).collect()
}

fn entry(source: &Source, finding: &Finding, fingerprint: String) -> Entry {
    let region = Region::of(source, finding.at);
    Entry {
        code: finding.rule.code,
        part: finding.part.clone(),
        name: finding.rule.name,
        severity: finding.severity.word(),
        confidence: finding.rule.confidence.word(),
        message: finding.message.clone(),
        path: source.name().to_owned(),
        line: region.start.line,
        column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
        step: finding.step.clone(),
        related: finding.related.iter().map(|it| related(source, it)).collect(),
        help: finding.help.clone(),
        fix: finding.fix.as_ref().map(|it| fix(source, it)),
        fingerprint,
    }
}

fn related(source: &Source, (at, words): &(Span, String)) -> Related {
    let place = source.position(at.start);
    Related { message: words.clone(), line: place.line, column: place.column }
}

fn fix(source: &Source, fix: &crate::lint::Fix) -> Fix {
    let edit = |edit: &crate::lint::Edit| {
        let Region { start, end } = Region::exactly(source, edit.at);
        Edit {
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            text: edit.text.clone(),
        }
    };
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    Fix { safety, title: fix.title.clone(), edits: fix.edits.iter().map(edit).collect() }
}
