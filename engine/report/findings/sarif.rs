//! Findings as SARIF 2.1.0, in the form that code scanning of GitHub takes.
//!
//! Paths are those in the repository, columns are characters, and a result is known again by its
//! fingerprint wherever its line has gone.

use serde_json::{Map, Value as Json, json};

use crate::lint::{Confidence, Edit, Finding, RULES, Review, Rule};
use crate::source::{Severity, Source, Span};

use super::page;
use super::place::{Region, uri};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What the paths of all results are relative to.
const ROOT: &str = "%SRCROOT%";

/// One run of the tool, with all its rules.
pub fn sarif(reviews: &[Review]) -> String {
    let results: Vec<Json> = reviews.iter().flat_map(results).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "holdpoint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn descriptor(rule: &Rule) -> Json {
    let precision = match rule.confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    };
    let severity = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    };
    let mut properties = json!({
        "precision": precision,
        "problem.severity": severity,
        "tags": ["runbook", page::family(rule)],
    });
    if let (Some(score), Some(map)) = (page::security(rule), properties.as_object_mut()) {
        map.insert("security-severity".into(), score.into());
        map.insert("tags".into(), json!(["runbook", page::family(rule), "security"]));
    }
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.about },
        "fullDescription": { "text": format!("{} {}", rule.about, page::plain(rule.why)) },
        "help": { "text": page::text(rule), "markdown": page::markdown(rule) },
        "defaultConfiguration": { "level": rule.severity.word() },
        "properties": properties,
    })
}

fn results(review: &Review) -> Vec<Json> {
    let told = review.findings.iter().zip(review.fingerprints());
    let told = told.map(|(finding, print)| Json::Object(result(review, finding, &print)));
    let suppressed = review.suppressed.iter().zip(review.suppressed_fingerprints());
    let suppressed = suppressed.map(|(it, print)| {
        let mut found = result(review, &it.finding, &print);
        let kind = if it.is_in_source { "inSource" } else { "external" };
        let mut why = json!({ "kind": kind });
        if let (Some(reason), Some(why)) = (&it.reason, why.as_object_mut()) {
            why.insert("justification".into(), reason.as_str().into());
        }
        found.insert("suppressions".into(), json!([why]));
        Json::Object(found)
    });
    told.chain(suppressed).collect()
}

fn result(review: &Review, finding: &Finding, print: &(String, usize)) -> Map<String, Json> {
    let source = &review.source;
    let mut location = json!({ "physicalLocation": physical(review, finding.at) });
    if let (Some(step), Some(location)) = (&finding.step, location.as_object_mut()) {
        location.insert("logicalLocations".into(), json!([{ "fullyQualifiedName": step }]));
    }
    let mut found = Map::new();
    found.insert("ruleId".into(), finding.rule.code.into());
    let place = RULES.iter().position(|rule| rule.code == finding.rule.code);
    found.insert("ruleIndex".into(), json!(place));
    found.insert("level".into(), finding.severity.word().into());
    found.insert("message".into(), json!({ "text": page::message(finding) }));
    found.insert("locations".into(), json!([location]));
    let print = format!("{}:{}", print.0, print.1);
    found.insert("partialFingerprints".into(), json!({ "primaryLocationLineHash": print }));
    if !finding.related.is_empty() {
        let related = finding.related.iter().zip(0..).map(|((at, words), id): (_, u32)| {
            let place = physical(review, *at);
            json!({ "id": id, "physicalLocation": place, "message": { "text": words } })
        });
        found.insert("relatedLocations".into(), related.collect());
    }
    if let Some(fix) = &finding.fix {
        let changes = fix.edits.iter().map(|edit| replacement(source, edit));
        let change = json!({
            "artifactLocation": artifact(review),
            "replacements": changes.collect::<Vec<_>>(),
        });
        let fix = json!({ "description": { "text": fix.title }, "artifactChanges": [change] });
        found.insert("fixes".into(), json!([fix]));
    }
    if let Some(part) = &finding.part {
        found.insert("properties".into(), json!({ "part": part }));
    }
    found
}

fn artifact(review: &Review) -> Json {
    json!({ "uri": uri(&review.path), "uriBaseId": ROOT })
}

fn physical(review: &Review, at: Span) -> Json {
    let region = region(Region::of(&review.source, at).visible());
    json!({ "artifactLocation": artifact(review), "region": region })
}

fn region(Region { start, end }: Region) -> Json {
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn replacement(source: &Source, edit: &Edit) -> Json {
    let deleted = region(Region::exactly(source, edit.at));
    json!({ "deletedRegion": deleted, "insertedContent": { "text": edit.text } })
}
