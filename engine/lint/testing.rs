//! What tests of rules stand on: a text goes in, and what is found comes out.

use std::sync::Arc;

use chrono::NaiveDate;

use super::finding::Finding;
use super::knowledge::Knowledge;
use super::reading::{self, SCHEMA, SYNTAX};
use super::scene::{Scene, Subject};
use crate::runbook::library::Library;
use crate::source::{Problems, Source};
use crate::{document, plan, runbook};

/// What is found in a runbook, each as `HP201 5:10 marked text`.
pub(crate) fn found(yaml: &str) -> Vec<String> {
    let source = Source::new("a.yaml", yaml);
    let shown = |finding: &Finding| {
        let place = source.position(finding.at.start);
        let marked = yaml.get(finding.at.start..finding.at.end).unwrap_or_default();
        format!("{} {}:{} {}", finding.code(), place.line, place.column, marked.trim_end())
    };
    review(yaml).iter().map(shown).collect()
}

/// What is found in a runbook on the day after Christmas 2026.
pub(crate) fn review(yaml: &str) -> Vec<Finding> {
    let source = Source::new("a.yaml", yaml);
    let mut problems = Problems::default();
    let tree = document::parse(&source, &mut problems);
    let mut findings = reading::findings(&source, None, problems.sorted(), SYNTAX);
    let Some(tree) = tree else { return findings };
    let mut problems = Problems::default();
    let runbook = runbook::read_document(&source, &tree, &mut problems);
    let library = Arc::new(Library::default());
    let plan = runbook.clone().and_then(|it| plan::build(library.around(it), &mut problems));
    let knowledge = Knowledge::built_in();
    let scene = Scene::new(Subject {
        source: &source,
        document: &tree,
        runbook: runbook.as_ref(),
        plan: plan.as_ref(),
        library: &library,
        knowledge: &knowledge,
        today: NaiveDate::from_ymd_opt(2026, 12, 26).expect("this is a day"),
    });
    findings.extend(reading::findings(&source, Some(&scene), problems.sorted(), SCHEMA));
    findings.extend(super::lint(&scene));
    findings.sort_by_key(|finding| (finding.at.start, finding.rule.code));
    findings
}
