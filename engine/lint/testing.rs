//! What tests of rules stand on: a text goes in, and what is found comes out.

use std::sync::Arc;

use chrono::NaiveDate;

use super::finding::Finding;
use super::knowledge::Knowledge;
use super::reading::{self, SCHEMA, SYNTAX};
use super::scene::{Scene, Subject};
use crate::runbook::library;
use crate::source::{Problems, Source};
use crate::{document, plan, runbook};

/// A library that says nothing.
const NO_LIBRARY: &str = "holdpoint: 1\n";

/// The day on which tests review.
pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, 1).expect("there is such a day")
}

/// What is found in a runbook, each as `HP201 5:10 marked text`.
pub(crate) fn found(yaml: &str) -> Vec<String> {
    found_beside(NO_LIBRARY, yaml)
}

/// The same with a library around the runbook.
pub(crate) fn found_beside(library: &str, yaml: &str) -> Vec<String> {
    let source = Source::new("a.yaml", yaml);
    review_beside(library, yaml).iter().map(|finding| shown(finding, &source)).collect()
}

/// The findings of one rule, without its code.
pub(crate) fn of(code: &str, yaml: &str) -> Vec<String> {
    let mine = |text: String| text.strip_prefix(code)?.strip_prefix(' ').map(str::to_owned);
    found(yaml).into_iter().filter_map(mine).collect()
}

/// The findings of one rule about a script of several lines, which begins at 7:7.
pub(crate) fn of_script(code: &str, script: &str) -> Vec<String> {
    let book = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: |\n      ";
    of(code, &format!("{book}{script}\n"))
}

/// What one rule says about a runbook, in words.
pub(crate) fn messages(code: &str, yaml: &str) -> Vec<String> {
    let found = review(yaml).into_iter().filter(|finding| finding.rule.code == code);
    found.map(|finding| finding.message).collect()
}

/// A runbook with every fix of one rule made.
pub(crate) fn fixed(code: &str, yaml: &str) -> String {
    let found = review(yaml).into_iter().filter(|finding| finding.rule.code == code);
    let mut edits: Vec<_> =
        found.filter_map(|finding| finding.fix).flat_map(|fix| fix.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.at.start, edit.at.end)));
    let mut text = yaml.to_owned();
    for edit in edits {
        text.replace_range(edit.at.start..edit.at.end, &edit.text);
    }
    text
}

/// What is found in a runbook, in the order of the text.
pub(crate) fn review(yaml: &str) -> Vec<Finding> {
    review_beside(NO_LIBRARY, yaml)
}

/// A look at the scene of a runbook.
pub(crate) fn with_scene<T>(yaml: &str, see: impl FnOnce(&Scene<'_>) -> T) -> T {
    look(NO_LIBRARY, yaml, |scene, _| see(scene)).expect("the runbook is YAML")
}

fn review_beside(library: &str, yaml: &str) -> Vec<Finding> {
    let source = Source::new("a.yaml", yaml);
    let mut problems = Problems::default();
    document::parse(&source, &mut problems);
    let mut findings = reading::findings(&source, None, problems.sorted(), SYNTAX);
    let seen = look(library, yaml, |scene, problems| {
        let mut findings = reading::findings(&source, Some(scene), problems.sorted(), SCHEMA);
        findings.extend(super::lint(scene));
        findings
    });
    findings.extend(seen.unwrap_or_default());
    findings.sort_by_key(|finding| (finding.at.start, finding.rule.code));
    findings
}

/// A look at a scene, and at what was wrong beyond the tree; nothing where there is no tree.
fn look<T>(library: &str, yaml: &str, see: impl FnOnce(&Scene<'_>, Problems) -> T) -> Option<T> {
    let mut problems = Problems::default();
    let library = library::read(&Source::new("holdpoint.yaml", library), &mut problems);
    let library = Arc::new(library.expect("the library can be read"));
    let source = Source::new("a.yaml", yaml);
    let tree = document::parse(&source, &mut problems)?;
    let mut problems = Problems::default();
    let runbook = runbook::read_document(&source, &tree, &mut problems);
    let plan = runbook.clone().and_then(|it| plan::build(library.around(it), &mut problems));
    let knowledge = Knowledge::built_in();
    let scene = Scene::new(Subject {
        source: &source,
        document: &tree,
        runbook: runbook.as_ref(),
        plan: plan.as_ref(),
        library: &library,
        knowledge: &knowledge,
        today: today(),
    });
    Some(see(&scene, problems))
}

fn shown(finding: &Finding, source: &Source) -> String {
    let place = source.position(finding.at.start);
    let marked = source.text().get(finding.at.start..finding.at.end).unwrap_or_default();
    format!("{} {}:{} {}", finding.code(), place.line, place.column, marked.trim_end())
}
